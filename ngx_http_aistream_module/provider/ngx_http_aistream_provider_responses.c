
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * OpenAI's Responses:
 *
 * data: {"type":"response.output_item.added","output_index":0,"item":{}}
 * data: {"type":"response.output_text.delta","output_index":0,
 *        "delta":"Hel",...}
 * data: {"type":"response.output_item.done","output_index":0,"item":{}}
 * data: {"type":"response.completed","response":{"usage":{...},...}}
 *
 * Relays may leave out the names of events and change the id of an item in
 * every event, so only the type in the data and the index are used.  A failure
 * comes twice, as an error and as the failed response.
 */


#include <provider/ngx_http_aistream_tool_call.h>
#include <provider/ngx_http_aistream_finish.h>
#include <provider/ngx_http_aistream_provider_request.h>
#include <provider/ngx_http_aistream_responses.h>


static ngx_int_t ngx_http_aistream_responses_path(ngx_pool_t *pool,
    ngx_str_t *model, ngx_str_t *path);
static ngx_int_t ngx_http_aistream_responses_read(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_uint_t ngx_http_aistream_responses_event(
    ngx_http_aistream_scan_t *type, ngx_str_t *name);
static ngx_int_t ngx_http_aistream_responses_place(
    ngx_http_aistream_scan_t *summary, ngx_http_aistream_scan_t *content);
static ngx_int_t ngx_http_aistream_responses_read_text(
    ngx_http_aistream_reader_t *reader, ngx_uint_t event, ngx_int_t n,
    ngx_int_t place, ngx_http_aistream_scan_t *delta, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_responses_read_arguments(
    ngx_http_aistream_reader_t *reader, ngx_int_t index,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_responses_read_end(
    ngx_http_aistream_reader_t *reader, ngx_uint_t event,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_responses_end(
    ngx_http_aistream_reader_t *reader);


typedef enum {
    sw_other = 0,
    sw_text_done,
    sw_reasoning_done,
    sw_text,
    sw_reasoning,
    sw_refusal,
    sw_arguments,
    sw_item_added,
    sw_item_done,
    sw_annotation,
    sw_completed,
    sw_incomplete,
    sw_failed,
    sw_error
} ngx_http_aistream_responses_event_e;


static const ngx_http_aistream_word_t  ngx_http_aistream_responses_events[] = {
    { ngx_string("response.output_text.delta"), sw_text },
    { ngx_string("response.reasoning_summary_text.delta"), sw_reasoning },
    { ngx_string("response.reasoning_text.delta"), sw_reasoning },
    { ngx_string("response.refusal.delta"), sw_refusal },
    { ngx_string("response.function_call_arguments.delta"), sw_arguments },
    { ngx_string("response.custom_tool_call_input.delta"), sw_arguments },
    { ngx_string("response.output_item.added"), sw_item_added },
    { ngx_string("response.output_item.done"), sw_item_done },
    { ngx_string("response.output_text.annotation.added"), sw_annotation },
    { ngx_string("response.output_text.done"), sw_text_done },
    { ngx_string("response.refusal.done"), sw_text_done },
    { ngx_string("response.reasoning_summary_text.done"), sw_reasoning_done },
    { ngx_string("response.reasoning_text.done"), sw_reasoning_done },
    { ngx_string("response.content_part.done"), sw_text_done },
    { ngx_string("response.reasoning_summary_part.done"), sw_reasoning_done },
    { ngx_string("response.function_call_arguments.done"), sw_text_done },
    { ngx_string("response.custom_tool_call_input.done"), sw_text_done },
    { ngx_string("response.completed"), sw_completed },
    { ngx_string("response.incomplete"), sw_incomplete },
    { ngx_string("response.failed"), sw_failed },
    { ngx_string("response.cancelled"), sw_failed },
    { ngx_string("error"), sw_error },
    { ngx_null_string, sw_other }
};


static const ngx_http_aistream_count_t
    ngx_http_aistream_responses_cached[] =
{
    { ngx_string("cached_tokens"), ngx_http_aistream_count(cached), NULL },
    { ngx_null_string, 0, NULL }
};


static const ngx_http_aistream_count_t
    ngx_http_aistream_responses_reasoning[] =
{
    { ngx_string("reasoning_tokens"), ngx_http_aistream_count(reasoning),
      NULL },
    { ngx_null_string, 0, NULL }
};


static const ngx_http_aistream_count_t  ngx_http_aistream_responses_usage[] = {

    { ngx_string("input_tokens"), ngx_http_aistream_count(input), NULL },
    { ngx_string("output_tokens"), ngx_http_aistream_count(output), NULL },
    { ngx_string("total_tokens"), ngx_http_aistream_count(total), NULL },

    { ngx_string("input_tokens_details"), 0,
      ngx_http_aistream_responses_cached },

    { ngx_string("output_tokens_details"), 0,
      ngx_http_aistream_responses_reasoning },

    { ngx_null_string, 0, NULL }
};


static ngx_int_t
ngx_http_aistream_responses_path(ngx_pool_t *pool, ngx_str_t *model,
    ngx_str_t *path)
{
    ngx_str_set(path, "/responses");
    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_responses_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_int_t                 n, place;
    ngx_uint_t                event;
    ngx_http_aistream_scan_t  s;

    enum {
        type = 0, index, content, summary, delta, item, annotation, response,
        count
    };

    static const ngx_str_t  names[] = {
        [type] = ngx_string("type"),
        [index] = ngx_string("output_index"),
        [content] = ngx_string("content_index"),
        [summary] = ngx_string("summary_index"),
        [delta] = ngx_string("delta"),
        [item] = ngx_string("item"),
        [annotation] = ngx_string("annotation"),
        [response] = ngx_string("response"),
        [count] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[count];

    if (ngx_http_aistream_scan_is(data, "[DONE]")) {
        return NGX_OK;
    }

    s.pos = data->data;
    s.last = data->data + data->len;

    if (ngx_http_aistream_scan_pick(&s, names, v) != NGX_OK
        || ngx_http_aistream_scan_end(&s) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    n = 0;
    (void) ngx_http_aistream_scan_int(&v[index], &n);
    place = ngx_http_aistream_responses_place(&v[summary], &v[content]);

    event = ngx_http_aistream_responses_event(&v[type], name);

    switch (event) {

    case sw_text:
    case sw_reasoning:
    case sw_refusal:
    case sw_text_done:
    case sw_reasoning_done:
        return ngx_http_aistream_responses_read_text(reader, event, n, place,
                                                     &v[delta], data);

    case sw_arguments:
        return ngx_http_aistream_responses_read_arguments(reader, n,
                                                          &v[delta]);

    case sw_item_added:
    case sw_item_done:
        return ngx_http_aistream_responses_item(reader, n, &v[item],
                                                event == sw_item_done);

    case sw_annotation:
        return ngx_http_aistream_scan_found(&v[annotation])
               ? ngx_http_aistream_provider_read_source(reader,
                                                        &v[annotation])
               : NGX_OK;

    case sw_completed:
    case sw_incomplete:
    case sw_failed:
        return ngx_http_aistream_responses_read_end(reader, event,
                                                    &v[response]);

    case sw_error:
        return ngx_http_aistream_provider_fail_event(reader,
                                       ngx_http_aistream_openai_errors, data);

    default:
        return NGX_OK;
    }
}


static ngx_uint_t
ngx_http_aistream_responses_event(ngx_http_aistream_scan_t *type,
    ngx_str_t *name)
{
    ngx_str_t  text;

    if (ngx_http_aistream_scan_string(type, &text) != NGX_OK) {
        text = *name;
    }

    return ngx_http_aistream_word(ngx_http_aistream_responses_events, &text);
}


/* the index of the part, or of the summary, within its item */

static ngx_int_t
ngx_http_aistream_responses_place(ngx_http_aistream_scan_t *summary,
    ngx_http_aistream_scan_t *content)
{
    ngx_int_t  place;

    place = 0;

    if (ngx_http_aistream_scan_int(summary, &place) != NGX_OK) {
        (void) ngx_http_aistream_scan_int(content, &place);
    }

    return place;
}


static ngx_int_t
ngx_http_aistream_responses_read_text(ngx_http_aistream_reader_t *reader,
    ngx_uint_t event, ngx_int_t n, ngx_int_t place,
    ngx_http_aistream_scan_t *delta, ngx_str_t *data)
{
    switch (event) {

    case sw_text:
        return ngx_http_aistream_responses_delta(reader,
                                                 NGX_HTTP_AISTREAM_TEXT, n,
                                                 place, delta);

    case sw_reasoning:
        return ngx_http_aistream_responses_delta(reader,
                                                 NGX_HTTP_AISTREAM_REASONING,
                                                 n, place, delta);

    case sw_refusal:
        return ngx_http_aistream_responses_delta(reader,
                                                 NGX_HTTP_AISTREAM_REFUSAL, n,
                                                 place, delta);

    case sw_text_done:
        return ngx_http_aistream_responses_done(reader,
                                                NGX_HTTP_AISTREAM_TEXT, n,
                                                place, data);

    default: /* sw_reasoning_done */
        return ngx_http_aistream_responses_done(reader,
                                                NGX_HTTP_AISTREAM_REASONING,
                                                n, place, data);
    }
}


static ngx_int_t
ngx_http_aistream_responses_read_arguments(ngx_http_aistream_reader_t *reader,
    ngx_int_t index, ngx_http_aistream_scan_t *s)
{
    ngx_str_t                       piece;
    ngx_http_aistream_tool_call_t  *call;

    if (ngx_http_aistream_scan_string(s, &piece) != NGX_OK) {
        return NGX_DECLINED;
    }

    call = ngx_http_aistream_tool_call_find(reader, index);

    return call ? ngx_http_aistream_tool_call_arguments(reader, call, &piece)
                : NGX_OK;
}


static ngx_int_t
ngx_http_aistream_responses_read_end(ngx_http_aistream_reader_t *reader,
    ngx_uint_t event, ngx_http_aistream_scan_t *s)
{
    u_char                    *start;
    ngx_int_t                  rc;
    ngx_str_t                  response, word;
    ngx_http_aistream_scan_t   reason;

    enum { output = 0, usage, details, status, error, n };

    static const ngx_str_t  names[] = {
        [output] = ngx_string("output"),
        [usage] = ngx_string("usage"),
        [details] = ngx_string("incomplete_details"),
        [status] = ngx_string("status"),
        [error] = ngx_string("error"),
        [n] = ngx_null_string
    };

    static const ngx_str_t  reason_names[] = {
        ngx_string("reason"), ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    start = s->pos;

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK
        || ngx_http_aistream_provider_usage(reader, &v[usage],
                                            ngx_http_aistream_responses_usage)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (event == sw_failed || ngx_http_aistream_scan_found(&v[error])) {
        response.data = start;
        response.len = s->pos - start;

        return ngx_http_aistream_provider_fail_event(reader,
                                   ngx_http_aistream_openai_errors, &response);
    }

    rc = ngx_http_aistream_responses_output(reader, &v[output]);

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    /* the event's name may contradict the status of the response */

    if (ngx_http_aistream_scan_peek(&v[details]) != '{'
        || ngx_http_aistream_scan_pick(&v[details], reason_names, &reason)
           != NGX_OK
        || ngx_http_aistream_scan_string(&reason, &word) != NGX_OK)
    {
        if (ngx_http_aistream_scan_string(&v[status], &word) != NGX_OK
            || (event == sw_completed
                && !ngx_http_aistream_scan_is(&word, "failed")
                && !ngx_http_aistream_scan_is(&word, "cancelled")
                && !ngx_http_aistream_scan_is(&word, "incomplete")))
        {
            ngx_str_null(&word);
        }
    }

    reader->finish = (event == sw_completed) ? NGX_HTTP_AISTREAM_FINISH_STOP
                                             : NGX_HTTP_AISTREAM_FINISH_OTHER;

    rc = ngx_http_aistream_finish_reason(reader,
                                         ngx_http_aistream_finish_responses,
                                         &word);

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    return ngx_http_aistream_provider_finish(reader);
}


/* NGX_DECLINED: only an event completes an answer */

static ngx_int_t
ngx_http_aistream_responses_end(ngx_http_aistream_reader_t *reader)
{
    return NGX_DECLINED;
}


static const ngx_http_aistream_varying_t
    ngx_http_aistream_responses_varying[] =
{
    { ngx_string("sequence_number"), NGX_HTTP_AISTREAM_IDLE },
    { ngx_string("obfuscation"), NGX_HTTP_AISTREAM_IDLE },
    { ngx_null_string, 0 }
};


const ngx_http_aistream_provider_t  ngx_http_aistream_provider_responses = {
    .name = ngx_string("responses"),
    .framing = NGX_HTTP_AISTREAM_FRAMING_SSE,
    .auth = NGX_HTTP_AISTREAM_AUTH_HEADER,
    .host = ngx_string("api.openai.com"),
    .base = ngx_string("/v1"),
    .key_header = ngx_string("Authorization"),
    .key_prefix = ngx_string("Bearer "),
    .options = { .max_tokens = ngx_string("max_output_tokens") },
    .varying = ngx_http_aistream_responses_varying,
    .path = ngx_http_aistream_responses_path,
    .create = ngx_http_aistream_responses_create,
    .read = ngx_http_aistream_responses_read,
    .end = ngx_http_aistream_responses_end,
    .errors = ngx_http_aistream_openai_errors
};
