
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <json/ngx_http_aistream_json.h>
#include <json/ngx_http_aistream_scan.h>
#include <json/ngx_http_aistream_utf8.h>

#include <cjson/cJSON.h>

#if (__GNUC__ && __SSE2__)
#include <emmintrin.h>
#endif


/* a message of a chat needs some 8 bytes of tree per byte of text */
#define NGX_HTTP_AISTREAM_JSON_EXPANSION  16
#define NGX_HTTP_AISTREAM_JSON_SLACK      65536

/* the longest double, and its terminating zero */
#define NGX_HTTP_AISTREAM_JSON_DOUBLE     32


typedef struct {
    ngx_pool_t  *pool;
    size_t       left;
} ngx_http_aistream_json_heap_t;


static ngx_int_t ngx_http_aistream_json_check(ngx_pool_t *pool, u_char *data,
    size_t len, ngx_str_t *error);
static u_char *ngx_http_aistream_json_plain(u_char *p, u_char *last);
static void ngx_http_aistream_json_say(ngx_pool_t *pool, ngx_str_t *error,
    const char *what, size_t at);
static void *ngx_http_aistream_json_alloc(size_t size);
static void ngx_http_aistream_json_free(void *p);
static u_char *ngx_http_aistream_json_out_reserve(
    ngx_http_aistream_json_out_t *out, size_t size);
static u_char *ngx_http_aistream_json_special(u_char *p, u_char *last);
static void ngx_http_aistream_json_out_double(
    ngx_http_aistream_json_out_t *out, double value);
static void ngx_http_aistream_json_out_key(ngx_http_aistream_json_out_t *out,
    const char *key);


/* cJSON's hooks carry no argument; they are set for one call at a time */
static ngx_http_aistream_json_heap_t  ngx_http_aistream_json_heap;


ngx_http_aistream_json_t *
ngx_http_aistream_json_parse(ngx_pool_t *pool, u_char *data, size_t len,
    ngx_str_t *error)
{
    cJSON        *json;
    cJSON_Hooks   hooks;
    const char   *end;

    ngx_str_null(error);

    if (ngx_http_aistream_json_check(pool, data, len, error) != NGX_OK) {
        return NULL;
    }

    ngx_http_aistream_json_heap.pool = pool;
    ngx_http_aistream_json_heap.left = len * NGX_HTTP_AISTREAM_JSON_EXPANSION
                                       + NGX_HTTP_AISTREAM_JSON_SLACK;

    hooks.malloc_fn = ngx_http_aistream_json_alloc;
    hooks.free_fn = ngx_http_aistream_json_free;

    cJSON_InitHooks(&hooks);

    end = NULL;
    json = cJSON_ParseWithLengthOpts((char *) data, len, &end, 0);

    cJSON_InitHooks(NULL);

    if (json == NULL) {
        ngx_http_aistream_json_say(pool, error, "not valid JSON",
                                   end ? end - (char *) data : 0);
        return NULL;
    }

    for ( /* void */ ; end < (char *) data + len; end++) {
        if (*end != ' ' && *end != '\t' && *end != '\r' && *end != '\n') {
            ngx_http_aistream_json_say(pool, error, "not valid JSON",
                                       end - (char *) data);
            return NULL;
        }
    }

    return json;
}


/* what cJSON lets pass: bytes that are no UTF-8, and NUL, raw or escaped */

static ngx_int_t
ngx_http_aistream_json_check(ngx_pool_t *pool, u_char *data, size_t len,
    ngx_str_t *error)
{
    size_t   n;
    u_char  *p, *last;

    p = data;
    last = data + len;

    while ((p = ngx_http_aistream_json_plain(p, last)) < last) {

        if (*p >= 0x80) {
            n = ngx_http_aistream_utf8_len(p, last);

            if (n == 0) {
                ngx_http_aistream_json_say(pool, error, "not valid UTF-8",
                                           p - data);
                return NGX_ERROR;
            }

            p += n;
            continue;
        }

        if (*p == '\0'
            || (last - p >= 6 && ngx_memcmp(p, "\\u0000", 6) == 0))
        {
            ngx_http_aistream_json_say(pool, error,
                                       "not acceptable: it has a NUL",
                                       p - data);
            return NGX_ERROR;
        }

        p += (*p == '\\') ? 2 : 1;
    }

    return NGX_OK;
}


