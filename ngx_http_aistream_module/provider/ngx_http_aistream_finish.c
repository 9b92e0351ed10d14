
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <provider/ngx_http_aistream_tool_call.h>
#include <provider/ngx_http_aistream_finish.h>


#define STOP            NGX_HTTP_AISTREAM_FINISH_STOP
#define LENGTH          NGX_HTTP_AISTREAM_FINISH_LENGTH
#define TOOL_CALLS      NGX_HTTP_AISTREAM_FINISH_TOOL_CALLS
#define CONTENT_FILTER  NGX_HTTP_AISTREAM_FINISH_CONTENT_FILTER
#define ERROR           NGX_HTTP_AISTREAM_FINISH_ERROR
#define OTHER           NGX_HTTP_AISTREAM_FINISH_OTHER


/*
 * The first five are OpenAI's own.  A "stop" with tool calls is reported as
 * tool calls, see ngx_http_aistream_provider_finish().
 */

const ngx_http_aistream_word_t  ngx_http_aistream_finish_openai[] = {
    { ngx_string("stop"),                         STOP },
    { ngx_string("length"),                       LENGTH },
    { ngx_string("tool_calls"),                   TOOL_CALLS },
    { ngx_string("function_call"),                TOOL_CALLS },
    { ngx_string("content_filter"),               CONTENT_FILTER },

    { ngx_string("end"),                          STOP },
    { ngx_string("end_turn"),                     STOP },
    { ngx_string("eos"),                          STOP },
    { ngx_string("eos_token"),                    STOP },
    { ngx_string("stop_sequence"),                STOP },
    { ngx_string("complete"),                     STOP },
    { ngx_string("completed"),                    STOP },

    { ngx_string("model_length"),                 LENGTH },
    { ngx_string("max_length"),                   LENGTH },
    { ngx_string("max_tokens"),                   LENGTH },
    { ngx_string("max_output_tokens"),            LENGTH },
    { ngx_string("token_limit"),                  LENGTH },
    { ngx_string("model_context_window_exceeded"), LENGTH },

    { ngx_string("tool_calling"),                 TOOL_CALLS },
    { ngx_string("tool_call"),                    TOOL_CALLS },
    { ngx_string("tool-calls"),                   TOOL_CALLS },
    { ngx_string("tool_use"),                     TOOL_CALLS },
    { ngx_string("function_calls"),               TOOL_CALLS },

    { ngx_string("content-filter"),               CONTENT_FILTER },
    { ngx_string("safety"),                       CONTENT_FILTER },
    { ngx_string("recitation"),                   CONTENT_FILTER },
    { ngx_string("sensitive"),                    CONTENT_FILTER },
    { ngx_string("refusal"),                      CONTENT_FILTER },

    { ngx_string("error"),                        ERROR },
    { ngx_string("network_error"),                ERROR },
    { ngx_string("insufficient_system_resource"), ERROR },
    { ngx_string("abort"),                        ERROR },
    { ngx_string("aborted"),                      ERROR },
    { ngx_string("malformed_function_call"),      ERROR },
    { ngx_string("unexpected_tool_call"),         ERROR },

    { ngx_string("function_call_filter: MALFORMED_FUNCTION_CALL"), ERROR },
    { ngx_string("function_call_filter: UNEXPECTED_TOOL_CALL"),    ERROR },

    { ngx_null_string,                            OTHER }
};


/* the status of a response, and the reason why it is incomplete */

const ngx_http_aistream_word_t  ngx_http_aistream_finish_responses[] = {
    { ngx_string("completed"),                    STOP },
    { ngx_string("max_output_tokens"),            LENGTH },
    { ngx_string("max_tokens"),                   LENGTH },
    { ngx_string("content_filter"),               CONTENT_FILTER },
    { ngx_string("failed"),                       ERROR },
    { ngx_string("cancelled"),                    ERROR },
    { ngx_null_string,                            OTHER }
};


