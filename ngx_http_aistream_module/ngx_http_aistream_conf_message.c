
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_conf_message.h>


/* letters and digits in a row that may be a key */
#define NGX_HTTP_AISTREAM_CONF_KEY   20

/* the longest name that is compared with a value */
#define NGX_HTTP_AISTREAM_CONF_NAME  64

/* size of the hint at the end of a list: the name probably meant */
#define NGX_HTTP_AISTREAM_CONF_HINT  100


static ngx_array_t *ngx_http_aistream_conf_parameter_names(ngx_conf_t *cf,
    const ngx_http_aistream_conf_parameter_t *parameters);
static ngx_uint_t ngx_http_aistream_conf_split(ngx_conf_t *cf,
    ngx_uint_t arg);
static ngx_uint_t ngx_http_aistream_conf_distance(ngx_str_t *a, ngx_str_t *b);
static size_t ngx_http_aistream_conf_run(u_char *p, u_char *last);
static ngx_uint_t ngx_http_aistream_conf_key(u_char *p, size_t len);


void
ngx_http_aistream_conf_place(ngx_conf_t *cf,
    ngx_http_aistream_conf_place_t *place)
{
    place->file_name = cf->conf_file->file.name.data;
    place->line = cf->conf_file->line;
}


char *
ngx_http_aistream_conf_invalid(ngx_conf_t *cf, ngx_uint_t arg,
    const ngx_http_aistream_conf_parameter_t *parameters)
{
    u_char       *p, *last, *end;
    u_char        shown[NGX_HTTP_AISTREAM_CONF_SHOW];
    u_char        hint[NGX_HTTP_AISTREAM_CONF_LIST];
    ngx_str_t    *value, name;
    ngx_array_t  *names;

    const ngx_http_aistream_conf_parameter_t  *parameter;

    value = (ngx_str_t *) cf->args->elts + arg;
    last = hint + NGX_HTTP_AISTREAM_CONF_LIST;

    end = ngx_strlchr(value->data, value->data + value->len, '=');

    name.data = value->data;
    name.len = end ? (size_t) (end + 1 - value->data) : value->len;

    for (parameter = parameters;
         parameter && parameter->name.len;
         parameter++)
    {
        if (parameter->name.len == name.len
            && ngx_strncmp(parameter->name.data, name.data, name.len) == 0)
        {
            break;
        }
    }

    if (ngx_http_aistream_conf_directive(cf, value)) {
        p = ngx_slprintf(hint, last, ": is a \";\" missing before it?");

    } else if (ngx_http_aistream_conf_split(cf, arg)) {
        p = ngx_slprintf(hint, last, ": a parameter whose value has spaces is "
                         "quoted as a whole, as in \"name=some words\"");

    } else if (parameter && parameter->value) {
        p = ngx_slprintf(hint, last, ": \"%V\" takes %s", &parameter->name,
                         parameter->value);

    } else {
        names = ngx_http_aistream_conf_parameter_names(cf, parameters);

        if (names == NULL) {
            return NGX_CONF_ERROR;
        }

        p = ngx_http_aistream_conf_names(hint, last, names, &name);
    }

    end = ngx_http_aistream_conf_mask(shown,
                                      shown + NGX_HTTP_AISTREAM_CONF_SHOW,
                                      value);

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%*s\"%*s",
                       end - shown, shown, p - hint, hint);

    return NGX_CONF_ERROR;
}


static ngx_array_t *
ngx_http_aistream_conf_parameter_names(ngx_conf_t *cf,
    const ngx_http_aistream_conf_parameter_t *parameters)
{
    ngx_str_t    *name;
    ngx_array_t  *names;

    names = ngx_array_create(cf->temp_pool, 8, sizeof(ngx_str_t));

    if (names == NULL || parameters == NULL) {
        return names;
    }

    for ( /* void */ ; parameters->name.len; parameters++) {
        name = ngx_array_push(names);
        if (name == NULL) {
            return NULL;
        }

        *name = parameters->name;
    }

    return names;
}


/*
 * Whether this argument or an earlier one has a quote after its first
 * character. nginx ends such an argument at the first space.
 */

static ngx_uint_t
ngx_http_aistream_conf_split(ngx_conf_t *cf, ngx_uint_t arg)
{
    u_char      *p, *last;
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 1; i <= arg; i++) {
        last = value[i].data + value[i].len;
        p = ngx_strlchr(value[i].data, last, '=');

        if (p && ++p < last && (*p == '"' || *p == '\'')
            && (last - p == 1 || last[-1] != *p))
        {
            return 1;
        }
    }

    return 0;
}


char *
ngx_http_aistream_conf_unknown(ngx_conf_t *cf, const char *kind,
    ngx_str_t *name, ngx_array_t *names, const char *more)
{
    u_char  *p;
    u_char   hint[NGX_HTTP_AISTREAM_CONF_LIST];

    p = ngx_http_aistream_conf_names(hint, hint + NGX_HTTP_AISTREAM_CONF_LIST,
                                     names, name);

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown %s \"%V\"%*s%s", kind,
                       name, p - hint, hint, more);

    return NGX_CONF_ERROR;
}


