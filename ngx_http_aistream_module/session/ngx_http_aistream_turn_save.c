
/*
 * Copyright (C) 2026 the aistream authors
 */


/* The end of a turn: what was said and the answer are saved. */


#include <session/ngx_http_aistream_turn_private.h>
#include <session/ngx_http_aistream_entry.h>


static void ngx_http_aistream_turn_save(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_delta_t *d, ngx_http_aistream_error_e error);
static ngx_int_t ngx_http_aistream_turn_record_init(
    ngx_http_aistream_turn_t *turn, ngx_pool_t *pool,
    ngx_http_aistream_record_t *record, ngx_uint_t failed);
static void ngx_http_aistream_turn_asked(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_record_t *record,
    ngx_http_aistream_entry_metadata_t *failed);
static void ngx_http_aistream_turn_switches(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_record_t *record);
static void ngx_http_aistream_turn_switch(ngx_pool_t *pool,
    ngx_http_aistream_record_t *record, const char *type, ngx_str_t *from,
    ngx_str_t *to);
static void ngx_http_aistream_turn_record(ngx_http_aistream_record_t *record,
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_entry_e kind,
    u_char *digest);


ngx_int_t
ngx_http_aistream_turn_listen(ngx_http_aistream_listener_t *l,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_turn_t  *turn;

    turn = (ngx_http_aistream_turn_t *) l;

    if (!ngx_http_aistream_answer_append(&turn->answer, d)) {

        if (d->type != NGX_HTTP_AISTREAM_FINISH) {
            ngx_http_aistream_answer_delta(&turn->answer, d);

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
 * What went wrong is told with the answer, as far as there is one, else with
 * what was asked.
 */

static void
ngx_http_aistream_turn_save(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_delta_t *d, ngx_http_aistream_error_e error)
{
    ngx_pool_t                          *pool;
    ngx_uint_t                           failed;
    ngx_http_aistream_record_t           record;
    ngx_http_aistream_json_out_t         answer;
    ngx_http_aistream_entry_metadata_t   metadata;

    if (turn->saved) {
        return;
    }

    turn->saved = 1;

    ngx_memzero(&metadata, sizeof(ngx_http_aistream_entry_metadata_t));

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

    failed = (ngx_http_aistream_answer_empty(&turn->answer)
              && (metadata.aborted
                  || metadata.error != NGX_HTTP_AISTREAM_E_NONE));

    if (ngx_http_aistream_turn_record_init(turn, pool, &record, failed)
        != NGX_OK)
    {
        goto done;
    }

    ngx_http_aistream_turn_switches(turn, pool, &record);

    metadata.agent = &turn->agent;
    metadata.asked = &turn->asked;

    ngx_http_aistream_turn_asked(turn, pool, &record,
                                 failed ? &metadata : NULL);

    if (!ngx_http_aistream_answer_empty(&turn->answer)) {
        metadata.provider = turn->provider;
        metadata.model = turn->model;
        metadata.truncated = turn->answer.truncated;

        ngx_http_aistream_answer_entry(&turn->answer, pool, &answer);
        ngx_http_aistream_entry_metadata(&answer, &metadata);
        ngx_http_aistream_turn_record(&record, &answer,
                                      NGX_HTTP_AISTREAM_ENTRY_ASSISTANT,
                                      turn->digest);
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, turn->session.request->connection->log,
                   0, "aistream session: save to \"%V\"",
                   &turn->session.store->type->name);

    turn->session.store->type->save(&turn->session, &record);

done:

    if (pool) {
        ngx_destroy_pool(pool);
    }

    ngx_http_aistream_answer_free(&turn->answer);
}


static ngx_int_t
ngx_http_aistream_turn_record_init(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_record_t *record, ngx_uint_t failed)
{
    ngx_memzero(record, sizeof(ngx_http_aistream_record_t));
    ngx_memcpy(record->digest, turn->digest, NGX_HTTP_AISTREAM_DIGEST);

    record->replace = turn->replace;
    record->pool = pool;

    /* a client whose first question fails sends again what was before it */

    record->before = failed ? 0 : turn->before.nelts;
    record->n = record->before;

    record->entries = ngx_palloc(pool,
                               (record->before + NGX_HTTP_AISTREAM_RECORD)
                               * sizeof(ngx_http_aistream_entry_t));
    if (record->entries == NULL) {
        return NGX_ERROR;
    }

    if (record->before) {
        ngx_memcpy(record->entries, turn->before.elts,
                   record->before * sizeof(ngx_http_aistream_entry_t));
    }

    return NGX_OK;
}


/* "failed": what became of it, if there is no answer */

static void
ngx_http_aistream_turn_asked(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_record_t *record,
    ngx_http_aistream_entry_metadata_t *failed)
{
    ngx_str_t                           *text;
    ngx_http_aistream_entry_e            kind;
    ngx_http_aistream_json_out_t         out;
    ngx_http_aistream_entry_metadata_t   metadata;

    if (failed) {
        metadata = *failed;
        text = &turn->head;
        kind = (turn->kind == NGX_HTTP_AISTREAM_ENTRY_USER)
               ? NGX_HTTP_AISTREAM_ENTRY_FAILED : turn->kind;

    } else {
        ngx_memzero(&metadata, sizeof(ngx_http_aistream_entry_metadata_t));
        metadata.agent = &turn->agent;
        metadata.asked = &turn->asked;
        text = &turn->said;
        kind = turn->kind;
    }

    metadata.truncated = turn->truncated || text->len < turn->said.len;

    ngx_http_aistream_json_out_init(&out, pool, text->len + 256);
    ngx_http_aistream_json_out_raw(&out, text->data, text->len);
    ngx_http_aistream_entry_metadata(&out, &metadata);
    ngx_http_aistream_turn_record(record, &out, kind, turn->digest);
}


static void
ngx_http_aistream_turn_switches(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_record_t *record)
{
    if (!turn->begun) {
        return;
    }

    ngx_http_aistream_turn_switch(pool, record, "agent_switch",
                                  &turn->previous_agent, &turn->agent);
    ngx_http_aistream_turn_switch(pool, record, "model_switch",
                                  &turn->previous_asked, &turn->asked);
}


static void
ngx_http_aistream_turn_switch(ngx_pool_t *pool,
    ngx_http_aistream_record_t *record, const char *type, ngx_str_t *from,
    ngx_str_t *to)
{
    u_char                        digest[NGX_HTTP_AISTREAM_DIGEST];
    ngx_http_aistream_json_out_t  out;

    if (ngx_http_aistream_turn_same(from, to)) {
        return;
    }

    ngx_memzero(digest, NGX_HTTP_AISTREAM_DIGEST);

    ngx_http_aistream_json_out_init(&out, pool, 256);
    ngx_http_aistream_entry_switch(&out, type, from, to);
    ngx_http_aistream_turn_record(record, &out,
                                  NGX_HTTP_AISTREAM_ENTRY_SWITCH, digest);
}


static void
ngx_http_aistream_turn_record(ngx_http_aistream_record_t *record,
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_entry_e kind,
    u_char *digest)
{
    ngx_http_aistream_entry_t  *e;

    if (out->failed) {
        return;
    }

    e = &record->entries[record->n++];

    e->kind = kind;
    ngx_memcpy(e->digest, digest, NGX_HTTP_AISTREAM_DIGEST);
    ngx_http_aistream_json_out_text(out, &e->text);
}
