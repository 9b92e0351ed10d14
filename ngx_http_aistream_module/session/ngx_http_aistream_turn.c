
/*
 * Copyright (C) 2026 the aistream authors
 */


/* The beginning of a turn: the user message and the history before it. */


#include <session/ngx_http_aistream_turn_private.h>
#include <session/ngx_http_aistream_message_record.h>
#include <json/ngx_http_aistream_scan.h>

#include <ngx_md5.h>


/*
 * Records loaded beyond history_max.  If an answer is regenerated, its records
 * (several, if tools were called) are loaded too, but not sent to the model.
 */
#define NGX_HTTP_AISTREAM_TURN_EXTRA  20


static ngx_http_aistream_message_t *ngx_http_aistream_turn_last_message(
    ngx_http_aistream_chat_t *chat);
static ngx_int_t ngx_http_aistream_turn_failed_record(
    ngx_http_aistream_turn_t *turn, ngx_pool_t *pool);
static void ngx_http_aistream_turn_loaded(ngx_http_aistream_session_t *s,
    ngx_int_t rc);
static ngx_int_t ngx_http_aistream_turn_set_replace(
    ngx_http_aistream_turn_t *turn, ngx_http_aistream_chat_t *chat);
static ngx_int_t ngx_http_aistream_turn_answer(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_uint_t n, ngx_str_t *text);
static ngx_int_t ngx_http_aistream_turn_text(ngx_pool_t *pool,
    ngx_http_aistream_message_t *message, ngx_str_t *text);
static ngx_uint_t ngx_http_aistream_turn_records_before(
    ngx_http_aistream_turn_t *turn);
static ngx_int_t ngx_http_aistream_turn_add_records(
    ngx_http_aistream_turn_t *turn, ngx_pool_t *pool, ngx_array_t *messages,
    ngx_uint_t n);
static void ngx_http_aistream_turn_track_agent(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_message_record_parsed_t *parsed);


ngx_int_t
ngx_http_aistream_turn_load(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_chat_t *chat)
{
    ngx_md5_t                      md5;
    ngx_http_aistream_message_t   *m;
    ngx_http_aistream_json_out_t   out;

    m = ngx_http_aistream_turn_last_message(chat);

    if (m == NULL) {
        return NGX_DECLINED;
    }

    turn->message = *m;
    turn->index = m - (ngx_http_aistream_message_t *) chat->messages.elts;

    ngx_http_aistream_json_out_init(&out, chat->pool, 1024);
    turn->truncated = ngx_http_aistream_message_record_message(&out,
                                    &turn->message,
                                    ngx_http_aistream_turn_message_max(turn));
    if (out.failed) {
        return NGX_ERROR;
    }

    ngx_http_aistream_json_out_text(&out, &turn->user_record);

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, turn->user_record.data, turn->user_record.len);
    ngx_md5_final(turn->digest, &md5);

    turn->kind = (turn->message.role == NGX_HTTP_AISTREAM_TOOL)
                 ? NGX_HTTP_AISTREAM_RECORD_TOOL
                 : NGX_HTTP_AISTREAM_RECORD_USER;
    turn->replace = chat->regenerate;

    turn->user_record.data = ngx_pstrdup(turn->pool, &turn->user_record);
    turn->alias.data = ngx_pstrdup(turn->pool, &turn->alias);

    if (turn->user_record.data == NULL || turn->alias.data == NULL
        || ngx_http_aistream_turn_failed_record(turn, chat->pool) != NGX_OK)
    {
        return NGX_ERROR;
    }

    turn->transcript.max = ngx_http_aistream_turn_message_max(turn);

    turn->session.done = ngx_http_aistream_turn_loaded;
    turn->session.data = turn;

    ngx_http_aistream_session_load(&turn->session, chat->pool,
                                   turn->history_max
                                   + NGX_HTTP_AISTREAM_TURN_EXTRA);

    return NGX_OK;
}


/* returns the last results of the client's tools, or the last user message */

static ngx_http_aistream_message_t *
ngx_http_aistream_turn_last_message(ngx_http_aistream_chat_t *chat)
{
    ngx_uint_t                    i;
    ngx_http_aistream_message_t  *m;

    m = chat->messages.elts;
    i = chat->messages.nelts;

    if (i && m[i - 1].role == NGX_HTTP_AISTREAM_TOOL && !chat->regenerate) {
        return &m[i - 1];
    }

    while (i--) {
        if (m[i].role == NGX_HTTP_AISTREAM_USER) {
            return &m[i];
        }
    }

    return NULL;
}


/*
 * Sets the record that is saved if the turn fails without an answer: its
 * message is shortened.
 */

