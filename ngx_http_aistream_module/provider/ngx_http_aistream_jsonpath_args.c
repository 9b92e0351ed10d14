
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <provider/ngx_http_aistream_jsonpath_args.h>


#define NGX_HTTP_AISTREAM_JSONPATH_DEPTH  32
#define NGX_HTTP_AISTREAM_JSONPATH_PATH   1024


/* a step of a path: the name of a member, or the index of an element */

typedef struct {
    ngx_str_t                        name;      /* or digits of the index */
    unsigned                         element:1; /* the step is an index */
} ngx_http_aistream_jsonpath_step_t;


typedef struct {
    ngx_uint_t                         n;
    ngx_http_aistream_jsonpath_step_t  steps[NGX_HTTP_AISTREAM_JSONPATH_DEPTH];
    u_char                             text[NGX_HTTP_AISTREAM_JSONPATH_PATH];
} ngx_http_aistream_jsonpath_path_t;


/* the path of the last value written */

struct ngx_http_aistream_jsonpath_s {
    ngx_http_aistream_jsonpath_path_t  path;
    unsigned                           string:1; /* the last string is not
                                                    closed */
};


static ngx_int_t ngx_http_aistream_jsonpath_scalar(
    ngx_http_aistream_scan_t *s, ngx_str_t *value);
