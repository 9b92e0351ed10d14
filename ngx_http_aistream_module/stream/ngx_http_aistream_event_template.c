
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <stream/ngx_http_aistream_event_template.h>


/* the maximum size of an event without its text; larger events are parsed */
#define NGX_HTTP_AISTREAM_EVENT_TEMPLATE_SIZE   2048

/* no template is learnt after more consecutive misses than this number */
#define NGX_HTTP_AISTREAM_EVENT_TEMPLATE_MISSES   32

/* the maximum number of digits of a count */
#define NGX_HTTP_AISTREAM_EVENT_TEMPLATE_DIGITS  9

/* a string that varies must be shorter */
#define NGX_HTTP_AISTREAM_EVENT_TEMPLATE_STRING  128


#define ngx_http_aistream_event_template_count(usage, member)                 \
    (*(ngx_int_t *) ((u_char *) (usage) + (member)->offset))


/* a hole, by its place in the event from which the template is learnt */

typedef struct {
    u_char                              *start;
    u_char                              *end;
    const ngx_http_aistream_varying_t   *member;    /* NULL: the text */
} ngx_http_aistream_event_template_gap_t;


static ngx_int_t ngx_http_aistream_event_template_find(u_char *start,
    u_char *end, const ngx_http_aistream_varying_t *member,
    ngx_http_aistream_usage_t *usage,
    ngx_http_aistream_event_template_gap_t *gap);
static u_char *ngx_http_aistream_event_template_skip(u_char *p, u_char *last,
    u_char ch);
static u_char *ngx_http_aistream_event_template_value(u_char *p, u_char *last,
    const ngx_http_aistream_varying_t *member,
    ngx_http_aistream_usage_t *usage);
static void ngx_http_aistream_event_template_insert(
    ngx_http_aistream_event_template_gap_t *gaps, ngx_uint_t n,
    ngx_http_aistream_event_template_gap_t *gap);


ngx_int_t
ngx_http_aistream_event_template_learn(
    ngx_http_aistream_event_template_t *template, ngx_pool_t *pool,
    u_char *start, u_char *end, ngx_str_t *text,
    ngx_http_aistream_delta_e type, const ngx_http_aistream_varying_t *varying,
    ngx_http_aistream_usage_t *usage)
{
    u_char                                  *p;
    ngx_uint_t                               i, n, misses;
    ngx_http_aistream_event_template_gap_t   gap;
    ngx_http_aistream_event_template_gap_t   gaps[
                                        NGX_HTTP_AISTREAM_EVENT_TEMPLATE_HOLES];

    template->len = 0;

#if (NGX_HTTP_AISTREAM_NO_TEMPLATE)
    return NGX_OK;
#endif

    misses = template->misses;

    if (end - start - text->len > NGX_HTTP_AISTREAM_EVENT_TEMPLATE_SIZE
        || misses > NGX_HTTP_AISTREAM_EVENT_TEMPLATE_MISSES)
    {
        return NGX_OK;
    }

    template->misses++;

    if ((size_t) (end - start) - text->len > template->size) {

        template->bytes = ngx_palloc(pool,
                                     NGX_HTTP_AISTREAM_EVENT_TEMPLATE_SIZE);
        if (template->bytes == NULL) {
            return NGX_ERROR;
        }

        template->size = NGX_HTTP_AISTREAM_EVENT_TEMPLATE_SIZE;
    }

    gaps[0].start = text->data;
    gaps[0].end = text->data + text->len;
    gaps[0].member = NULL;
    n = 1;

    /*
     * Each hole makes matching slower, so only as many members are tried as
     * there were consecutive misses.
     */

    for (i = 0; i < misses && varying && varying->name.len; i++, varying++) {
        if (n < NGX_HTTP_AISTREAM_EVENT_TEMPLATE_HOLES
            && ngx_http_aistream_event_template_find(start, end, varying,
                                                     usage, &gap)
               == NGX_OK)
        {
            ngx_http_aistream_event_template_insert(gaps, n++, &gap);
        }
    }

    p = template->bytes;

    for (i = 0; i < n; i++) {
        template->holes[i].len = gaps[i].start - start;
        template->holes[i].member = gaps[i].member;

        p = ngx_cpymem(p, start, gaps[i].start - start);
        start = gaps[i].end;
    }

    p = ngx_cpymem(p, start, end - start);

    template->nholes = n;
    template->type = type;
    template->len = p - template->bytes;

    return NGX_OK;
}


/* inserts a gap into n gaps, which are sorted by their place */

static void
ngx_http_aistream_event_template_insert(
    ngx_http_aistream_event_template_gap_t *gaps, ngx_uint_t n,
    ngx_http_aistream_event_template_gap_t *gap)
{
    while (n && gaps[n - 1].start > gap->start) {
        gaps[n] = gaps[n - 1];
        n--;
    }

    gaps[n] = *gap;
}


/*
 * Finds the value of the member.  Returns NGX_DECLINED if its name is missing
 * or found twice, or if the value cannot be a hole.  A name between quotes and
 * before a colon is a member: within a string, the quotes would be escaped.
 */

