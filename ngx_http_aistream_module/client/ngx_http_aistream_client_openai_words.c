
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * OpenAI's finish reasons, usage and errors.
 */


#include <client/ngx_http_aistream_client_openai.h>


static ngx_str_t  ngx_http_aistream_client_openai_reasons[] = {
    [NGX_HTTP_AISTREAM_FINISH_UNSET] = ngx_string("stop"),
    [NGX_HTTP_AISTREAM_FINISH_STOP] = ngx_string("stop"),
    [NGX_HTTP_AISTREAM_FINISH_LENGTH] = ngx_string("length"),
    [NGX_HTTP_AISTREAM_FINISH_TOOL_CALLS] = ngx_string("tool_calls"),
    [NGX_HTTP_AISTREAM_FINISH_CONTENT_FILTER] = ngx_string("content_filter"),
    [NGX_HTTP_AISTREAM_FINISH_ERROR] = ngx_string("stop"),
    [NGX_HTTP_AISTREAM_FINISH_OTHER] = ngx_string("stop")
};


ngx_str_t *
ngx_http_aistream_client_openai_reason(ngx_http_aistream_finish_e finish)
{
    return &ngx_http_aistream_client_openai_reasons[finish];
}


void
ngx_http_aistream_client_openai_usage(ngx_http_aistream_out_t *out,
    ngx_http_aistream_usage_t *usage)
{
    ngx_int_t  input, output;

    input = ngx_http_aistream_usage_input(usage, 1);
    output = ngx_http_aistream_usage_output(usage);

    ngx_http_aistream_out_literal(out, "{\"prompt_tokens\":");
    ngx_http_aistream_out_int(out, input);
    ngx_http_aistream_out_literal(out, ",\"completion_tokens\":");
    ngx_http_aistream_out_int(out, output);
    ngx_http_aistream_out_literal(out, ",\"total_tokens\":");
    ngx_http_aistream_out_int(out, ngx_http_aistream_usage_total(usage));

    if (usage->cached != -1) {
        ngx_http_aistream_out_literal(out, ",\"prompt_tokens_details\":{"
                                      "\"cached_tokens\":");
        ngx_http_aistream_out_int(out, usage->cached);
        ngx_http_aistream_out_literal(out, "}");
    }

    if (usage->reasoning != -1) {
        ngx_http_aistream_out_literal(out, ",\"completion_tokens_details\":{"
                                      "\"reasoning_tokens\":");
        ngx_http_aistream_out_int(out, usage->reasoning);
        ngx_http_aistream_out_literal(out, "}");
    }

    ngx_http_aistream_out_literal(out, "}");
}


void
ngx_http_aistream_client_openai_error(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_error_e error, ngx_str_t *message)
{
    const char                       *type;
    const ngx_http_aistream_error_t  *e;

    e = ngx_http_aistream_error(error);

    switch (e->status) {

    case 401:
        type = "authentication_error";
        break;

    case 403:
        type = "permission_error";
        break;

    case 429:
        type = "rate_limit_error";
        break;

    default:
        type = e->status < 500 ? "invalid_request_error" : "server_error";
        break;
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_begin(out, "error", '{');
    ngx_http_aistream_json_out_add(out, "message", message);
    ngx_http_aistream_json_out_add_word(out, "type", type);
    ngx_http_aistream_json_out_literal(out, ",\"param\":null");
    ngx_http_aistream_json_out_add(out, "code", (ngx_str_t *) &e->code);
    ngx_http_aistream_json_out_end(out, '}');
    ngx_http_aistream_json_out_end(out, '}');
}
