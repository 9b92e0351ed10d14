
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Parses a request body into a chat.  The chat may be in envelopes,
 * {"action","payload"} and {"body":...}, the latter as an object or as a
 * string of JSON.
 */


#include <chat/ngx_http_aistream_request.h>
#include <chat/ngx_http_aistream_request_private.h>
#include <json/ngx_http_aistream_utf8.h>


/*
 * The most memory that parsing a body may use.  With the body itself and the
 * unused parts of pools, the total is at most 8 times the size of the body.
 */
#define ngx_http_aistream_request_expansion(size)  (27 * (size) / 4)

#define NGX_HTTP_AISTREAM_REQUEST_POOL       4096


static ngx_int_t ngx_http_aistream_request_init(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_chat_t *chat,
    ngx_http_aistream_request_rules_t *rules, ngx_str_t *error);
static ngx_int_t ngx_http_aistream_request_read(
    ngx_http_aistream_request_t *rq, ngx_str_t *body);
static ngx_int_t ngx_http_aistream_request_utf8(
    ngx_http_aistream_request_t *rq, ngx_str_t *text);
static ngx_int_t ngx_http_aistream_request_done(
    ngx_http_aistream_request_t *rq, ngx_int_t rc);
static ngx_http_aistream_json_t *ngx_http_aistream_request_payload(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);


/* parsers of request bodies, indexed by the client's body format */

static const ngx_http_aistream_request_body_pt
    ngx_http_aistream_request_bodies[] =
{
    [NGX_HTTP_AISTREAM_BODY_CHAT] = ngx_http_aistream_request_chat,
    [NGX_HTTP_AISTREAM_BODY_WEBSOCKET] = ngx_http_aistream_request_websocket
};


ngx_int_t
ngx_http_aistream_request_parse(ngx_http_aistream_chat_t *chat,
    ngx_str_t *body, ngx_http_aistream_request_rules_t *rules,
    ngx_str_t *error)
{
    ngx_int_t                    rc;
    ngx_http_aistream_request_t  rq;

    if (ngx_http_aistream_request_init(&rq, chat, rules, error) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_aistream_request_read(&rq, body);

    return ngx_http_aistream_request_done(&rq, rc);
}


static ngx_int_t
ngx_http_aistream_request_read(ngx_http_aistream_request_t *rq,
    ngx_str_t *body)
{
    ngx_http_aistream_json_t  *json;

    json = ngx_http_aistream_json_open(&rq->doc, body->data, body->len,
                                       rq->error);

    if (json) {
        json = ngx_http_aistream_request_payload(rq, json);
    }

    if (json == NULL) {
        return rq->error->len ? NGX_DECLINED : NGX_ERROR;
    }

    return ngx_http_aistream_request_bodies[rq->rules->body](rq, json);
}


ngx_int_t
ngx_http_aistream_request_message_only(ngx_http_aistream_chat_t *chat,
    ngx_str_t *message, ngx_str_t *error)
{
    ngx_int_t                          rc;
    ngx_str_t                          text;
    ngx_http_aistream_request_t        rq;
    ngx_http_aistream_request_rules_t  rules;

    ngx_memzero(&rules, sizeof(ngx_http_aistream_request_rules_t));

    chat->size = message->len;

    if (ngx_http_aistream_request_init(&rq, chat, &rules, error) != NGX_OK) {
        return NGX_ERROR;
    }

    rq.role = NGX_HTTP_AISTREAM_USER;

    text = *message;

    rc = ngx_http_aistream_request_utf8(&rq, &text);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_add_text(&rq, &text);
    }

    return ngx_http_aistream_request_done(&rq, rc);
}


/* replaces lone surrogates in a copy of the body */