const ngx_http_aistream_word_t  ngx_http_aistream_finish_anthropic[] = {
    { ngx_string("end_turn"),                     STOP },
    { ngx_string("stop_sequence"),                STOP },
    { ngx_string("pause_turn"),                   STOP },
    { ngx_string("tool_use"),                     TOOL_CALLS },
    { ngx_string("max_tokens"),                   LENGTH },
    { ngx_string("model_context_window_exceeded"), LENGTH },
    { ngx_string("refusal"),                      CONTENT_FILTER },

    /* words of other services that use the dialect */
    { ngx_string("stop"),                         STOP },
    { ngx_string("sensitive"),                    CONTENT_FILTER },
    { ngx_string("error"),                        ERROR },
    { ngx_string("network_error"),                ERROR },

    { ngx_null_string,                            OTHER }
};


const ngx_http_aistream_word_t  ngx_http_aistream_finish_gemini[] = {
    { ngx_string("STOP"),                         STOP },
    { ngx_string("MAX_TOKENS"),                   LENGTH },

    { ngx_string("SAFETY"),                       CONTENT_FILTER },
    { ngx_string("RECITATION"),                   CONTENT_FILTER },
    { ngx_string("BLOCKLIST"),                    CONTENT_FILTER },
    { ngx_string("PROHIBITED_CONTENT"),           CONTENT_FILTER },
    { ngx_string("SPII"),                         CONTENT_FILTER },
    { ngx_string("MODEL_ARMOR"),                  CONTENT_FILTER },
    { ngx_string("IMAGE_SAFETY"),                 CONTENT_FILTER },
    { ngx_string("IMAGE_PROHIBITED_CONTENT"),     CONTENT_FILTER },
    { ngx_string("IMAGE_RECITATION"),             CONTENT_FILTER },

    { ngx_string("MALFORMED_FUNCTION_CALL"),      ERROR },
    { ngx_string("UNEXPECTED_TOOL_CALL"),         ERROR },
    { ngx_string("TOO_MANY_TOOL_CALLS"),          ERROR },
    { ngx_string("MISSING_THOUGHT_SIGNATURE"),    ERROR },
    { ngx_string("MALFORMED_RESPONSE"),           ERROR },

    { ngx_null_string,                            OTHER }
};


/* "load" and "unload" answer a request without a prompt */

const ngx_http_aistream_word_t  ngx_http_aistream_finish_ollama[] = {
    { ngx_string("stop"),                         STOP },
    { ngx_string("length"),                       LENGTH },
    { ngx_null_string,                            OTHER }
};


ngx_int_t
ngx_http_aistream_finish_reason(ngx_http_aistream_reader_t *reader,
    const ngx_http_aistream_word_t *words, ngx_str_t *word)
{
    ngx_uint_t                       value;
    const ngx_http_aistream_word_t  *w;

    if (word->len == 0) {
        return NGX_OK;
    }

    value = ngx_http_aistream_word(words, word);

    if (value == OTHER) {
        for (w = words; w->word.len; w++) {
            if (w->word.len == word->len
                && ngx_strncasecmp(w->word.data, word->data, word->len) == 0)
            {
                value = w->value;
                break;
            }
        }
    }

    reader->finish = value;

    if (value != ERROR) {
        return NGX_OK;
    }

    return ngx_http_aistream_provider_fail(reader,
                                           NGX_HTTP_AISTREAM_E_PROVIDER, word);
}


ngx_int_t
ngx_http_aistream_provider_finish(ngx_http_aistream_reader_t *reader)
{
    ngx_int_t                  rc;
    ngx_http_aistream_delta_t  d;

    rc = ngx_http_aistream_tool_call_end_all(reader, 0);

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_FINISH;
    d.finish = reader->finish;
    d.usage = &reader->usage;

    if (d.finish == NGX_HTTP_AISTREAM_FINISH_STOP
        && ngx_http_aistream_tool_call_any(reader))
    {
        d.finish = NGX_HTTP_AISTREAM_FINISH_TOOL_CALLS;
    }

    reader->done = 1;

    return ngx_http_aistream_sink(reader->sink, &d);
}
