
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Checks URLs of files, which the provider fetches.  Since the parser that the
 * provider uses is unknown, anything that parsers may read differently is
 * rejected: user names; backslashes, percent signs and bytes beyond ASCII in
 * the host; control characters anywhere.
 */


#include <chat/ngx_http_aistream_request_private.h>


/* maximum length of a host */
#define NGX_HTTP_AISTREAM_HOST_MAX  253


typedef struct {
    uint32_t                         network;
    ngx_uint_t                       bits;
} ngx_http_aistream_request_network_t;


static ngx_uint_t ngx_http_aistream_request_history_urls_part(
    ngx_http_aistream_chat_t *chat, ngx_http_aistream_request_rules_t *rules,
    ngx_http_aistream_part_t *part);
static ngx_int_t ngx_http_aistream_request_url_host(ngx_str_t *url,
    ngx_str_t *host, ngx_uint_t *https);
static u_char *ngx_http_aistream_request_url_name(u_char *p, u_char *last);
static u_char *ngx_http_aistream_request_url_literal(u_char *p,
    u_char *last);
static ngx_uint_t ngx_http_aistream_request_url_public(ngx_str_t *host);
static ngx_uint_t ngx_http_aistream_request_url_public_name(ngx_str_t *host);
static ngx_uint_t ngx_http_aistream_request_url_numeric(ngx_str_t *host);
static ngx_int_t ngx_http_aistream_request_url_ipv4(ngx_str_t *host,
    uint32_t *address);
static u_char *ngx_http_aistream_request_url_number(u_char *p, u_char *last,
    uint64_t *n);
static ngx_uint_t ngx_http_aistream_request_url_public_ipv4(uint32_t address);
static ngx_uint_t ngx_http_aistream_request_url_public_ipv6(ngx_str_t *host);


/* IANA special-purpose addresses, and the metadata address of Azure */

static ngx_http_aistream_request_network_t
    ngx_http_aistream_request_networks[] =
{
    { 0x00000000, 8 },               /* 0.0.0.0/8 */
    { 0x0a000000, 8 },               /* 10.0.0.0/8 */
    { 0x64400000, 10 },              /* 100.64.0.0/10 */
    { 0x7f000000, 8 },               /* 127.0.0.0/8 */
    { 0xa83f8110, 32 },              /* 168.63.129.16 */
    { 0xa9fe0000, 16 },              /* 169.254.0.0/16 */
    { 0xac100000, 12 },              /* 172.16.0.0/12 */
    { 0xc0000000, 24 },              /* 192.0.0.0/24 */
    { 0xc0000200, 24 },              /* 192.0.2.0/24 */
    { 0xc0586300, 24 },              /* 192.88.99.0/24 */
    { 0xc0a80000, 16 },              /* 192.168.0.0/16 */
    { 0xc6120000, 15 },              /* 198.18.0.0/15 */
    { 0xc6336400, 24 },              /* 198.51.100.0/24 */
    { 0xcb007100, 24 },              /* 203.0.113.0/24 */
    { 0xe0000000, 3 },               /* multicast and reserved */
    { 0, 0 }
};


ngx_uint_t
ngx_http_aistream_request_url(ngx_http_aistream_request_rules_t *rules,
    ngx_str_t *url)
{
    u_char                     name[NGX_HTTP_AISTREAM_HOST_MAX];
    ngx_str_t                  host;
    ngx_uint_t                 https;
    ngx_http_aistream_urls_t  *urls;

    urls = rules->urls;

    if (urls == NULL || urls->mode == NGX_HTTP_AISTREAM_URLS_OFF) {
        return 0;
    }

    if (urls->mode == NGX_HTTP_AISTREAM_URLS_ANY) {
        return 1;
    }

    if (ngx_http_aistream_request_url_host(url, &host, &https) != NGX_OK) {
        return 0;
    }

    ngx_strlow(name, host.data, host.len);
    host.data = name;

    return (urls->listed && urls->listed(urls->data, &host))
           || (urls->mode == NGX_HTTP_AISTREAM_URLS_HTTPS && https
               && ngx_http_aistream_request_url_public(&host));
}


