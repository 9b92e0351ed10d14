
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <delta/ngx_http_aistream_delta.h>


static ngx_int_t ngx_http_aistream_usage_sum(ngx_int_t a, ngx_int_t b);


static ngx_str_t  ngx_http_aistream_finish_names[] = {
    [NGX_HTTP_AISTREAM_FINISH_UNSET] = ngx_string("other"),
    [NGX_HTTP_AISTREAM_FINISH_STOP] = ngx_string("stop"),
    [NGX_HTTP_AISTREAM_FINISH_LENGTH] = ngx_string("length"),
    [NGX_HTTP_AISTREAM_FINISH_TOOL_CALLS] = ngx_string("tool-calls"),
    [NGX_HTTP_AISTREAM_FINISH_CONTENT_FILTER] = ngx_string("content-filter"),
    [NGX_HTTP_AISTREAM_FINISH_ERROR] = ngx_string("error"),
    [NGX_HTTP_AISTREAM_FINISH_OTHER] = ngx_string("other")
};


void
ngx_http_aistream_usage_init(ngx_http_aistream_usage_t *usage)
{
    usage->input = -1;
    usage->output = -1;
    usage->total = -1;
    usage->cached = -1;
    usage->cache_write = -1;
    usage->reasoning = -1;
    usage->cached_apart = 0;
}


ngx_int_t
ngx_http_aistream_usage_input(ngx_http_aistream_usage_t *usage,
    ngx_uint_t cached)
{
    ngx_int_t  n;

    if (usage->input == -1) {
        return -1;
    }

    n = ngx_http_aistream_usage_sum(ngx_max(usage->cached, 0),
                                    ngx_max(usage->cache_write, 0));

    if (cached) {
        return usage->cached_apart
               ? ngx_http_aistream_usage_sum(usage->input, n) : usage->input;
    }

    return usage->cached_apart ? usage->input : ngx_max(usage->input - n, 0);
}


ngx_int_t
ngx_http_aistream_usage_output(ngx_http_aistream_usage_t *usage)
{
    ngx_int_t  n;

    if (usage->output == -1 || usage->reasoning <= 0) {
        return usage->output;
    }

    /*
     * Gemini includes reasoning in "total", but not in "output".  Other
     * providers include it in both, so that their total is less than this sum.
     */

    n = ngx_http_aistream_usage_sum(usage->output, usage->reasoning);

    return (usage->input != -1
            && usage->total >= ngx_http_aistream_usage_sum(usage->input, n))
           ? n : usage->output;
}


ngx_int_t
ngx_http_aistream_usage_total(ngx_http_aistream_usage_t *usage)
{
    ngx_int_t  input, output;

    if (usage->total != -1) {
        return usage->total;
    }

    input = ngx_http_aistream_usage_input(usage, 1);
    output = ngx_http_aistream_usage_output(usage);

    return ngx_http_aistream_usage_sum(ngx_max(input, 0), ngx_max(output, 0));
}


/* adds two counts, which may be as large as NGX_MAX_INT_T_VALUE */

static ngx_int_t
ngx_http_aistream_usage_sum(ngx_int_t a, ngx_int_t b)
{
    return a > NGX_MAX_INT_T_VALUE - b ? NGX_MAX_INT_T_VALUE : a + b;
}


ngx_str_t *
ngx_http_aistream_finish_name(ngx_http_aistream_finish_e finish)
{
    return &ngx_http_aistream_finish_names[finish];
}