static ngx_int_t ngx_http_aistream_jsonpath_value(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_jsonpath_parse(
    ngx_http_aistream_jsonpath_path_t *path, ngx_str_t *text);
static u_char *ngx_http_aistream_jsonpath_move(u_char *p,
    ngx_http_aistream_jsonpath_t *jsonpath,
    ngx_http_aistream_jsonpath_path_t *to);
static u_char *ngx_http_aistream_jsonpath_close(u_char *p,
    ngx_http_aistream_jsonpath_t *jsonpath, ngx_uint_t n);
static u_char *ngx_http_aistream_jsonpath_step(u_char *p,
    ngx_http_aistream_jsonpath_step_t *step);
static ngx_int_t ngx_http_aistream_jsonpath_send(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    u_char *start, u_char *end);


ngx_int_t
ngx_http_aistream_jsonpath_read(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_http_aistream_scan_t *s)
{
    ngx_int_t  rc;

    if (call->jsonpath == NULL) {
        call->jsonpath = ngx_pcalloc(reader->pool,
                                     sizeof(ngx_http_aistream_jsonpath_t));
        if (call->jsonpath == NULL) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_aistream_scan_array(s) != NGX_OK) {
        return NGX_DECLINED;
    }

    while ((rc = ngx_http_aistream_scan_element(s)) == NGX_OK) {

        rc = ngx_http_aistream_jsonpath_value(reader, call, s);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_aistream_jsonpath_value(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_http_aistream_scan_t *s)
{
    u_char                            *p, *start;
    ngx_int_t                          rc;
    ngx_str_t                          where, value;
    ngx_http_aistream_jsonpath_t      *jsonpath;
    ngx_http_aistream_jsonpath_path_t  to;

    enum { path = 0, string, number, boolean, more, n };

    static const ngx_str_t  names[] = {
        [path] = ngx_string("jsonPath"),
        [string] = ngx_string("stringValue"),
        [number] = ngx_string("numberValue"),
        [boolean] = ngx_string("boolValue"),
        [more] = ngx_string("willContinue"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    jsonpath = call->jsonpath;

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK
        || ngx_http_aistream_scan_string(&v[path], &where) != NGX_OK
        || ngx_http_aistream_jsonpath_parse(&to, &where) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_found(&v[string])) {
        rc = ngx_http_aistream_scan_string(&v[string], &value);

    } else if (ngx_http_aistream_scan_found(&v[number])) {
        rc = ngx_http_aistream_jsonpath_scalar(&v[number], &value);

    } else {
        rc = ngx_http_aistream_jsonpath_scalar(&v[boolean], &value);
    }

    if (rc != NGX_OK) {
        return NGX_DECLINED;
    }

    /* each step is written with at most three additional characters */

    start = ngx_http_aistream_provider_scratch(reader,
                                  7 * (value.len + where.len
                                       + 8 * NGX_HTTP_AISTREAM_JSONPATH_DEPTH));
    if (start == NULL) {
        return NGX_ERROR;
    }

    p = ngx_http_aistream_jsonpath_move(start, jsonpath, &to);

    if (p == NULL) {
        return NGX_DECLINED;
    }

    if (!ngx_http_aistream_scan_found(&v[string])) {
        p = ngx_cpymem(p, value.data, value.len);
        return ngx_http_aistream_jsonpath_send(reader, call, start, p);
    }

    if (!jsonpath->string) {
        jsonpath->string = 1;
        *p++ = '"';
    }

    p = ngx_cpymem(p, value.data, value.len);

    if (ngx_http_aistream_scan_peek(&v[more]) != 't') {
        jsonpath->string = 0;
        *p++ = '"';
    }

    return ngx_http_aistream_jsonpath_send(reader, call, start, p);
}


/* A null is written only if the path has no other value. */

static ngx_int_t
ngx_http_aistream_jsonpath_scalar(ngx_http_aistream_scan_t *s,
    ngx_str_t *value)
{
    ngx_str_set(value, "null");

    if (!ngx_http_aistream_scan_found(s)) {
        return NGX_OK;
    }

    switch (ngx_http_aistream_scan_peek(s)) {

    case '"':
    case '{':
    case '[':
        return NGX_DECLINED;

    default:
        break;
    }

    value->data = s->pos;

    if (ngx_http_aistream_scan_skip(s) != NGX_OK) {
        return NGX_DECLINED;
    }

    value->len = s->pos - value->data;

    return NGX_OK;
}


/* parses $.name[0]['other name']; the text is copied into the path */

static ngx_int_t
ngx_http_aistream_jsonpath_parse(ngx_http_aistream_jsonpath_path_t *path,
    ngx_str_t *text)
{
    u_char                             *p, *last, *end, quote;
    ngx_http_aistream_jsonpath_step_t  *step;

    path->n = 0;

    if (text->len == 0 || text->len > NGX_HTTP_AISTREAM_JSONPATH_PATH
        || text->data[0] != '$')
    {
        return NGX_DECLINED;
    }

    p = path->text;
    last = ngx_cpymem(p, text->data, text->len);

    for (p++; p < last; /* void */ ) {

        if (path->n == NGX_HTTP_AISTREAM_JSONPATH_DEPTH) {
            return NGX_DECLINED;
        }

        step = &path->steps[path->n++];
        step->element = 0;

        if (*p == '.') {
            for (end = ++p;
                 end < last && *end != '.' && *end != '[';
                 end++)
            {
                /* void */
            }

            step->name.data = p;
            step->name.len = end - p;
            p = end;

        } else if (*p == '[') {
            quote = (++p < last && (*p == '\'' || *p == '"')) ? *p++ : ']';

            end = ngx_strlchr(p, last, quote);
            if (end == NULL) {
                return NGX_DECLINED;
            }

            step->name.data = p;
            step->name.len = end - p;
            step->element = (quote == ']');
            p = end + (quote == ']' ? 1 : 2);

        } else {
            return NGX_DECLINED;
        }

        if (step->name.len == 0) {
            return NGX_DECLINED;
        }
    }

    return (path->n && !path->steps[0].element) ? NGX_OK : NGX_DECLINED;
}


/*
 * Writes the text between the last value and the next one.  Returns NULL if
 * the next path cannot follow the last one.
 */

static u_char *
ngx_http_aistream_jsonpath_move(u_char *p,
    ngx_http_aistream_jsonpath_t *jsonpath,
    ngx_http_aistream_jsonpath_path_t *to)
{
    ngx_uint_t                          i, common;
    ngx_http_aistream_jsonpath_path_t  *from;
    ngx_http_aistream_jsonpath_step_t  *a, *b;

    from = &jsonpath->path;
    a = from->steps;
    b = to->steps;

    for (common = 0; common < ngx_min(from->n, to->n); common++) {
        if (a[common].element != b[common].element
            || a[common].name.len != b[common].name.len
            || ngx_memcmp(a[common].name.data, b[common].name.data,
                          a[common].name.len)
               != 0)
        {
            break;
        }
    }

    if (common == to->n) {
        return (from->n == to->n && jsonpath->string) ? p : NULL;
    }

    if (from->n == 0) {
        *p++ = '{';

    } else {
        if (common == from->n || a[common].element != b[common].element) {
            return NULL;
        }

        p = ngx_http_aistream_jsonpath_close(p, jsonpath, common + 1);
        *p++ = ',';
    }

    p = ngx_http_aistream_jsonpath_step(p, &b[common]);

    for (i = common + 1; i < to->n; i++) {
        *p++ = b[i].element ? '[' : '{';
        p = ngx_http_aistream_jsonpath_step(p, &b[i]);
    }

    /* The names point into the text, which is not moved. */

    from->n = to->n;
    ngx_memcpy(from->text, to->text, NGX_HTTP_AISTREAM_JSONPATH_PATH);

    for (i = 0; i < to->n; i++) {
        a[i] = b[i];
        a[i].name.data = from->text + (b[i].name.data - to->text);
    }

    return p;
}


/* closes the string and the objects and lists around it, except n of them */

static u_char *
ngx_http_aistream_jsonpath_close(u_char *p,
    ngx_http_aistream_jsonpath_t *jsonpath, ngx_uint_t n)
{
    ngx_uint_t  i;

    if (jsonpath->string) {
        jsonpath->string = 0;
        *p++ = '"';
    }

    for (i = jsonpath->path.n; i > n; i--) {
        *p++ = jsonpath->path.steps[i - 1].element ? ']' : '}';
    }

    return p;
}


static u_char *
ngx_http_aistream_jsonpath_step(u_char *p,
    ngx_http_aistream_jsonpath_step_t *step)
{
    if (step->element) {
        return p;
    }

    *p++ = '"';
    p = ngx_cpymem(p, step->name.data, step->name.len);
    *p++ = '"';
    *p++ = ':';

    return p;
}


/*
 * Sends the text from "start" to "end".  It is escaped into the memory after
 * it, since a delta of arguments is the content of a JSON string.
 */

static ngx_int_t
ngx_http_aistream_jsonpath_send(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, u_char *start, u_char *end)
{
    ngx_str_t  piece;

    piece.data = end;
    piece.len = (u_char *) ngx_escape_json(end, start, end - start) - end;

    return ngx_http_aistream_tool_call_arguments(reader, call, &piece);
}


ngx_int_t
ngx_http_aistream_jsonpath_end(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call)
{
    u_char                        *p, *start;
    ngx_http_aistream_jsonpath_t  *jsonpath;

    jsonpath = call->jsonpath;

    if (jsonpath == NULL || jsonpath->path.n == 0) {
        return NGX_OK;
    }

    start = ngx_http_aistream_provider_scratch(reader,
                                         7 * NGX_HTTP_AISTREAM_JSONPATH_DEPTH);
    if (start == NULL) {
        return NGX_ERROR;
    }

    p = ngx_http_aistream_jsonpath_close(start, jsonpath, 0);
    jsonpath->path.n = 0;

    return ngx_http_aistream_jsonpath_send(reader, call, start, p);
}