/* over what is neither NUL, nor a backslash, nor beyond ASCII */

static u_char *
ngx_http_aistream_json_plain(u_char *p, u_char *last)
{
#if (__GNUC__ && __SSE2__)

    int      mask;
    __m128i  v;

    while (last - p >= 16) {
        v = _mm_loadu_si128((__m128i *) p);

        /* signed: what is not ASCII is less than one, too */

        mask = _mm_movemask_epi8(
                   _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(1)),
                                _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));

        if (mask) {
            return p + __builtin_ctz(mask);
        }

        p += 16;
    }

#endif

    while (p < last && *p != '\0' && *p < 0x80 && *p != '\\') {
        p++;
    }

    return p;
}


static void
ngx_http_aistream_json_say(ngx_pool_t *pool, ngx_str_t *error,
    const char *what, size_t at)
{
    size_t  size;

    size = sizeof("The body is  (at byte ).") + ngx_strlen(what)
           + NGX_SIZE_T_LEN;

    error->data = ngx_pnalloc(pool, size);
    if (error->data == NULL) {
        return;
    }

    error->len = ngx_snprintf(error->data, size,
                              "The body is %s (at byte %uz).", what, at)
                 - error->data;
}


static void *
ngx_http_aistream_json_alloc(size_t size)
{
    ngx_http_aistream_json_heap_t  *heap;

    heap = &ngx_http_aistream_json_heap;

    if (size > heap->left) {
        return NULL;
    }

    heap->left -= size;

    return ngx_palloc(heap->pool, size);
}


static void
ngx_http_aistream_json_free(void *p)
{
    /* the pool frees */
}


ngx_http_aistream_json_t *
ngx_http_aistream_json_get(ngx_http_aistream_json_t *object, const char *name)
{
    cJSON  *member;

    if (!cJSON_IsObject(object)) {
        return NULL;
    }

    /* most of what is asked for is absent: no call of a library for each */

    for (member = object->child; member; member = member->next) {
        if (*member->string == *name
            && ngx_strcmp(member->string, name) == 0)
        {
            return member;
        }
    }

    return NULL;
}


ngx_http_aistream_json_t *
ngx_http_aistream_json_first(ngx_http_aistream_json_t *json)
{
    return json->child;
}


ngx_http_aistream_json_t *
ngx_http_aistream_json_next(ngx_http_aistream_json_t *json)
{
    return json->next;
}


ngx_http_aistream_json_e
ngx_http_aistream_json_type(ngx_http_aistream_json_t *json)
{
    if (json == NULL) {
        return NGX_HTTP_AISTREAM_JSON_NULL;
    }

    switch (json->type & 0xff) {

    case cJSON_False:
    case cJSON_True:
        return NGX_HTTP_AISTREAM_JSON_BOOL;

    case cJSON_Number:
        return NGX_HTTP_AISTREAM_JSON_NUMBER;

    case cJSON_String:
        return NGX_HTTP_AISTREAM_JSON_STRING;

    case cJSON_Array:
        return NGX_HTTP_AISTREAM_JSON_ARRAY;

    case cJSON_Object:
        return NGX_HTTP_AISTREAM_JSON_OBJECT;

    default:
        return NGX_HTTP_AISTREAM_JSON_NULL;
    }
}


void
ngx_http_aistream_json_name(ngx_http_aistream_json_t *json, ngx_str_t *name)
{
    name->data = (u_char *) json->string;
    name->len = ngx_strlen(name->data);
}


ngx_int_t
ngx_http_aistream_json_string(ngx_http_aistream_json_t *json, ngx_str_t *value)
{
    if (!cJSON_IsString(json)) {
        ngx_str_null(value);
        return NGX_DECLINED;
    }

    value->data = (u_char *) json->valuestring;
    value->len = ngx_strlen(value->data);

    return NGX_OK;
}


double
ngx_http_aistream_json_number(ngx_http_aistream_json_t *json)
{
    return json->valuedouble;
}


ngx_uint_t
ngx_http_aistream_json_true(ngx_http_aistream_json_t *json)
{
    return cJSON_IsTrue(json);
}


