
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <status/ngx_http_aistream_usage.h>


/* bytes of an average token, and the tokens of a file, whose size says less */
#define NGX_HTTP_AISTREAM_TOKEN_BYTES  4
#define NGX_HTTP_AISTREAM_FILE_TOKENS  1000


static size_t ngx_http_aistream_usage_parts(ngx_array_t *parts,
    ngx_uint_t *files);


void
ngx_http_aistream_usage_prompt(ngx_http_aistream_ctx_t *ctx)
{
    size_t                        size;
    ngx_uint_t                    i, files;
    ngx_http_aistream_chat_t     *chat;
    ngx_http_aistream_tool_t     *tool;
    ngx_http_aistream_message_t  *message;

    chat = ctx->chat;

    if (chat == NULL) {
        return;
    }

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

    ctx->stream.prompt_tokens = size / NGX_HTTP_AISTREAM_TOKEN_BYTES + 1
                                + files * NGX_HTTP_AISTREAM_FILE_TOKENS;
}


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


void
ngx_http_aistream_usage_settle(ngx_http_aistream_ctx_t *ctx)
{
    ngx_int_t                    n;
    ngx_http_aistream_usage_t   *usage;
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;
    usage = &st->usage;

    if (st->finished) {
        return;
    }

    *usage = st->reader.usage;

    if (!st->started) {
        return;
    }

    if (usage->input == -1) {
        usage->input = st->prompt_tokens;
        st->estimated = 1;
    }

    /* Anthropic's number at the start is not yet that of the end */

    if (usage->output == -1
        || (usage->cached_apart
            && st->reader.finish == NGX_HTTP_AISTREAM_FINISH_UNSET))
    {
        n = ngx_max(st->pieces, st->bytes / NGX_HTTP_AISTREAM_TOKEN_BYTES);

        if (n > usage->output) {
            usage->output = n;
            st->estimated = 1;
        }
    }
}