void
ngx_http_aistream_request_history_urls(ngx_http_aistream_chat_t *chat,
    ngx_http_aistream_urls_t *urls)
{
    ngx_uint_t                         i, k, n;
    ngx_http_aistream_part_t          *part;
    ngx_http_aistream_message_t       *m;
    ngx_http_aistream_request_rules_t  rules;

    rules.urls = urls;
    chat->client_urls = 0;

    m = chat->messages.elts;

    for (i = 0; i < chat->messages.nelts; i++) {
        part = m[i].parts.elts;
        n = 0;

        for (k = 0; k < m[i].parts.nelts; k++) {
            if (ngx_http_aistream_request_history_urls_part(chat, &rules,
                                                            &part[k]))
            {
                part[n++] = part[k];
            }
        }

        m[i].parts.nelts = n;
    }

    for (i = 0, n = 0; i < chat->messages.nelts; i++) {
        if (m[i].parts.nelts) {
            m[n++] = m[i];
        }
    }

    chat->messages.nelts = n;
}


static ngx_uint_t
ngx_http_aistream_request_history_urls_part(ngx_http_aistream_chat_t *chat,
    ngx_http_aistream_request_rules_t *rules, ngx_http_aistream_part_t *part)
{
    if (part->type != NGX_HTTP_AISTREAM_PART_FILE || part->url.len == 0) {
        return 1;
    }

    if (ngx_http_aistream_request_url(rules, &part->url)) {
        chat->client_urls = 1;
        return 1;
    }

    ngx_log_error(NGX_LOG_INFO, chat->pool->log, 0,
                  "aistream: a file of the history was left out: it has a URL "
                  "that is not allowed");

    return 0;
}


/* parses http[s]://HOST[:PORT][/...], the host without a trailing dot */

static ngx_int_t
ngx_http_aistream_request_url_host(ngx_str_t *url, ngx_str_t *host,
    ngx_uint_t *https)
{
    u_char  *p, *last;

    last = url->data + url->len;

    for (p = url->data; p < last; p++) {
        if (*p <= ' ' || *p == 0x7f) {
            return NGX_DECLINED;
        }
    }

    p = url->data;

    if (url->len > 8 && ngx_strncasecmp(p, (u_char *) "https://", 8) == 0) {
        p += 8;
        *https = 1;

    } else if (url->len > 7
               && ngx_strncasecmp(p, (u_char *) "http://", 7) == 0)
    {
        p += 7;
        *https = 0;

    } else {
        return NGX_DECLINED;
    }

    host->data = p;

    p = (*p == '[') ? ngx_http_aistream_request_url_literal(p, last)
                    : ngx_http_aistream_request_url_name(p, last);

    host->len = p - host->data;

    if (p < last && *p == ':') {
        for (p++; p < last && *p >= '0' && *p <= '9'; p++) { /* void */ }
    }

    if (p < last && *p != '/' && *p != '?' && *p != '#') {
        return NGX_DECLINED;
    }

    if (host->len && host->data[host->len - 1] == '.') {
        host->len--;
    }

    return (host->len && host->len <= NGX_HTTP_AISTREAM_HOST_MAX)
           ? NGX_OK : NGX_DECLINED;
}


static u_char *
ngx_http_aistream_request_url_name(u_char *p, u_char *last)
{
    while (p < last
           && ((*p >= '0' && *p <= '9')
               || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')
               || *p == '-' || *p == '_' || *p == '.'))
    {
        p++;
    }

    return p;
}


static u_char *
ngx_http_aistream_request_url_literal(u_char *p, u_char *last)
{
    for (p++; p < last; p++) {

        if (*p == ']') {
            return p + 1;
        }

        if (!((*p >= '0' && *p <= '9')
              || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'f')
              || *p == ':' || *p == '.'))
        {
            break;
        }
    }

    return p;
}


static ngx_uint_t
ngx_http_aistream_request_url_public(ngx_str_t *host)
{
    uint32_t  address;

    if (host->data[0] == '[') {
        return ngx_http_aistream_request_url_public_ipv6(host);
    }

    if (!ngx_http_aistream_request_url_numeric(host)) {
        return ngx_http_aistream_request_url_public_name(host);
    }

    return ngx_http_aistream_request_url_ipv4(host, &address) == NGX_OK
           && ngx_http_aistream_request_url_public_ipv4(address);
}


/* whether the host is a name with a dot, and not of a private domain */