void
ngx_http_aistream_json_out_init(ngx_http_aistream_json_out_t *out,
    ngx_pool_t *pool, size_t size)
{
    out->pool = pool;
    out->failed = 0;

    out->start = ngx_pnalloc(pool, size);
    out->pos = out->start;
    out->end = out->start + size;

    if (out->start == NULL) {
        out->end = NULL;
        out->failed = 1;
    }
}


static u_char *
ngx_http_aistream_json_out_reserve(ngx_http_aistream_json_out_t *out,
    size_t size)
{
    size_t   len;
    u_char  *p;

    if (out->failed) {
        return NULL;
    }

    if ((size_t) (out->end - out->pos) >= size) {
        return out->pos;
    }

    len = out->pos - out->start;
    size = 2 * (len + size);

    p = ngx_pnalloc(out->pool, size);
    if (p == NULL) {
        out->failed = 1;
        return NULL;
    }

    ngx_memcpy(p, out->start, len);
    (void) ngx_pfree(out->pool, out->start);

    out->start = p;
    out->pos = p + len;
    out->end = p + size;

    return out->pos;
}


void
ngx_http_aistream_json_out_raw(ngx_http_aistream_json_out_t *out,
    const u_char *data, size_t len)
{
    if (ngx_http_aistream_json_out_reserve(out, len) == NULL) {
        return;
    }

    out->pos = ngx_cpymem(out->pos, data, len);
}


void
ngx_http_aistream_json_out_string(ngx_http_aistream_json_out_t *out,
    ngx_str_t *value)
{
    u_char  *p, *special, *last;

    p = value->data;
    last = p + value->len;

    /* a byte that is escaped becomes six at most */

    if (ngx_http_aistream_json_out_reserve(out, value->len + 8) == NULL) {
        return;
    }

    *out->pos++ = '"';

    for ( ;; ) {
        special = ngx_http_aistream_json_special(p, last);

        out->pos = ngx_cpymem(out->pos, p, special - p);
        p = special;

        if (p == last) {
            break;
        }

        out->pos = (u_char *) ngx_escape_json(out->pos, p++, 1);

        if (ngx_http_aistream_json_out_reserve(out, last - p + 8) == NULL) {
            return;
        }
    }

    *out->pos++ = '"';
}


void
ngx_http_aistream_json_out_slice(ngx_http_aistream_json_out_t *out,
    u_char *data, size_t len, uint32_t *high)
{
    if (ngx_http_aistream_json_out_reserve(out, len + 3) == NULL) {
        return;
    }

    out->pos = ngx_http_aistream_scan_tidy(out->pos, data, len, high);
}


/* the first byte that a JSON string may not have as it is, or the end */

