
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Tests the classification of providers' errors, with texts from documentation
 * and public reports.
 */


#include "ngx_http_aistream_unit_errors.h"


typedef struct {
    const char                      *text;
    ngx_uint_t                       scale;
    ngx_int_t                        time;      /* -1: invalid */
} ngx_http_aistream_unit_time_t;


static void ngx_http_aistream_unit_error_list(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_error_t *list, ngx_array_t *own);
static void ngx_http_aistream_unit_error_own(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_error_times(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_error_delays(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_error_table(ngx_http_aistream_unit_t *t);


/*
 * with the operator's rules: "Busy" is overloaded, "QUOTA" with 400 rate_limit
 */

static ngx_http_aistream_unit_error_t
    ngx_http_aistream_unit_own[] =
{
    { "openai", 400, "{\"error\":\"the server is BUSY now\"}", "overloaded" },
    { "openai", 401, "{\"error\":\"busy\"}", "overloaded" },
    { "openai", 400, "{\"error\":{\"type\":\"busy_error\"}}", "overloaded" },
    { "openai", 400, "busy", "overloaded" },
    { "openai", 500, "<html>Busy</html>", "overloaded" },
    { "openai", 400, "{\"error\":\"my quota\"}", "rate_limit" },
    { "openai", 422, "{\"error\":\"my quota\"}", "invalid_request" },
    { "openai", 200, "{\"error\":{\"message\":\"quota\",\"code\":400}}",
      "rate_limit" },
    { "openai", 200, "{\"error\":{\"message\":\"quota\",\"code\":500}}",
      "provider_error" },
    { "openai", 400, "{\"error\":\"bus\"}", "invalid_request" },
    { "openai", 400, "", "invalid_request" },
    { NULL, 0, NULL, NULL }
};


static ngx_http_aistream_unit_time_t
    ngx_http_aistream_unit_times[] =
{
    { "0", 1000, 0 },
    { "30", 1000, 30000 },
    { "1.5", 1000, 1500 },
    { "13.5", 1000, 13500 },
    { "0.0001", 1000, 1 },
    { "1.0000", 1000, 1000 },
    { "7.66123", 1000, 7662 },
    { "604800", 1000, 604800000 },
    { "604801", 1000, -1 },
    { "99999999999999999999", 1000, -1 },
    { "2500", 1, 2500 },
    { "2500.25", 1, 2501 },
    { "", 1000, -1 },
    { "-1", 1000, -1 },
    { "+1", 1000, -1 },
    { "1.", 1000, -1 },
    { ".5", 1000, -1 },
    { "1s", 1000, -1 },
    { "1e3", 1000, -1 },
    { "1,5", 1000, -1 },
    { "1.5.5", 1000, -1 },
    { "soon", 1000, -1 },
    { NULL, 0, 0 }
};


void
ngx_http_aistream_unit_errors(ngx_http_aistream_unit_t *t)
{
    ngx_http_aistream_unit_error_list(t, ngx_http_aistream_unit_overflows,
                                      NULL);
    ngx_http_aistream_unit_error_list(t, ngx_http_aistream_unit_no_overflows,
                                      NULL);
    ngx_http_aistream_unit_error_list(t, ngx_http_aistream_unit_others, NULL);

    ngx_http_aistream_unit_error_own(t);
    ngx_http_aistream_unit_error_times(t);
    ngx_http_aistream_unit_error_delays(t);
    ngx_http_aistream_unit_error_table(t);
}


/*
 * all errors are in the table; errors that we retry are retryable by clients
 */

static void
ngx_http_aistream_unit_error_table(ngx_http_aistream_unit_t *t)
{
    ngx_uint_t                        i;
    const ngx_http_aistream_error_t  *e;

    for (i = NGX_HTTP_AISTREAM_E_NONE + 1; i < NGX_HTTP_AISTREAM_E_MAX; i++) {
        e = ngx_http_aistream_error(i);

        ngx_http_aistream_unit_number(t, "error has a code and a message",
                                      e->code.len && e->message.len, 1);
        ngx_http_aistream_unit_number(t, "error has a status",
                                      e->status >= 400 && e->status < 600, 1);
        ngx_http_aistream_unit_number(t, (char *) e->code.data,
                                      e->retry && !e->retryable, 0);
    }
}


static void
ngx_http_aistream_unit_error_list(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_error_t *list, ngx_array_t *own)
{
    ngx_str_t                             name, body, got, expected;
    ngx_http_aistream_unit_error_t       *e;
    ngx_http_aistream_provider_error_t    error;
    const ngx_http_aistream_provider_t   *provider;

    for (e = list; e->dialect; e++) {
        name.data = (u_char *) e->dialect;
        name.len = ngx_strlen(e->dialect);
        body.data = (u_char *) e->body;
        body.len = ngx_strlen(e->body);
        expected.data = (u_char *) e->code;
        expected.len = ngx_strlen(e->code);

        provider = ngx_http_aistream_provider(&name);

        ngx_http_aistream_provider_error(t->pool, own, provider->errors,
                                         e->status, &body, &error);

        got = ngx_http_aistream_error(error.error)->code;

        ngx_http_aistream_unit_equal(t, e->body, &got, &expected);
    }
}


static void
ngx_http_aistream_unit_error_own(ngx_http_aistream_unit_t *t)
{
    ngx_array_t                     own;
    ngx_http_aistream_error_rule_t  rules[2];

    ngx_memzero(rules, sizeof(rules));
    ngx_memzero(&own, sizeof(ngx_array_t));

    ngx_str_set(&rules[0].text, "Busy");
    rules[0].error = NGX_HTTP_AISTREAM_E_OVERLOADED;

    rules[1].status = 400;
    ngx_str_set(&rules[1].text, "QUOTA");
    rules[1].error = NGX_HTTP_AISTREAM_E_RATE_LIMIT;

    own.elts = rules;
    own.nelts = 2;

    ngx_http_aistream_unit_error_list(t, ngx_http_aistream_unit_own, &own);
}


static void
ngx_http_aistream_unit_error_times(ngx_http_aistream_unit_t *t)
{
    ngx_str_t                       text;
    ngx_http_aistream_unit_time_t  *time;

    for (time = ngx_http_aistream_unit_times; time->text; time++) {
        text.data = (u_char *) time->text;
        text.len = ngx_strlen(time->text);

        ngx_http_aistream_unit_number(t, time->text,
                           ngx_http_aistream_retry_time(&text, time->scale),
                           time->time);
    }
}


/* google.rpc.RetryInfo, among other details */

static void
ngx_http_aistream_unit_error_delays(ngx_http_aistream_unit_t *t)
{
    u_char                               buf[256];
    ngx_str_t                            body;
    ngx_uint_t                           i;
    ngx_http_aistream_provider_error_t   error;

    static struct {
        const char  *delay;
        ngx_int_t    time;
    } delays[] = {
        { "\"13.5s\"", 13500 },
        { "\"0.000000001s\"", 1 },
        { "\"30s\"", 30000 },
        { "\"30\"", -1 },
        { "\"s\"", -1 },
        { "\"-1s\"", -1 },
        { "\"99999999999s\"", -1 },
        { "\"\"", -1 },
        { "30", -1 },
        { "null", -1 }
    };

    for (i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        body.data = buf;
        body.len = ngx_sprintf(buf, "[{\"error\":{\"code\":429,\"details\":["
                               "{\"reason\":\"x\"},7,{\"@type\":\"RetryInfo\","
                               "\"retryDelay\":%s}]}}]", delays[i].delay)
                   - buf;

        ngx_http_aistream_provider_error(t->pool, NULL,
                                         ngx_http_aistream_gemini_errors, 429,
                                         &body, &error);

        ngx_http_aistream_unit_number(t, delays[i].delay, error.retry_after,
                                      delays[i].time);
    }
}
