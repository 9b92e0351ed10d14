
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Tests events that providers should not send. */


#include "ngx_http_aistream_unit.h"


typedef struct {
    const char                      *what;
    ngx_str_t                        dialect;
    size_t                           max_arguments;
    const char                      *events[3];

    /*
     * a word for each delta, with its text; "rejected" if the event is invalid
     */
    ngx_str_t                        expected;
} ngx_http_aistream_unit_events_case_t;


typedef struct {
    ngx_http_aistream_sink_t         sink;      /* must be first */
    ngx_http_aistream_reader_t       reader;
    u_char                          *p;
    u_char                           seen[1024];
} ngx_http_aistream_unit_events_t;


static void ngx_http_aistream_unit_events_run(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_events_case_t *c);
static ngx_int_t ngx_http_aistream_unit_events_delta(
    ngx_http_aistream_sink_t *sink, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_unit_events_error_text(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_error_e error,
    ngx_str_t *text);


static ngx_http_aistream_unit_events_case_t
    ngx_http_aistream_unit_events_cases[] =
{
    { "no delta follows the error of too large arguments",
      ngx_string("anthropic"), 1,
      { "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
        "{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"f\"}}",
        "{\"type\":\"content_block_stop\",\"index\":0}", NULL },
      ngx_string("start 1;error;") },

    { "an invalid number is rejected",
      ngx_string("gemini"), 1000,
      { "{\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{"
        "\"id\":\"1\",\"name\":\"f\",\"partialArgs\":[{\"jsonPath\":\"$.a\","
        "\"numberValue\":\"\xff\"}],\"willContinue\":true}}]}}]}", NULL },
      ngx_string("start 1;rejected;") },

    { "details that are a number are ignored",
      ngx_string("openai"), 1000,
      { "{\"usage\":{\"prompt_tokens\":5,\"prompt_tokens_details\":7}}",
        "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
        "[DONE]" },
      ngx_string("finish 5;") },

    { "a late id belongs to the same tool call",
      ngx_string("openai"), 1000,
      { "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,"
        "\"function\":{\"name\":\"f\"}}]}}]}",
        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"x\","
        "\"function\":{\"name\":\"f\",\"arguments\":\"{1\"}}]}}]}",
        "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}" },
      ngx_string("start call_000000000;arguments {1;") },

    { "a truncated event is rejected",
      ngx_string("openai"), 1000,
      { "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]", NULL },
      ngx_string("rejected;") },

    { "bytes after the end of an event are rejected",
      ngx_string("openai"), 1000,
      { "{\"choices\":[]}}", NULL },
      ngx_string("rejected;") },

    { "bytes after the end of an error are rejected",
      ngx_string("openai"), 1000,
      { "{\"error\":{\"message\":\"no\"}}}", NULL },
      ngx_string("rejected;") },

    { "any word may be escaped",
      ngx_string("anthropic"), 1000,
      { "{\"t\\u0079pe\":\"content_block\\u005Fdelta\",\"index\":0,\"delta\":"
        "{\"type\":\"text_delt\\u0061\",\"\\u0074ext\":\"a\"}}", NULL },
      ngx_string("text a;") }
};


void
ngx_http_aistream_unit_events(ngx_http_aistream_unit_t *t)
{
    size_t  i;

    for (i = 0;
         i < sizeof(ngx_http_aistream_unit_events_cases)
             / sizeof(ngx_http_aistream_unit_events_case_t);
         i++)
    {
        ngx_http_aistream_unit_events_run(t,
                                    &ngx_http_aistream_unit_events_cases[i]);
    }
}


static void
ngx_http_aistream_unit_events_run(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_events_case_t *c)
{
    ngx_str_t                            name, data, got;
    ngx_uint_t                           i;
    ngx_http_aistream_unit_events_t      r;
    const ngx_http_aistream_provider_t  *provider;

    ngx_memzero(&r, sizeof(ngx_http_aistream_unit_events_t));

    provider = ngx_http_aistream_provider(&c->dialect);

    r.p = r.seen;
    r.sink.delta = ngx_http_aistream_unit_events_delta;
    r.reader.sink = &r.sink;
    r.reader.pool = t->pool;
    r.reader.log = t->pool->log;
    r.reader.dialect = &c->dialect;
    r.reader.max_arguments = c->max_arguments;
    r.reader.error_text = ngx_http_aistream_unit_events_error_text;

    ngx_http_aistream_usage_init(&r.reader.usage);
    ngx_str_null(&name);

    for (i = 0; i < 3 && c->events[i] && !r.reader.done; i++) {
        data.data = (u_char *) c->events[i];
        data.len = ngx_strlen(data.data);

        if (provider->read(&r.reader, &name, &data) != NGX_OK) {
            r.p = ngx_sprintf(r.p, "rejected;");
            break;
        }
    }

    got.data = r.seen;
    got.len = r.p - r.seen;

    ngx_http_aistream_unit_equal(t, c->what, &got, &c->expected);
}


static ngx_int_t
ngx_http_aistream_unit_events_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_unit_events_t  *r;

    r = (ngx_http_aistream_unit_events_t *) sink;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        r->p = ngx_sprintf(r->p, "text %V;", &d->text);
        break;

    case NGX_HTTP_AISTREAM_TOOL_START:
        r->p = ngx_sprintf(r->p, "start %V;", &d->id);
        break;

    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
        r->p = ngx_sprintf(r->p, "arguments %V;", &d->text);
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        r->p = ngx_sprintf(r->p, "finish %i;", d->usage->input);
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        r->p = ngx_sprintf(r->p, "error;");
        break;

    default:
        r->p = ngx_sprintf(r->p, "other;");
        break;
    }

    return NGX_OK;
}


static void
ngx_http_aistream_unit_events_error_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *text)
{
    /* the log is not tested */
}
