
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <provider/ngx_http_aistream_provider_error.h>
#include <json/ngx_http_aistream_json.h>
#include <json/ngx_http_aistream_utf8.h>


/* the maximum depth of nested error objects, as sent by relays */
#define NGX_HTTP_AISTREAM_ERROR_NESTING  6


static void ngx_http_aistream_provider_error_read(ngx_pool_t *pool,
    ngx_http_aistream_json_t *json,
    ngx_http_aistream_provider_error_t *error);
static ngx_http_aistream_json_t *ngx_http_aistream_provider_error_inner(
    ngx_http_aistream_json_t *json);
static void ngx_http_aistream_provider_error_codes(
    ngx_http_aistream_json_t *json,
    ngx_http_aistream_provider_error_t *error);
static void ngx_http_aistream_provider_error_code(
    ngx_http_aistream_json_t *json,
    ngx_http_aistream_provider_error_t *error);
static void ngx_http_aistream_provider_error_text(ngx_pool_t *pool,
    ngx_http_aistream_json_t *json,
    ngx_http_aistream_provider_error_t *error);
static void ngx_http_aistream_provider_error_details(
    ngx_http_aistream_json_t *details,
    ngx_http_aistream_provider_error_t *error);
static void ngx_http_aistream_provider_error_plain(ngx_str_t *body,
    ngx_str_t *text);
static ngx_http_aistream_error_e ngx_http_aistream_provider_error_configured(
    ngx_array_t *configured, ngx_str_t *text,
    ngx_http_aistream_provider_error_t *error);
static ngx_uint_t ngx_http_aistream_provider_error_configured_text(
    ngx_http_aistream_provider_error_t *error, ngx_str_t *text,
    const ngx_str_t *wanted);
static ngx_http_aistream_error_e ngx_http_aistream_provider_error_match(
    const ngx_http_aistream_error_rule_t *rules, ngx_uint_t status,
    ngx_http_aistream_provider_error_t *error);
static ngx_uint_t ngx_http_aistream_provider_error_has_code(
    ngx_http_aistream_provider_error_t *error, const ngx_str_t *code);
static ngx_uint_t ngx_http_aistream_provider_error_has_text(ngx_str_t *text,
    const ngx_str_t *pattern);


void
ngx_http_aistream_provider_error(ngx_pool_t *pool, ngx_array_t *configured,
    const ngx_http_aistream_error_rule_t *rules, ngx_uint_t status,
    ngx_str_t *body, ngx_http_aistream_provider_error_t *error)
{
    ngx_str_t                       ignored;
    ngx_uint_t                      i;
    ngx_http_aistream_json_t       *json;

    const ngx_http_aistream_error_rule_t  *tables[] = {
        ngx_http_aistream_status_errors, rules,
        ngx_http_aistream_common_errors
    };

    ngx_memzero(error, sizeof(ngx_http_aistream_provider_error_t));

    error->status = status;
    error->retry_after = -1;

    json = ngx_http_aistream_json_parse(pool, body->data, body->len, &ignored);

    if (json) {
        ngx_http_aistream_provider_error_read(pool, json, error);

    } else {
        ngx_http_aistream_provider_error_plain(body, &error->text);
    }

    error->error = ngx_http_aistream_provider_error_configured(configured,
                                         json ? &error->text : body, error);

    /* The status of an error within a 200 response is the one in the event. */

    if (status == 200 && error->code) {
        status = error->code;
    }

    for (i = 0; i < 3 && error->error == NGX_HTTP_AISTREAM_E_NONE; i++) {
        error->error = ngx_http_aistream_provider_error_match(tables[i],
                                                              status, error);
    }

    if (error->error == NGX_HTTP_AISTREAM_E_NONE) {
        error->error = ngx_http_aistream_error_of_provider(status);
    }
}


/*
 * Reads {"error":{"message","type","code","status","details"}}, the same in a
 * list, {"error":"..."}, {"detail":"..."}, {"message":"..."}, and the nested
 * forms sent by relays.
 */

static void
ngx_http_aistream_provider_error_read(ngx_pool_t *pool,
    ngx_http_aistream_json_t *json,
    ngx_http_aistream_provider_error_t *error)
{
    ngx_uint_t                 i;
    ngx_http_aistream_json_t  *inner;

    if (ngx_http_aistream_json_type(json) == NGX_HTTP_AISTREAM_JSON_STRING) {
        (void) ngx_http_aistream_json_string(json, &error->text);
        return;
    }

    for (i = 0; i < NGX_HTTP_AISTREAM_ERROR_NESTING; i++) {

        if (ngx_http_aistream_json_type(json)
            == NGX_HTTP_AISTREAM_JSON_ARRAY)
        {
            json = ngx_http_aistream_json_first(json);
            continue;
        }

        /* Outer codes count, too: xAI sends a code with a string. */

        ngx_http_aistream_provider_error_codes(json, error);

        inner = ngx_http_aistream_provider_error_inner(json);

        if (inner == NULL) {
            break;
        }

        json = inner;
    }

    ngx_http_aistream_provider_error_text(pool, json, error);
}