static ngx_int_t
ngx_http_aistream_event_template_find(u_char *start, u_char *end,
    const ngx_http_aistream_varying_t *member,
    ngx_http_aistream_usage_t *usage,
    ngx_http_aistream_event_template_gap_t *gap)
{
    u_char                     *p, *value;
    size_t                      len;
    ngx_http_aistream_usage_t   counted;

    len = member->name.len;
    value = NULL;

    for (p = start; (p = memchr(p, '"', end - p)) != NULL; p++) {

        if ((size_t) (end - p) < len + 3 || p[len + 1] != '"'
            || ngx_memcmp(p + 1, member->name.data, len) != 0
            || ngx_http_aistream_event_template_skip(p + len + 2, end,
                                                     ':') == NULL)
        {
            continue;
        }

        if (value) {
            return NGX_DECLINED;
        }

        value = ngx_http_aistream_event_template_skip(p + len + 2, end, ':');
    }

    if (value == NULL) {
        return NGX_DECLINED;
    }

    p = ngx_http_aistream_event_template_skip(value, end, '"');

    counted = *usage;

    gap->member = member;
    gap->start = p ? p : value;
    gap->end = ngx_http_aistream_event_template_value(gap->start, end, member,
                                                      &counted);

    if (gap->end == NULL
        || (member->offset != NGX_HTTP_AISTREAM_IDLE
            && ngx_http_aistream_event_template_count(&counted, member)
               != ngx_http_aistream_event_template_count(usage, member)))
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/*
 * Skips spaces, the character "ch" and, unless it is a quote, the spaces after
 * it.  NULL: another character was found.
 */

static u_char *
ngx_http_aistream_event_template_skip(u_char *p, u_char *last, u_char ch)
{
    while (p < last && *p == ' ') {
        p++;
    }

    if (p == last || *p++ != ch) {
        return NULL;
    }

    while (ch != '"' && p < last && *p == ' ') {
        p++;
    }

    return p;
}


/*
 * Returns the end of the value at p, or NULL if it cannot be a hole.  A string
 * (p is after its quote) must not contain escapes or non-ASCII characters, and
 * a number must be a non-negative integer.  A count is stored in the usage.
 */

static u_char *
ngx_http_aistream_event_template_value(u_char *p, u_char *last,
    const ngx_http_aistream_varying_t *member,
    ngx_http_aistream_usage_t *usage)
{
    u_char      *start;
    ngx_uint_t   n;

    start = p;

    if (p[-1] == '"') {
        if (member->offset != NGX_HTTP_AISTREAM_IDLE) {
            return NULL;
        }

        last = ngx_min(last, start + NGX_HTTP_AISTREAM_EVENT_TEMPLATE_STRING);

        while (p < last && *p != '"') {
            if (*p < 0x20 || *p >= 0x80 || *p == '\\') {
                return NULL;
            }

            p++;
        }

        return p < last ? p : NULL;
    }

    /* an overflow of "n" is harmless: too many digits are rejected below */

    for (n = 0; p < last && *p >= '0' && *p <= '9'; p++) {
        n = n * 10 + (*p - '0');
    }

    if (p == start || (*start == '0' && p - start > 1)) {
        return NULL;
    }

    if (member->offset == NGX_HTTP_AISTREAM_IDLE) {
        return p;
    }

    if (p - start > NGX_HTTP_AISTREAM_EVENT_TEMPLATE_DIGITS) {
        return NULL;
    }

    ngx_http_aistream_event_template_count(usage, member) = (ngx_int_t) n;

    return p;
}


u_char *
ngx_http_aistream_event_template_match(
    ngx_http_aistream_event_template_t *template, u_char *pos, u_char *last,
    ngx_str_t *text, ngx_http_aistream_usage_t *usage)
{
    u_char                                   *p, *known;
    size_t                                    left;
    ngx_http_aistream_scan_t                  s;
    ngx_http_aistream_usage_t                 counted, *counts;
    ngx_http_aistream_event_template_hole_t  *hole, *end;

    if ((size_t) (last - pos) < template->len || template->len == 0) {
        return NULL;
    }

    p = pos;
    known = template->bytes;
    left = template->len;
    end = template->holes + template->nholes;

    /*
     * The usage is set only if all of the event matches.  If the text is the
     * only hole, as in most templates, there are no counts to copy.
     */

    counts = usage;

    if (template->nholes > 1) {
        counted = *usage;
        counts = &counted;
    }

    for (hole = template->holes; hole < end; hole++) {

        if ((size_t) (last - p) < hole->len
            || ngx_memcmp(p, known, hole->len) != 0)
        {
            return NULL;
        }

        p += hole->len;
        known += hole->len;
        left -= hole->len;

        if (hole->member) {
            p = ngx_http_aistream_event_template_value(p, last, hole->member,
                                                       counts);

        } else {
            s.pos = p - 1;
            s.last = last;

            /* An event without text may have another meaning. */

            p = (ngx_http_aistream_scan_string(&s, text) == NGX_OK
                 && text->len)
                ? s.pos - 1 : NULL;
        }

        if (p == NULL) {
            return NULL;
        }
    }

    if ((size_t) (last - p) < left || ngx_memcmp(p, known, left) != 0) {
        return NULL;
    }

    if (counts != usage) {
        *usage = *counts;
    }

    template->misses = 0;

    return p + left;
}