static ngx_int_t
ngx_http_aistream_turn_failed_record(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool)
{
    ngx_http_aistream_json_out_t  out;

    turn->failed_record = turn->user_record;

    if (turn->user_record.len <= NGX_HTTP_AISTREAM_FAILED_MAX) {
        return NGX_OK;
    }

    ngx_http_aistream_json_out_init(&out, pool, NGX_HTTP_AISTREAM_FAILED_MAX);
    (void) ngx_http_aistream_message_record_message(&out, &turn->message,
                                                 NGX_HTTP_AISTREAM_FAILED_MAX);
    if (out.failed) {
        return NGX_ERROR;
    }

    ngx_http_aistream_json_out_text(&out, &turn->failed_record);

    turn->failed_record.data = ngx_pstrdup(turn->pool, &turn->failed_record);

    return turn->failed_record.data ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_aistream_turn_loaded(ngx_http_aistream_session_t *s, ngx_int_t rc)
{
    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, s->request->connection->log, 0,
                   "aistream session: loaded, rc:%i records:%ui",
                   rc, s->records.nelts);

    s->rc = rc;
}


ngx_int_t
ngx_http_aistream_turn_apply(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_chat_t *chat)
{
    ngx_uint_t                    n;
    ngx_array_t                   messages;
    ngx_http_aistream_message_t  *m;

    /*
     * AI SDK 4 sends all messages (chat->list), and has no field for a
     * regeneration: it is detected from the stored messages.
     */

    if (chat->list && !turn->replace
        && ngx_http_aistream_turn_set_replace(turn, chat) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (turn->index && ngx_http_aistream_turn_unanswered(turn)) {

        if (ngx_http_aistream_turn_body(turn, chat) != NGX_OK) {
            return NGX_ERROR;
        }

    } else {
        n = ngx_http_aistream_turn_records_before(turn);

        if (ngx_array_init(&messages, chat->pool, n + 1,
                           sizeof(ngx_http_aistream_message_t))
            != NGX_OK
            || ngx_http_aistream_turn_add_records(turn, chat->pool, &messages,
                                                  n)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        /* cannot fail: there is room for one more element */

        m = ngx_array_push(&messages);

        *m = turn->message;
        chat->messages = messages;
    }

    turn->previous_agent.data = ngx_pstrdup(turn->pool,
                                            &turn->previous_agent);
    turn->previous_alias.data = ngx_pstrdup(turn->pool,
                                            &turn->previous_alias);
    turn->switched_from.data = ngx_pstrdup(pool, &turn->switched_from);

    if (turn->previous_agent.data == NULL || turn->previous_alias.data == NULL
        || turn->switched_from.data == NULL)
    {
        return NGX_ERROR;
    }

    turn->ready = 1;

    return NGX_OK;
}


/*
 * Sets "replace" if the client regenerates the last answer.  In a request of
 * AI SDK 4, the only sign of this is that the answer is missing: the stored
 * messages are U1 A1 U2 A2, and the body has U1 A1 U2.
 */

static ngx_int_t
ngx_http_aistream_turn_set_replace(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_chat_t *chat)
{
    ngx_str_t                            body_answer, previous, last;
    ngx_uint_t                           n, i;
    ngx_http_aistream_message_record_t  *record;
    ngx_http_aistream_message_t         *m;

    record = turn->session.records.elts;
    n = turn->session.records.nelts;

    while (n && record[n - 1].kind != NGX_HTTP_AISTREAM_RECORD_USER) {
        n--;
    }

    if (n == 0
        || ngx_memcmp(record[n - 1].digest, turn->digest,
                      NGX_HTTP_AISTREAM_DIGEST)
           != 0)
    {
        return NGX_OK;
    }

    ngx_str_null(&body_answer);

    m = chat->messages.elts;

    for (i = chat->messages.nelts; i--; /* void */ ) {
        if (m[i].role == NGX_HTTP_AISTREAM_ASSISTANT) {

            if (ngx_http_aistream_turn_text(chat->pool, &m[i], &body_answer)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            break;
        }
    }

    if (ngx_http_aistream_turn_answer(turn, chat->pool, n - 1, &previous)
        != NGX_OK
        || ngx_http_aistream_turn_answer(turn, chat->pool,
                                         turn->session.records.nelts, &last)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    turn->replace = (ngx_http_aistream_turn_same(&body_answer, &previous)
                     && !ngx_http_aistream_turn_same(&body_answer, &last));

    return NGX_OK;
}


/*
 * Sets the text of the last answer in the first n records.  The text is empty
 * if the records do not contain an answer.
 */

static ngx_int_t
ngx_http_aistream_turn_answer(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_uint_t n, ngx_str_t *text)
{
    ngx_int_t                                  rc;
    ngx_http_aistream_message_record_t        *record;
    ngx_http_aistream_message_record_parsed_t  parsed;

    ngx_str_null(text);

    record = turn->session.records.elts;

    while (n && record[n - 1].kind != NGX_HTTP_AISTREAM_RECORD_ASSISTANT) {
        n--;
    }

    if (n == 0) {
        return NGX_OK;
    }

    rc = ngx_http_aistream_message_record_parse(pool, &record[n - 1].text,
                                                &parsed);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    return ngx_http_aistream_turn_text(pool, &parsed.message, text);
}


static ngx_int_t
ngx_http_aistream_turn_text(ngx_pool_t *pool,
    ngx_http_aistream_message_t *message, ngx_str_t *text)
{
    u_char                    *p;
    size_t                     len;
    ngx_uint_t                 i;
    ngx_http_aistream_part_t  *part;

    ngx_str_null(text);

    len = 0;
    part = message->parts.nelts ? message->parts.elts : NULL;

    for (i = 0; i < message->parts.nelts; i++) {
        len += part[i].text.len;
    }

    p = ngx_pnalloc(pool, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;

    for (i = 0; i < message->parts.nelts; i++) {
        if (part[i].type == NGX_HTTP_AISTREAM_PART_TEXT) {
            p = ngx_cpymem(p, part[i].text.data, part[i].text.len);
        }
    }

    text->len = p - text->data;

    return NGX_OK;
}


/*
 * Returns the number of records that remain before this turn.  The turn
 * replaces the last record if it is the same user message and has failed.  With
 * "replace", it replaces the regenerated user message and all records after it.
 */

static ngx_uint_t
ngx_http_aistream_turn_records_before(ngx_http_aistream_turn_t *turn)
{
    ngx_uint_t                           n;
    ngx_http_aistream_message_record_t  *record;

    n = turn->session.records.nelts;
    record = turn->session.records.elts;

    while (n--) {

        if ((record[n].kind == NGX_HTTP_AISTREAM_RECORD_FAILED
             || (turn->replace
                 && record[n].kind == NGX_HTTP_AISTREAM_RECORD_USER))
            && ngx_memcmp(record[n].digest, turn->digest,
                          NGX_HTTP_AISTREAM_DIGEST)
               == 0)
        {
            return n;
        }

        if (!turn->replace) {
            break;
        }
    }

    return turn->session.records.nelts;
}


/*
 * Adds the last turn->history_max messages of n records, and sets the previous
 * agent and model.
 */

static ngx_int_t
ngx_http_aistream_turn_add_records(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_array_t *messages, ngx_uint_t n)
{
    ngx_int_t                                  rc;
    ngx_uint_t                                 i, newer;
    ngx_http_aistream_message_record_t        *record;
    ngx_http_aistream_message_t               *m;
    ngx_http_aistream_message_record_parsed_t  parsed;

    record = turn->session.records.elts;

    /* the number of messages after record i: the last history_max are sent */

    newer = 0;

    for (i = 0; i < n; i++) {
        newer += (record[i].kind != NGX_HTTP_AISTREAM_RECORD_SWITCH);
    }

    for (i = 0; i < n; i++) {

        rc = ngx_http_aistream_message_record_parse(pool, &record[i].text,
                                                    &parsed);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (record[i].kind != NGX_HTTP_AISTREAM_RECORD_SWITCH) {
            newer--;
        }

        if (rc == NGX_DECLINED) {
            ngx_log_error(NGX_LOG_WARN, turn->session.request->connection->log,
                          0, "aistream: session \"%V\" has an invalid "
                          "record", &turn->session.key);
            continue;
        }

        /*
         * parsed.type is empty in a message, and "agent_switch" or
         * "model_switch" in the record of a switch.  A switch is ignored if the
         * message before it is not sent to the model.
         */

        if (parsed.type.len == 0 || newer < turn->history_max) {
            ngx_http_aistream_turn_track_agent(turn, &parsed);
        }

        if (parsed.message.parts.nelts == 0 || newer >= turn->history_max) {
            continue;
        }

        m = ngx_array_push(messages);
        if (m == NULL) {
            return NGX_ERROR;
        }

        *m = parsed.message;
    }

    /* this turn has another agent than the last stored message */

    if (turn->has_history
        && !ngx_http_aistream_turn_same(&turn->agent, &turn->previous_agent))
    {
        turn->switched = 1;
        turn->switched_from = turn->previous_agent;
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_aistream_turn_same(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len
           && (a->len == 0 || ngx_memcmp(a->data, b->data, a->len) == 0);
}


/* a record without a type is a message */

static void
ngx_http_aistream_turn_track_agent(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_message_record_parsed_t *parsed)
{
    if (parsed->type.len == 0) {
        turn->has_history = 1;
        turn->previous_agent = parsed->agent;
        turn->previous_alias = parsed->alias;
        return;
    }

    if (ngx_http_aistream_scan_is(&parsed->type, "agent_switch")) {
        turn->switched = 1;
        turn->switched_from = parsed->from;
    }
}