/* returns the nested object or list with more details; NULL: none */

static ngx_http_aistream_json_t *
ngx_http_aistream_provider_error_inner(ngx_http_aistream_json_t *json)
{
    ngx_uint_t                  i;
    ngx_http_aistream_json_e    type;
    ngx_http_aistream_json_t   *v;

    static const char  *names[] = { "error", "errors", "detail", "message" };

    for (i = 0; i < 4; i++) {
        v = ngx_http_aistream_json_get(json, names[i]);
        type = ngx_http_aistream_json_type(v);

        if (type == NGX_HTTP_AISTREAM_JSON_OBJECT
            || (type == NGX_HTTP_AISTREAM_JSON_ARRAY
                && ngx_http_aistream_json_first(v)))
        {
            return v;
        }
    }

    return NULL;
}


static void
ngx_http_aistream_provider_error_codes(ngx_http_aistream_json_t *json,
    ngx_http_aistream_provider_error_t *error)
{
    ngx_uint_t  i;

    static const char  *names[] = {
        "code", "type", "status", "status_code", "error_type", "error_code",
        "reason"
    };

    for (i = 0; i < 7; i++) {
        ngx_http_aistream_provider_error_code(
                         ngx_http_aistream_json_get(json, names[i]), error);
    }

    /* Azure's filter reports the category here. */

    ngx_http_aistream_provider_error_code(
        ngx_http_aistream_json_get(
            ngx_http_aistream_json_get(json, "innererror"), "code"), error);

    ngx_http_aistream_provider_error_details(
                         ngx_http_aistream_json_get(json, "details"), error);
}


/* adds a code, which is a word or a status; a status may be a string */

static void
ngx_http_aistream_provider_error_code(ngx_http_aistream_json_t *json,
    ngx_http_aistream_provider_error_t *error)
{
    double     n;
    ngx_str_t  code;

    n = 0;

    if (ngx_http_aistream_json_type(json) == NGX_HTTP_AISTREAM_JSON_NUMBER) {
        n = ngx_http_aistream_json_number(json);

    } else if (ngx_http_aistream_json_string(json, &code) == NGX_OK
               && code.len)
    {
        n = (code.len == 3) ? ngx_atoi(code.data, code.len) : 0;

        if (error->ncodes < NGX_HTTP_AISTREAM_ERROR_CODES) {
            error->codes[error->ncodes++] = code;
        }
    }

    if (n >= 400 && n < 600) {
        error->code = (ngx_uint_t) n;
    }
}


static void
ngx_http_aistream_provider_error_text(ngx_pool_t *pool,
    ngx_http_aistream_json_t *json,
    ngx_http_aistream_provider_error_t *error)
{
    u_char      *p;
    ngx_str_t    text, raw;
    ngx_uint_t   i;

    static const char  *names[] = {
        "message", "error", "detail", "msg", "error_msg"
    };

    if (ngx_http_aistream_json_string(json, &error->text) == NGX_OK) {
        return;
    }

    for (i = 0; i < 5; i++) {
        if (ngx_http_aistream_json_string(
                ngx_http_aistream_json_get(json, names[i]), &error->text)
            == NGX_OK
            && error->text.len)
        {
            break;
        }
    }

    /*
     * OpenRouter sends "Provider returned error", and the provider's error in
     * the metadata
     */

    if (ngx_http_aistream_json_string(
            ngx_http_aistream_json_get(
                ngx_http_aistream_json_get(json, "metadata"), "raw"), &raw)
        != NGX_OK || raw.len == 0)
    {
        return;
    }

    text.len = error->text.len + sizeof(": ") - 1 + raw.len;
    text.data = ngx_pnalloc(pool, text.len);

    if (text.data) {
        p = ngx_cpymem(text.data, error->text.data, error->text.len);
        p = ngx_cpymem(p, ": ", sizeof(": ") - 1);
        ngx_memcpy(p, raw.data, raw.len);

        error->text = text;
    }
}


/* google.rpc details: {"reason":"API_KEY_INVALID"}, {"retryDelay":"13.5s"} */

static void
ngx_http_aistream_provider_error_details(ngx_http_aistream_json_t *details,
    ngx_http_aistream_provider_error_t *error)
{
    ngx_str_t                  delay;
    ngx_http_aistream_json_t  *v;

    if (ngx_http_aistream_json_type(details) != NGX_HTTP_AISTREAM_JSON_ARRAY)
    {
        return;
    }

    for (v = ngx_http_aistream_json_first(details);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        ngx_http_aistream_provider_error_code(
                             ngx_http_aistream_json_get(v, "reason"), error);

        if (error->retry_after == -1
            && ngx_http_aistream_json_string(
                   ngx_http_aistream_json_get(v, "retryDelay"), &delay)
               == NGX_OK
            && delay.len && delay.data[delay.len - 1] == 's')
        {
            delay.len--;
            error->retry_after = ngx_http_aistream_retry_time(&delay, 1000);
        }
    }
}


/*
 * Handles a body that is not JSON, or is truncated; an HTML page is ignored.
 */

