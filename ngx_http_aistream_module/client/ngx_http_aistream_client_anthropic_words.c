
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Anthropic's finish reasons, usage and errors.
 */


#include <client/ngx_http_aistream_client_anthropic.h>


static ngx_str_t  ngx_http_aistream_client_anthropic_reasons[] = {
    [NGX_HTTP_AISTREAM_FINISH_UNSET] = ngx_string("end_turn"),
    [NGX_HTTP_AISTREAM_FINISH_STOP] = ngx_string("end_turn"),
    [NGX_HTTP_AISTREAM_FINISH_LENGTH] = ngx_string("max_tokens"),
    [NGX_HTTP_AISTREAM_FINISH_TOOL_CALLS] = ngx_string("tool_use"),
    [NGX_HTTP_AISTREAM_FINISH_CONTENT_FILTER] = ngx_string("refusal"),
    [NGX_HTTP_AISTREAM_FINISH_ERROR] = ngx_string("end_turn"),
    [NGX_HTTP_AISTREAM_FINISH_OTHER] = ngx_string("end_turn")
};


ngx_str_t *
ngx_http_aistream_client_anthropic_reason(ngx_http_aistream_finish_e finish)
{
    return &ngx_http_aistream_client_anthropic_reasons[finish];
}


void
ngx_http_aistream_client_anthropic_usage(ngx_http_aistream_out_t *out,
    ngx_http_aistream_usage_t *usage)
{
    ngx_int_t  input, output;

    input = ngx_http_aistream_usage_input(usage, 0);
    output = ngx_http_aistream_usage_output(usage);

    ngx_http_aistream_out_literal(out, "{\"input_tokens\":");
    ngx_http_aistream_out_int(out, ngx_max(input, 0));

    if (usage->cache_write != -1) {
        ngx_http_aistream_out_literal(out,
                                      ",\"cache_creation_input_tokens\":");
        ngx_http_aistream_out_int(out, usage->cache_write);
    }

    if (usage->cached != -1) {
        ngx_http_aistream_out_literal(out, ",\"cache_read_input_tokens\":");
        ngx_http_aistream_out_int(out, usage->cached);
    }

    ngx_http_aistream_out_literal(out, ",\"output_tokens\":");
    ngx_http_aistream_out_int(out, ngx_max(output, 0));
    ngx_http_aistream_out_literal(out, "}");
}


void
ngx_http_aistream_client_anthropic_error(ngx_http_aistream_json_out_t *out,
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

    case 404:
        type = "not_found_error";
        break;

    case 413:
        type = "request_too_large";
        break;

    case 429:
        type = "rate_limit_error";
        break;

    case 503:
        type = "overloaded_error";
        break;

    case 504:
        type = "timeout_error";
        break;

    default:
        type = e->status < 500 ? "invalid_request_error" : "api_error";
        break;
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "error");
    ngx_http_aistream_json_out_begin(out, "error", '{');
    ngx_http_aistream_json_out_add_word(out, "type", type);
    ngx_http_aistream_json_out_add(out, "message", message);

    /* on this error Anthropic's library resends the whole conversation */

    if (error == NGX_HTTP_AISTREAM_E_SESSION_NOT_FOUND) {
        ngx_http_aistream_json_out_begin(out, "details", '{');
        ngx_http_aistream_json_out_add_word(out, "error_code",
                                            "thread_not_found");
        ngx_http_aistream_json_out_end(out, '}');
    }

    ngx_http_aistream_json_out_end(out, '}');
    ngx_http_aistream_json_out_end(out, '}');
}
