
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Functions shared by the requests of several dialects. */


#include <provider/ngx_http_aistream_provider_request.h>


/* bytes that a dialect adds to a request */
#define NGX_HTTP_AISTREAM_PROVIDER_BODY  1024


ngx_int_t
ngx_http_aistream_provider_body(const ngx_http_aistream_provider_t *provider,
    ngx_http_aistream_chat_t *chat, ngx_str_t *model,
    ngx_http_aistream_options_t *options, ngx_str_t *body)
{
    u_char                        *p;
    size_t                         size;
    ngx_http_aistream_json_out_t   out;

    /* the request is about as long as the client's body */

    size = NGX_HTTP_AISTREAM_PROVIDER_BODY + chat->system.len + chat->size;

    ngx_http_aistream_json_out_init(&out, chat->pool, size);

    provider->create(&out, chat, model, options);

    if (out.failed) {
        return NGX_ERROR;
    }

    ngx_http_aistream_json_out_text(&out, body);

    if (body->len <= size) {
        return NGX_OK;
    }

    /* The buffer was enlarged: a copy frees the unused memory. */

    p = ngx_pnalloc(chat->pool, body->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, body->data, body->len);
    (void) ngx_pfree(chat->pool, body->data);

    body->data = p;

    return NGX_OK;
}


void
ngx_http_aistream_provider_schema(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_http_aistream_tool_t *tool, ngx_uint_t properties)
{
    ngx_str_t  schema;

    schema = tool->parameters;

    if (!tool->untyped && !(tool->propertyless && properties)) {
        ngx_http_aistream_json_out_add_json(out, key, &schema);
        return;
    }

    /* a nonempty object: members are added before its closing brace */

    schema.len--;
    ngx_http_aistream_json_out_add_json(out, key, &schema);

    if (tool->untyped) {
        ngx_http_aistream_json_out_literal(out, ",\"type\":\"object\"");
    }

    if (tool->propertyless && properties) {
        ngx_http_aistream_json_out_literal(out, ",\"properties\":{}");
    }

    ngx_http_aistream_json_out_literal(out, "}");
}


ngx_uint_t
ngx_http_aistream_provider_files(ngx_http_aistream_part_t *part, ngx_uint_t n)
{
    ngx_uint_t  i;

    for (i = 1; i < n && part[i].type == NGX_HTTP_AISTREAM_PART_FILE; i++) {
        /* void */
    }

    return i - 1;
}


ngx_uint_t
ngx_http_aistream_openai_create_audio(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part)
{
    const char  *format;

    if (part->url.len || part->media_type.len < 9
        || ngx_strncmp(part->media_type.data, "audio/", 6) != 0)
    {
        return 0;
    }

    format = (ngx_strlcasestrn(part->media_type.data,
                               part->media_type.data + part->media_type.len,
                               (u_char *) "wav", 3 - 1))
             ? "wav" : "mp3";

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "input_audio");
    ngx_http_aistream_json_out_begin(out, "input_audio", '{');
    ngx_http_aistream_json_out_add(out, "data", &part->text);
    ngx_http_aistream_json_out_add_word(out, "format", format);
    ngx_http_aistream_json_out_literal(out, "}}");

    return 1;
}