static void
ngx_http_aistream_provider_error_plain(ngx_str_t *body, ngx_str_t *text)
{
    size_t   n;
    u_char  *p, *last;

    p = body->data;
    last = body->data + body->len;

    while (p < last && (*p <= 0x20 || *p == 0x7f)) {
        p++;
    }

    if (p == last || *p == '<') {
        return;
    }

    text->data = p;

    while (p < last) {
        n = ngx_http_aistream_utf8_len(p, last);

        if (n == 0) {
            break;
        }

        p += n;
    }

    text->len = p - text->data;
}


static ngx_http_aistream_error_e
ngx_http_aistream_provider_error_configured(ngx_array_t *configured,
    ngx_str_t *text, ngx_http_aistream_provider_error_t *error)
{
    ngx_uint_t                             i;
    const ngx_http_aistream_error_rule_t  *rule;

    if (configured == NULL) {
        return NGX_HTTP_AISTREAM_E_NONE;
    }

    rule = configured->elts;

    for (i = 0; i < configured->nelts; i++) {

        if (rule[i].status && rule[i].status != error->status
            && !(error->status == 200 && rule[i].status == error->code))
        {
            continue;
        }

        if (ngx_http_aistream_provider_error_configured_text(error, text,
                                                             &rule[i].text))
        {
            return rule[i].error;
        }
    }

    return NGX_HTTP_AISTREAM_E_NONE;
}


/* Searches the message and the codes, because some errors have only codes. */

static ngx_uint_t
ngx_http_aistream_provider_error_configured_text(
    ngx_http_aistream_provider_error_t *error, ngx_str_t *text,
    const ngx_str_t *wanted)
{
    ngx_uint_t  i;

    for (i = 0; i < error->ncodes + 1; i++) {

        if (text->len
            && ngx_strlcasestrn(text->data, text->data + text->len,
                                wanted->data, wanted->len - 1)
               != NULL)
        {
            return 1;
        }

        text = &error->codes[i];
    }

    return 0;
}


static ngx_http_aistream_error_e
ngx_http_aistream_provider_error_match(
    const ngx_http_aistream_error_rule_t *rules, ngx_uint_t status,
    ngx_http_aistream_provider_error_t *error)
{
    const ngx_http_aistream_error_rule_t  *rule;

    for (rule = rules; rule->error != NGX_HTTP_AISTREAM_E_NONE; rule++) {

        if ((rule->status == 0 || rule->status == status)
            && (rule->code.len == 0
                || ngx_http_aistream_provider_error_has_code(error,
                                                             &rule->code))
            && (rule->text.len == 0
                || ngx_http_aistream_provider_error_has_text(&error->text,
                                                             &rule->text)))
        {
            break;
        }
    }

    return rule->error;
}


static ngx_uint_t
ngx_http_aistream_provider_error_has_code(
    ngx_http_aistream_provider_error_t *error, const ngx_str_t *code)
{
    ngx_uint_t  i;

    for (i = 0; i < error->ncodes; i++) {
        if (error->codes[i].len == code->len
            && ngx_strncasecmp(error->codes[i].data, code->data, code->len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* searches the parts between the asterisks in order */

static ngx_uint_t
ngx_http_aistream_provider_error_has_text(ngx_str_t *text,
    const ngx_str_t *pattern)
{
    u_char  *p, *last, *piece, *star, *end;

    p = text->data;
    last = text->data + text->len;
    end = pattern->data + pattern->len;

    for (piece = pattern->data; piece < end; piece = star + 1) {

        star = ngx_strlchr(piece, end, '*');

        if (star == NULL) {
            star = end;
        }

        p = (p < last) ? ngx_strlcasestrn(p, last, piece, star - piece - 1)
                       : NULL;

        if (p == NULL) {
            return 0;
        }

        p += star - piece;
    }

    return 1;
}


ngx_msec_int_t
ngx_http_aistream_retry_time(ngx_str_t *value, ngx_uint_t scale)
{
    u_char          *p, *last;
    ngx_uint_t       unit, fraction;
    ngx_msec_int_t   time, max;

    p = value->data;
    last = value->data + value->len;
    max = (ngx_msec_int_t) NGX_HTTP_AISTREAM_RETRY_AFTER_MAX * 1000;

    if (p == last || *p < '0' || *p > '9') {
        return NGX_ERROR;
    }

    for (time = 0; p < last && *p >= '0' && *p <= '9'; p++) {
        time = time * 10 + (*p - '0') * (ngx_msec_int_t) scale;

        if (time > max) {
            return NGX_ERROR;
        }
    }

    if (p == last) {
        return time;
    }

    if (*p++ != '.' || p == last) {
        return NGX_ERROR;
    }

    fraction = 0;

    for (unit = scale / 10; p < last && *p >= '0' && *p <= '9'; p++) {

        if (unit) {
            time += (*p - '0') * unit;

        } else if (*p != '0') {
            fraction = 1;
        }

        unit /= 10;
    }

    return p == last ? time + (ngx_msec_int_t) fraction : NGX_ERROR;
}
