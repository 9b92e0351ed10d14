
/*
 * Copyright (C) 2026 the aistream authors
 */


/* The end of a turn: saves the user message and the answer. */


#include <session/ngx_http_aistream_turn_private.h>
#include <session/ngx_http_aistream_message_record.h>


static void ngx_http_aistream_turn_save(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_delta_t *d, ngx_http_aistream_error_e error);
static ngx_int_t ngx_http_aistream_turn_append_init(
    ngx_http_aistream_turn_t *turn, ngx_pool_t *pool,
    ngx_http_aistream_append_op_t *op, ngx_uint_t failed);
static void ngx_http_aistream_turn_user_record(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_append_op_t *op,
    ngx_http_aistream_message_record_metadata_t *failed);
static void ngx_http_aistream_turn_switches(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_append_op_t *op);
static void ngx_http_aistream_turn_switch(ngx_pool_t *pool,
    ngx_http_aistream_append_op_t *op, const char *type, ngx_str_t *from,
    ngx_str_t *to);
static void ngx_http_aistream_turn_append(ngx_http_aistream_append_op_t *op,
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_record_e kind,
    u_char *digest);


ngx_int_t
ngx_http_aistream_turn_listen(ngx_http_aistream_listener_t *l,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_turn_t  *turn;

    turn = (ngx_http_aistream_turn_t *) l;

    if (!ngx_http_aistream_transcript_append(&turn->transcript, d)) {

        if (d->type != NGX_HTTP_AISTREAM_FINISH) {
            ngx_http_aistream_transcript_delta(&turn->transcript, d);

        } else if (d->flags & NGX_HTTP_AISTREAM_D_ABORTED) {
            ngx_http_aistream_turn_failed(turn, NGX_HTTP_AISTREAM_E_NONE);

        } else {
            ngx_http_aistream_turn_save(turn, d, NGX_HTTP_AISTREAM_E_NONE);
        }
    }

    return ngx_http_aistream_listener_next(l, d);
}


void
ngx_http_aistream_turn_failed(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_error_e error)
{
    if (turn->ready) {
        ngx_http_aistream_turn_save(turn, NULL, error);
    }
}


/*
 * Saves the turn.  "d" is the last delta; NULL: the turn has failed with the
 * error, or was aborted (E_NONE).  The error is stored in the metadata of the
 * answer or, if nothing was answered, in that of the user message.
 */

static void
ngx_http_aistream_turn_save(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_delta_t *d, ngx_http_aistream_error_e error)
{
    ngx_pool_t                                  *pool;
    ngx_uint_t                                   failed;
    ngx_http_aistream_append_op_t                op;
    ngx_http_aistream_json_out_t                 answer;
    ngx_http_aistream_message_record_metadata_t  metadata;

    if (turn->saved) {
        return;
    }

    turn->saved = 1;

    ngx_memzero(&metadata,
                sizeof(ngx_http_aistream_message_record_metadata_t));

    if (d) {
        metadata.finish = d->finish;
        metadata.usage = d->usage;

    } else {
        metadata.error = error;
        metadata.aborted = (error == NGX_HTTP_AISTREAM_E_NONE);
    }

    pool = ngx_create_pool(NGX_HTTP_AISTREAM_SAVE_POOL,
                           turn->session.request->connection->log);

    if (pool == NULL) {
        goto done;
    }

    failed = (ngx_http_aistream_transcript_empty(&turn->transcript)
              && (metadata.aborted
                  || metadata.error != NGX_HTTP_AISTREAM_E_NONE));

    if (ngx_http_aistream_turn_append_init(turn, pool, &op, failed)
        != NGX_OK)
    {
        goto done;
    }

    ngx_http_aistream_turn_switches(turn, pool, &op);

    metadata.agent = &turn->agent;
    metadata.alias = &turn->alias;

    ngx_http_aistream_turn_user_record(turn, pool, &op,
                                       failed ? &metadata : NULL);

    if (!ngx_http_aistream_transcript_empty(&turn->transcript)) {
        metadata.provider = turn->provider;
        metadata.model = turn->model;
        metadata.truncated = turn->transcript.truncated;

        ngx_http_aistream_transcript_record(&turn->transcript, pool, &answer);
        ngx_http_aistream_message_record_metadata(&answer, &metadata);
        ngx_http_aistream_turn_append(&op, &answer,
                                      NGX_HTTP_AISTREAM_RECORD_ASSISTANT,
                                      turn->digest);
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, turn->session.request->connection->log,
                   0, "aistream session: save to \"%V\"",
                   &turn->session.store->type->name);

    turn->session.store->type->save(&turn->session, &op);

done:

    if (pool) {
        ngx_destroy_pool(pool);
    }

    ngx_http_aistream_transcript_free(&turn->transcript);
}