static ngx_int_t
ngx_http_aistream_request_utf8(ngx_http_aistream_request_t *rq,
    ngx_str_t *text)
{
    u_char      *p;
    size_t       i, n;
    ngx_uint_t   copied;

    copied = 0;

    for (i = 0; i < text->len; i += n) {
        p = text->data + i;
        n = ngx_http_aistream_utf8_len(p, text->data + text->len);

        if (n && *p) {
            continue;
        }

        n = ngx_http_aistream_utf8_surrogate(p, text->data + text->len);

        if (n == 0) {
            return ngx_http_aistream_request_invalid(rq,
                                        "The message is not valid UTF-8.");
        }

        if (!copied) {
            copied = 1;

            text->data = ngx_pstrdup(rq->chat->pool, text);
            if (text->data == NULL) {
                return NGX_ERROR;
            }
        }

        ngx_memcpy(text->data + i, NGX_HTTP_AISTREAM_UTF8_REPLACEMENT, n);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_init(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_chat_t *chat, ngx_http_aistream_request_rules_t *rules,
    ngx_str_t *error)
{
    ngx_pool_t  *pool;

    ngx_memzero(rq, sizeof(ngx_http_aistream_request_t));
    ngx_str_null(error);

    pool = ngx_create_pool(NGX_HTTP_AISTREAM_REQUEST_POOL, chat->pool->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    rq->chat = chat;
    rq->rules = rules;
    rq->error = error;
    rq->pool = pool;
    rq->part = ngx_http_aistream_request_part;
    rq->field = "content";

    rq->doc.pool = pool;
    rq->doc.strings = chat->pool;
    rq->doc.writable = rules->writable;
    rq->doc.refuse_nul = 1;
    rq->doc.left = ngx_http_aistream_request_expansion(chat->size)
                   + NGX_HTTP_AISTREAM_REQUEST_FLOOR;

    if (ngx_array_init(&chat->messages, pool, 8,
                       sizeof(ngx_http_aistream_message_t))
        != NGX_OK
        || ngx_array_init(&chat->stop, chat->pool, 1, sizeof(ngx_str_t))
           != NGX_OK
        || ngx_array_init(&chat->tools, pool, 4,
                          sizeof(ngx_http_aistream_tool_t))
           != NGX_OK
        || ngx_array_init(&rq->results, pool, 1,
                          sizeof(ngx_http_aistream_part_t))
           != NGX_OK
        || ngx_array_init(&rq->texts, pool, 4, sizeof(ngx_str_t)) != NGX_OK
        || ngx_array_init(&rq->systems, pool, 2, sizeof(ngx_str_t)) != NGX_OK)
    {
        ngx_destroy_pool(pool);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * Values are missing from the tree if memory ran out, so rq->doc.failed is
 * checked before each step.
 */

static ngx_int_t
ngx_http_aistream_request_done(ngx_http_aistream_request_t *rq, ngx_int_t rc)
{
    if (rc == NGX_OK && !rq->doc.failed) {
        rc = ngx_http_aistream_request_join_texts(rq);
    }

    if (rc == NGX_OK && !rq->doc.failed) {
        rc = ngx_http_aistream_request_join(rq, &rq->systems, "\n\n",
                                            &rq->chat->client_system);
    }

    if (rc == NGX_OK && !rq->doc.failed) {
        rc = ngx_http_aistream_request_settle(rq);
    }

    if (rq->doc.excess) {
        rc = ngx_http_aistream_request_invalid(rq,
                                 "The body has too many values for its size.");

    } else if (rq->doc.failed) {
        rc = NGX_ERROR;
    }

    ngx_destroy_pool(rq->pool);

    return rc;
}


/* returns the object in the envelopes; NULL: there is none */

static ngx_http_aistream_json_t *
ngx_http_aistream_request_payload(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    size_t                     retained;
    ngx_str_t                  inner;
    ngx_http_aistream_json_t  *body, *payload;

    if (ngx_http_aistream_json_type(json) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        ngx_http_aistream_request_invalid(rq,
                                          "The body must be a JSON object.");
        return NULL;
    }

    body = ngx_http_aistream_json_get(json, "body");

    retained = rq->doc.retained;

    if (ngx_http_aistream_json_take(body, &inner) == NGX_OK) {

        /* a copy is used by the parser only, so it may be changed */

        rq->doc.writable |= (rq->doc.retained != retained);

        json = ngx_http_aistream_json_open(&rq->doc, inner.data, inner.len,
                                           rq->error);
        if (json == NULL) {
            return NULL;
        }

    } else if (body) {
        json = body;
    }

    payload = ngx_http_aistream_json_get(json, "payload");

    if (payload) {
        json = payload;
    }

    if (ngx_http_aistream_json_type(json) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        ngx_http_aistream_request_invalid(rq, "\"%s\" must be an object.",
                                          payload ? "payload" : "body");
        return NULL;
    }

    return json;
}