static ngx_uint_t
ngx_http_aistream_request_url_public_name(ngx_str_t *host)
{
    size_t       len;
    u_char      *p, *last;
    ngx_uint_t   dots;
    const char **end;

    static const char  *ends[] = {
        ".localhost", ".local", ".internal", ".localdomain", ".lan",
        ".home.arpa", ".intranet", NULL
    };

    dots = 0;
    last = host->data + host->len;

    for (p = host->data; p < last; p++) {

        if (*p != '.') {
            continue;
        }

        if (p == host->data || p[-1] == '.') {
            return 0;
        }

        dots++;
    }

    for (end = ends; *end; end++) {
        len = ngx_strlen(*end);

        if (host->len >= len && ngx_memcmp(last - len, *end, len) == 0) {
            return 0;
        }
    }

    return dots && last[-1] != '.';
}


/*
 * Whether the host is an IPv4 address in any form: its last label is a number.
 */

static ngx_uint_t
ngx_http_aistream_request_url_numeric(ngx_str_t *host)
{
    u_char  *p, *label, *last;

    last = host->data + host->len;

    for (label = last; label > host->data && label[-1] != '.'; label--) {
        /* void */
    }

    if (last - label >= 2 && label[0] == '0' && label[1] == 'x') {
        return 1;
    }

    for (p = label; p < last && *p >= '0' && *p <= '9'; p++) { /* void */ }

    return p == last;
}


/*
 * The same as inet_aton(): one to four numbers, the last fills the remaining
 * bytes.
 */

static ngx_int_t
ngx_http_aistream_request_url_ipv4(ngx_str_t *host, uint32_t *address)
{
    u_char      *p, *last;
    uint64_t     n;
    ngx_uint_t   i;

    p = host->data;
    last = p + host->len;
    *address = 0;

    for (i = 0; i < 4; i++) {
        p = ngx_http_aistream_request_url_number(p, last, &n);

        if (p == NULL) {
            return NGX_DECLINED;
        }

        if (p == last) {
            if (n >> (8 * (4 - i))) {
                return NGX_DECLINED;
            }

            *address |= (uint32_t) n;

            return NGX_OK;
        }

        if (*p++ != '.' || n > 255) {
            return NGX_DECLINED;
        }

        *address |= (uint32_t) n << (8 * (3 - i));
    }

    return NGX_DECLINED;
}


/*
 * Parses a decimal number, an octal one after 0, or a hexadecimal one after
 * 0x.
 */

static u_char *
ngx_http_aistream_request_url_number(u_char *p, u_char *last, uint64_t *n)
{
    u_char      *start, ch;
    ngx_uint_t   base, digit;

    base = 10;
    *n = 0;

    if (last - p >= 2 && p[0] == '0' && p[1] == 'x') {
        base = 16;
        p += 2;

    } else if (p < last && p[0] == '0') {
        base = 8;
    }

    for (start = p; p < last; p++) {
        ch = *p;

        digit = (ch >= '0' && ch <= '9') ? (ngx_uint_t) (ch - '0')
                : (ch >= 'a' && ch <= 'f') ? (ngx_uint_t) (ch - 'a' + 10)
                : base;

        if (digit >= base) {
            break;
        }

        *n = *n * base + digit;

        if (*n > 0xffffffff) {
            return NULL;
        }
    }

    return (p == start && base != 16) ? NULL : p;
}


static ngx_uint_t
ngx_http_aistream_request_url_public_ipv4(uint32_t address)
{
    ngx_http_aistream_request_network_t  *net;

    for (net = ngx_http_aistream_request_networks; net->bits; net++) {
        if (((address ^ net->network) >> (32 - net->bits)) == 0) {
            return 0;
        }
    }

    return 1;
}


/* whether the address is in 2000::/3, except embedded IPv4 and examples */

static ngx_uint_t
ngx_http_aistream_request_url_public_ipv6(ngx_str_t *host)
{
    u_char     *p, *last;
    uint32_t    group[2];
    ngx_int_t   n;
    ngx_uint_t  i;

    p = host->data + 1;
    last = host->data + host->len;

    for (i = 0; i < 2; i++) {
        group[i] = 0;

        for (n = 0; p + n < last && p[n] != ':' && p[n] != ']'; n++) {
            /* void */
        }

        if (n > 4 || (n && (n = ngx_hextoi(p, n)) == NGX_ERROR)) {
            return 0;
        }

        group[i] = (uint32_t) n;
        p = ngx_strlchr(p, last, ':');

        if (p == NULL) {
            return 0;
        }

        p++;
    }

    return last[-1] == ']'
           && (group[0] & 0xe000) == 0x2000
           && group[0] != 0x2002
           && (group[0] != 0x2001 || (group[1] > 0x1ff && group[1] != 0xdb8))
           && (group[0] & 0xfff0) != 0x3ff0;
}