static u_char *
ngx_http_aistream_json_special(u_char *p, u_char *last)
{
#if (__GNUC__ && __SSE2__)

    int      mask;
    __m128i  v, control;

    while (last - p >= 16) {
        v = _mm_loadu_si128((__m128i *) p);

        control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);

        mask = _mm_movemask_epi8(
                   _mm_or_si128(control, _mm_or_si128(
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')))));

        if (mask) {
            return p + __builtin_ctz(mask);
        }

        p += 16;
    }

#endif

    while (p < last && *p >= ' ' && *p != '"' && *p != '\\') {
        p++;
    }

    return p;
}


void
ngx_http_aistream_json_out_number(ngx_http_aistream_json_out_t *out,
    double value)
{
    u_char  *last;

    if (ngx_http_aistream_json_out_reserve(out, NGX_INT64_LEN + 8) == NULL) {
        return;
    }

    if (value > -9e15 && value < 9e15 && value == (double) (int64_t) value) {
        out->pos = ngx_sprintf(out->pos, "%L", (int64_t) value);
        return;
    }

    last = ngx_snprintf(out->pos, NGX_INT64_LEN + 8, "%.6f", value);

    while (last[-1] == '0') {
        last--;
    }

    if (last[-1] == '.') {
        last--;
    }

    out->pos = last;
}


void
ngx_http_aistream_json_out_tree(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_json_t *json)
{
    u_char      bracket;
    cJSON      *child;
    ngx_str_t   value;

    switch (json->type & 0xff) {

    case cJSON_True:
        ngx_http_aistream_json_out_literal(out, "true");
        return;

    case cJSON_False:
        ngx_http_aistream_json_out_literal(out, "false");
        return;

    case cJSON_String:
        (void) ngx_http_aistream_json_string(json, &value);
        ngx_http_aistream_json_out_string(out, &value);
        return;

    case cJSON_Number:
        ngx_http_aistream_json_out_double(out, json->valuedouble);
        return;

    case cJSON_Array:
    case cJSON_Object:
        break;

    default:
        ngx_http_aistream_json_out_literal(out, "null");
        return;
    }

    bracket = cJSON_IsArray(json) ? '[' : '{';

    ngx_http_aistream_json_out_raw(out, &bracket, 1);

    for (child = json->child; child; child = child->next) {

        if (child != json->child) {
            ngx_http_aistream_json_out_literal(out, ",");
        }

        if (bracket == '{') {
            value.data = (u_char *) child->string;
            value.len = ngx_strlen(value.data);

            ngx_http_aistream_json_out_string(out, &value);
            ngx_http_aistream_json_out_literal(out, ":");
        }

        ngx_http_aistream_json_out_tree(out, child);
    }

    bracket += 2;

    ngx_http_aistream_json_out_raw(out, &bracket, 1);
}


/* as few digits as give the same number again */

static void
ngx_http_aistream_json_out_double(ngx_http_aistream_json_out_t *out,
    double value)
{
    int  n;

    if (value - value != 0) {
        ngx_http_aistream_json_out_literal(out, "null");
        return;
    }

    if (ngx_http_aistream_json_out_reserve(out, NGX_HTTP_AISTREAM_JSON_DOUBLE)
        == NULL)
    {
        return;
    }

    n = snprintf((char *) out->pos, NGX_HTTP_AISTREAM_JSON_DOUBLE, "%.15g",
                 value);

    if (strtod((char *) out->pos, NULL) != value) {
        n = snprintf((char *) out->pos, NGX_HTTP_AISTREAM_JSON_DOUBLE,
                     "%.17g", value);
    }

    out->pos += n;
}


static void
ngx_http_aistream_json_out_key(ngx_http_aistream_json_out_t *out,
    const char *key)
{
    if (out->pos != out->start) {

        switch (out->pos[-1]) {

        case '{':
        case '[':
            break;

        default:
            ngx_http_aistream_json_out_literal(out, ",");
            break;
        }
    }

    if (key) {
        ngx_http_aistream_json_out_literal(out, "\"");
        ngx_http_aistream_json_out_raw(out, (u_char *) key, ngx_strlen(key));
        ngx_http_aistream_json_out_literal(out, "\":");
    }
}


void
ngx_http_aistream_json_out_begin(ngx_http_aistream_json_out_t *out,
    const char *key, u_char bracket)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_raw(out, &bracket, 1);
}


void
ngx_http_aistream_json_out_end(ngx_http_aistream_json_out_t *out,
    u_char bracket)
{
    ngx_http_aistream_json_out_raw(out, &bracket, 1);
}


void
ngx_http_aistream_json_out_add(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_str_t *value)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_string(out, value);
}


void
ngx_http_aistream_json_out_add_word(ngx_http_aistream_json_out_t *out,
    const char *key, const char *word)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_literal(out, "\"");
    ngx_http_aistream_json_out_raw(out, (u_char *) word, ngx_strlen(word));
    ngx_http_aistream_json_out_literal(out, "\"");
}


void
ngx_http_aistream_json_out_add_json(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_str_t *json)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_raw(out, json->data, json->len);
}


void
ngx_http_aistream_json_out_add_number(ngx_http_aistream_json_out_t *out,
    const char *key, double value)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_number(out, value);
}


void
ngx_http_aistream_json_out_add_true(ngx_http_aistream_json_out_t *out,
    const char *key)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_literal(out, "true");
}


void
ngx_http_aistream_json_out_add_data_url(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_str_t *media_type, ngx_str_t *base64)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_literal(out, "\"data:");
    ngx_http_aistream_json_out_raw(out, media_type->data, media_type->len);
    ngx_http_aistream_json_out_literal(out, ";base64,");
    ngx_http_aistream_json_out_raw(out, base64->data, base64->len);
    ngx_http_aistream_json_out_literal(out, "\"");
}


void
ngx_http_aistream_json_out_text(ngx_http_aistream_json_out_t *out,
    ngx_str_t *text)
{
    text->data = out->start;
    text->len = out->pos - out->start;
}
