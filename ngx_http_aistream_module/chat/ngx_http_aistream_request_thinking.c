
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * An assistant's reasoning:
 *
 *     {"type":"thinking","thinking","signature"}
 *     {"type":"redacted_thinking","data"}
 *     {"type":"reasoning","text","providerMetadata":{PROVIDER:{"signature"}}}
 *     {"type":"reasoning","reasoning","details":[{"text","signature"}]}
 *
 * Some providers sign reasoning, and accept it only with their signature.
 * Some of OpenAI's dialect accept it as plain text.
 */


#include <chat/ngx_http_aistream_request_private.h>


static ngx_int_t ngx_http_aistream_request_details(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *details);


static ngx_str_t  ngx_http_aistream_request_signer = ngx_string("anthropic");


ngx_int_t
ngx_http_aistream_request_thinking(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part)
{
    ngx_str_t                  text, signature, origin;
    ngx_http_aistream_json_t  *v;

    origin = ngx_http_aistream_request_signer;

    v = ngx_http_aistream_json_get(part, "details");

    if (ngx_http_aistream_json_first(v)) {
        return ngx_http_aistream_request_details(rq, v);
    }

    if (ngx_http_aistream_request_string(part, "thinking", &text) != NGX_OK
        && ngx_http_aistream_request_string(part, "text", &text) != NGX_OK)
    {
        (void) ngx_http_aistream_request_string(part, "reasoning", &text);
    }

    if (ngx_http_aistream_request_string(part, "data", &signature) == NGX_OK) {
        return ngx_http_aistream_request_thought(rq, &text, &signature,
                                                 &origin, 1);
    }

    v = ngx_http_aistream_json_get(part, "providerMetadata");

    if (ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_OBJECT
        && ngx_http_aistream_json_first(v))
    {
        part = ngx_http_aistream_json_first(v);

        if (ngx_http_aistream_request_origin(rq, part, &origin) != NGX_OK) {
            return NGX_ERROR;
        }

        if (ngx_http_aistream_request_string(part, "redactedData", &signature)
            == NGX_OK)
        {
            return ngx_http_aistream_request_thought(rq, &text, &signature,
                                                     &origin, 1);
        }
    }

    (void) ngx_http_aistream_request_string(part, "signature", &signature);

    return ngx_http_aistream_request_thought(rq, &text, &signature, &origin,
                                             0);
}


/* AI SDK 4 does not name the provider; only Anthropic signs text there */

static ngx_int_t
ngx_http_aistream_request_details(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *details)
{
    ngx_int_t                  rc;
    ngx_str_t                  text, signature;
    ngx_uint_t                 redacted;
    ngx_http_aistream_json_t  *v;

    for (v = ngx_http_aistream_json_first(details);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        redacted = (ngx_http_aistream_request_string(v, "data", &signature)
                    == NGX_OK);

        if (!redacted) {
            (void) ngx_http_aistream_request_string(v, "signature",
                                                    &signature);
        }

        (void) ngx_http_aistream_request_string(v, "text", &text);

        rc = ngx_http_aistream_request_thought(rq, &text, &signature,
                                      &ngx_http_aistream_request_signer,
                                      redacted);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_thought(ngx_http_aistream_request_t *rq,
    ngx_str_t *text, ngx_str_t *signature, ngx_str_t *origin,
    ngx_uint_t redacted)
{
    ngx_http_aistream_part_t  *p;

    if ((signature->len == 0 && text->len == 0)
        || rq->role != NGX_HTTP_AISTREAM_ASSISTANT)
    {
        return NGX_OK;
    }

    p = ngx_http_aistream_request_add(rq, NGX_HTTP_AISTREAM_PART_REASONING);
    if (p == NULL) {
        return NGX_ERROR;
    }

    p->text = *text;

    if (signature->len) {
        p->signature = *signature;
        p->origin = *origin;
        p->redacted = redacted;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_origin(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_str_t *origin)
{
    u_char     *p;
    ngx_str_t   name;

    ngx_http_aistream_json_name(json, &name);

    if (ngx_http_aistream_request_is(&name, "google")) {
        ngx_str_set(origin, "gemini");
        return NGX_OK;
    }

    p = ngx_http_aistream_request_alloc(rq, name.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, name.data, name.len);

    origin->data = p;
    origin->len = name.len;

    return NGX_OK;
}