u_char *
ngx_http_aistream_conf_names(u_char *p, u_char *last, ngx_array_t *names,
    ngx_str_t *name)
{
    u_char      *end;
    ngx_str_t   *s, *similar;
    ngx_uint_t   i;

    if (names == NULL || names->nelts == 0) {
        return p;
    }

    s = names->elts;
    end = last - NGX_HTTP_AISTREAM_CONF_HINT;

    for (i = 0; i < names->nelts; i++) {

        if (p + s[i].len > end) {
            p = ngx_slprintf(p, last, ", ...");
            break;
        }

        p = ngx_slprintf(p, last, "%s\"%V\"",
                         i == 0 ? ": it may be "
                                : i + 1 < names->nelts ? ", " : " or ",
                         &s[i]);
    }

    similar = ngx_http_aistream_conf_similar(names, name);

    if (similar) {
        p = ngx_slprintf(p, last, ", did you mean \"%V\"?", similar);
    }

    return p;
}


ngx_str_t *
ngx_http_aistream_conf_similar(ngx_array_t *names, ngx_str_t *name)
{
    ngx_str_t   *s, *found;
    ngx_uint_t   i, n, best;

    if (names == NULL) {
        return NULL;
    }

    s = names->elts;
    found = NULL;

    /* one wrong letter is accepted in three to five, two in longer names */

    best = (name->len > 5) ? 3 : (name->len > 2) ? 2 : 0;

    for (i = 0; i < names->nelts; i++) {
        n = ngx_http_aistream_conf_distance(&s[i], name);

        if (n < best) {
            best = n;
            found = &s[i];
        }
    }

    return found;
}


/* counts letters to insert, remove or replace, and neighbors to exchange */

static ngx_uint_t
ngx_http_aistream_conf_distance(ngx_str_t *a, ngx_str_t *b)
{
    u_char     *p, *q;
    uint8_t     rows[3][NGX_HTTP_AISTREAM_CONF_NAME + 1];
    uint8_t    *row, *above, *before;
    ngx_uint_t  i, j;

    if (a->len > NGX_HTTP_AISTREAM_CONF_NAME
        || b->len > NGX_HTTP_AISTREAM_CONF_NAME)
    {
        return NGX_HTTP_AISTREAM_CONF_NAME;
    }

    for (j = 0; j <= b->len; j++) {
        rows[0][j] = (uint8_t) j;
    }

    for (i = 1; i <= a->len; i++) {
        row = rows[i % 3];
        above = rows[(i - 1) % 3];
        before = rows[(i + 1) % 3];

        row[0] = (uint8_t) i;
        p = a->data + i - 1;

        for (j = 1; j <= b->len; j++) {
            q = b->data + j - 1;

            row[j] = ngx_min(above[j], row[j - 1]) + 1;
            row[j] = ngx_min(row[j], above[j - 1] + (*p != *q));

            if (i > 1 && j > 1 && p[0] == q[-1] && p[-1] == q[0]) {
                row[j] = ngx_min(row[j], before[j - 2] + 1);
            }
        }
    }

    return rows[a->len % 3][b->len];
}


ngx_uint_t
ngx_http_aistream_conf_directive(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_uint_t      i;
    ngx_command_t  *cmd;

    for (i = 0; cf->cycle->modules[i]; i++) {

        cmd = cf->cycle->modules[i]->commands;

        for ( /* void */ ; cmd && cmd->name.len; cmd++) {
            if (cmd->name.len == name->len
                && ngx_strncmp(cmd->name.data, name->data, name->len) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


u_char *
ngx_http_aistream_conf_mask(u_char *p, u_char *last, ngx_str_t *value)
{
    size_t      n;
    u_char     *src, *end;
    ngx_str_t   name;

    src = value->data;
    end = src + value->len;

    name.data = src;
    name.len = ngx_http_aistream_conf_run(src, end);

    if (name.len < value->len && src[name.len] == '='
        && ngx_http_aistream_conf_key_name(&name))
    {
        return ngx_slprintf(p, last, "%V=***", &name);
    }

    while (src < end) {
        n = ngx_http_aistream_conf_run(src, end);

        if (n == 0) {
            p = ngx_slprintf(p, last, "%c", *src++);
            continue;
        }

        if (ngx_http_aistream_conf_key(src, n)) {
            p = ngx_slprintf(p, last, "***");

        } else {
            p = ngx_slprintf(p, last, "%*s", n, src);
        }

        src += n;
    }

    return p;
}


/* returns the length of a word or key at the beginning */

static size_t
ngx_http_aistream_conf_run(u_char *p, u_char *last)
{
    u_char  *start;

    for (start = p; p < last; p++) {
        if (!((*p >= '0' && *p <= '9')
              || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')
              || *p == '-' || *p == '_'))
        {
            break;
        }
    }

    return p - start;
}


static ngx_uint_t
ngx_http_aistream_conf_key(u_char *p, size_t len)
{
    size_t  i;

    if (len > 3 && ngx_strncasecmp(p, (u_char *) "sk-", 3) == 0) {
        return 1;
    }

    if (len < NGX_HTTP_AISTREAM_CONF_KEY) {
        return 0;
    }

    for (i = 0; i < len; i++) {
        if (p[i] >= '0' && p[i] <= '9') {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_aistream_conf_key_name(ngx_str_t *name)
{
    size_t        len;
    const char  **word;

    static const char  *words[] = {
        "key", "token", "secret", "password", NULL
    };

    for (word = words; *word; word++) {
        len = ngx_strlen(*word);

        if (name->len >= len
            && ngx_strncasecmp(name->data + name->len - len,
                               (u_char *) *word, len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}