static ngx_int_t
ngx_http_aistream_turn_append_init(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_append_op_t *op, ngx_uint_t failed)
{
    ngx_memzero(op, sizeof(ngx_http_aistream_append_op_t));
    ngx_memcpy(op->digest, turn->digest, NGX_HTTP_AISTREAM_DIGEST);

    op->replace = turn->replace;
    op->pool = pool;

    /*
     * Earlier messages of the body are not saved if the turn has failed: the
     * session still has no answer, so the next turn will get them from its
     * body.
     */

    op->before = failed ? 0 : turn->body_records.nelts;
    op->n = op->before;

    op->records = ngx_palloc(pool,
                               (op->before + NGX_HTTP_AISTREAM_APPEND_MAX)
                               * sizeof(ngx_http_aistream_message_record_t));
    if (op->records == NULL) {
        return NGX_ERROR;
    }

    if (op->before) {
        ngx_memcpy(op->records, turn->body_records.elts,
                   op->before * sizeof(ngx_http_aistream_message_record_t));
    }

    return NGX_OK;
}


/*
 * Adds the record of the user message.  "failed" is its metadata if the turn
 * has failed without an answer, otherwise NULL.
 */

static void
ngx_http_aistream_turn_user_record(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_append_op_t *op,
    ngx_http_aistream_message_record_metadata_t *failed)
{
    ngx_str_t                                   *text;
    ngx_http_aistream_message_record_e           kind;
    ngx_http_aistream_json_out_t                 out;
    ngx_http_aistream_message_record_metadata_t  metadata;

    if (failed) {
        metadata = *failed;
        text = &turn->failed_record;
        kind = (turn->kind == NGX_HTTP_AISTREAM_RECORD_USER)
               ? NGX_HTTP_AISTREAM_RECORD_FAILED : turn->kind;

    } else {
        ngx_memzero(&metadata,
                    sizeof(ngx_http_aistream_message_record_metadata_t));
        metadata.agent = &turn->agent;
        metadata.alias = &turn->alias;
        text = &turn->user_record;
        kind = turn->kind;
    }

    metadata.truncated = turn->truncated || text->len < turn->user_record.len;

    ngx_http_aistream_json_out_init(&out, pool, text->len + 256);
    ngx_http_aistream_json_out_raw(&out, text->data, text->len);
    ngx_http_aistream_message_record_metadata(&out, &metadata);
    ngx_http_aistream_turn_append(op, &out, kind, turn->digest);
}


/*
 * Adds a record if the agent has changed since the last stored message, and one
 * if the model has.
 */

static void
ngx_http_aistream_turn_switches(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_append_op_t *op)
{
    if (!turn->has_history) {
        return;
    }

    ngx_http_aistream_turn_switch(pool, op, "agent_switch",
                                  &turn->previous_agent, &turn->agent);
    ngx_http_aistream_turn_switch(pool, op, "model_switch",
                                  &turn->previous_alias, &turn->alias);
}


static void
ngx_http_aistream_turn_switch(ngx_pool_t *pool,
    ngx_http_aistream_append_op_t *op, const char *type, ngx_str_t *from,
    ngx_str_t *to)
{
    u_char                        digest[NGX_HTTP_AISTREAM_DIGEST];
    ngx_http_aistream_json_out_t  out;

    if (ngx_http_aistream_turn_same(from, to)) {
        return;
    }

    ngx_memzero(digest, NGX_HTTP_AISTREAM_DIGEST);

    ngx_http_aistream_json_out_init(&out, pool, 256);
    ngx_http_aistream_message_record_switch(&out, type, from, to);
    ngx_http_aistream_turn_append(op, &out,
                                  NGX_HTTP_AISTREAM_RECORD_SWITCH, digest);
}


static void
ngx_http_aistream_turn_append(ngx_http_aistream_append_op_t *op,
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_record_e kind,
    u_char *digest)
{
    ngx_http_aistream_message_record_t  *record;

    if (out->failed) {
        return;
    }

    record = &op->records[op->n++];

    record->kind = kind;
    ngx_memcpy(record->digest, digest, NGX_HTTP_AISTREAM_DIGEST);
    ngx_http_aistream_json_out_text(out, &record->text);
}
