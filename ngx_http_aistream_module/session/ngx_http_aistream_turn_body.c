
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * If the session has no answer yet, earlier messages of the client's body are
 * used as the history, and are saved with the turn.
 */


#include <session/ngx_http_aistream_turn_private.h>
#include <session/ngx_http_aistream_message_record.h>

#include <ngx_md5.h>


static ngx_int_t ngx_http_aistream_turn_body_record(
    ngx_http_aistream_turn_t *turn, ngx_pool_t *pool,
    ngx_http_aistream_message_t *m,
    ngx_http_aistream_message_record_t *record);


ngx_uint_t
ngx_http_aistream_turn_unanswered(ngx_http_aistream_turn_t *turn)
{
    ngx_uint_t                           i;
    ngx_http_aistream_message_record_t  *record;

    record = turn->session.records.elts;

    for (i = 0; i < turn->session.records.nelts; i++) {
        if (record[i].kind == NGX_HTTP_AISTREAM_RECORD_ASSISTANT) {
            return 0;
        }
    }

    return 1;
}


ngx_int_t
ngx_http_aistream_turn_body(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_chat_t *chat)
{
    size_t                               size;
    ngx_int_t                            rc;
    ngx_uint_t                           n;
    ngx_pool_t                          *pool;
    ngx_http_aistream_message_record_t  *record;
    ngx_http_aistream_message_t         *m;

    m = (ngx_http_aistream_message_t *) chat->messages.elts + turn->index;
    n = ngx_min(turn->index, turn->session.messages);
    size = 0;

    chat->messages.nelts = turn->index + 1;

    if (ngx_array_init(&turn->body_records, turn->pool, n + 1,
                       sizeof(ngx_http_aistream_message_record_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* the latest message is converted first, to the end of the array */

    record = turn->body_records.elts;
    record += n;

    while (n--) {
        pool = ngx_create_pool(NGX_HTTP_AISTREAM_SAVE_POOL,
                               turn->session.request->connection->log);
        if (pool == NULL) {
            return NGX_ERROR;
        }

        rc = ngx_http_aistream_turn_body_record(turn, pool, --m, record - 1);

        ngx_destroy_pool(pool);

        if (rc != NGX_OK) {
            return rc;
        }

        size += (--record)->text.len;

        if (size > turn->session.size) {
            record++;
            break;
        }

        turn->body_records.nelts++;
    }

    turn->body_records.elts = record;

    return NGX_OK;
}


/* converts a message to a record; "pool" is destroyed after the call */

static ngx_int_t
ngx_http_aistream_turn_body_record(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_message_t *m,
    ngx_http_aistream_message_record_t *record)
{
    ngx_md5_t                                    md5;
    ngx_http_aistream_json_out_t                 out;
    ngx_http_aistream_message_record_metadata_t  metadata;

    ngx_memzero(&metadata,
                sizeof(ngx_http_aistream_message_record_metadata_t));

    ngx_http_aistream_json_out_init(&out, pool, 1024);
    metadata.truncated = ngx_http_aistream_message_record_message(&out, m,
                                    ngx_http_aistream_turn_message_max(turn));
    if (out.failed) {
        return NGX_ERROR;
    }

    ngx_http_aistream_json_out_text(&out, &record->text);

    /*
     * The digest is computed as in ngx_http_aistream_turn_load(), so that this
     * record is found if the client sends the message again.
     */

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, record->text.data, record->text.len);
    ngx_md5_final(record->digest, &md5);

    ngx_http_aistream_message_record_metadata(&out, &metadata);

    if (out.failed) {
        return NGX_ERROR;
    }

    ngx_http_aistream_json_out_text(&out, &record->text);

    record->text.data = ngx_pstrdup(turn->pool, &record->text);
    if (record->text.data == NULL) {
        return NGX_ERROR;
    }

    record->kind = (m->role == NGX_HTTP_AISTREAM_ASSISTANT)
              ? NGX_HTTP_AISTREAM_RECORD_ASSISTANT
              : (m->role == NGX_HTTP_AISTREAM_TOOL)
                ? NGX_HTTP_AISTREAM_RECORD_TOOL
                : NGX_HTTP_AISTREAM_RECORD_USER;

    return NGX_OK;
}
