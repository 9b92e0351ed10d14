
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <status/ngx_http_aistream_usage.h>


/* estimates: the bytes of a token, and the tokens of a file of any size */
#define NGX_HTTP_AISTREAM_TOKEN_BYTES  4
#define NGX_HTTP_AISTREAM_FILE_TOKENS  1000


static size_t ngx_http_aistream_usage_parts(ngx_array_t *parts,
    ngx_uint_t *files);


ngx_uint_t
ngx_http_aistream_usage_prompt(ngx_http_aistream_chat_t *chat)
{
    size_t                        size;
    ngx_uint_t                    i, files;
    ngx_http_aistream_tool_t     *tool;
    ngx_http_aistream_message_t  *message;

    files = 0;
    size = chat->system.len + chat->client_system.len;

    message = chat->messages.elts;

    for (i = 0; i < chat->messages.nelts; i++) {
        size += ngx_http_aistream_usage_parts(&message[i].parts, &files);
    }

    tool = chat->tools.elts;

    for (i = 0; i < chat->tools.nelts; i++) {
        size += tool[i].name.len + tool[i].description.len
                + tool[i].parameters.len;
    }

    return size / NGX_HTTP_AISTREAM_TOKEN_BYTES + 1
           + files * NGX_HTTP_AISTREAM_FILE_TOKENS;
}


/* returns the size of parts other than files; counts the files */

static size_t
ngx_http_aistream_usage_parts(ngx_array_t *parts, ngx_uint_t *files)
{
    size_t                     size;
    ngx_uint_t                 i;
    ngx_http_aistream_part_t  *part;

    size = 0;
    part = parts->elts;

    for (i = 0; i < parts->nelts; i++) {

        if (part[i].type == NGX_HTTP_AISTREAM_PART_FILE) {
            (*files)++;

        } else {
            size += part[i].name.len + part[i].text.len;
        }
    }

    return size;
}


ngx_uint_t
ngx_http_aistream_usage_estimate(ngx_http_aistream_usage_t *usage,
    ngx_uint_t prompt, ngx_uint_t pieces, size_t bytes, ngx_uint_t complete)
{
    ngx_int_t   n;
    ngx_uint_t  estimated;

    estimated = 0;

    if (usage->input == -1) {
        usage->input = prompt;
        estimated = 1;
    }

    /* "cached_apart" means Anthropic, whose first output count is not final */

    if (usage->output == -1 || (usage->cached_apart && !complete)) {
        n = ngx_max(pieces, bytes / NGX_HTTP_AISTREAM_TOKEN_BYTES);

        if (n > usage->output) {
            usage->output = n;
            estimated = 1;
        }
    }

    return estimated;
}
