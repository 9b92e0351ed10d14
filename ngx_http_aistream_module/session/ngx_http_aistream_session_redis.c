
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Sessions in Redis or Valkey.  A session is a list; its first element is
 *
 *     OWNER:BYTES
 *
 * the digest of the owner, in 32 hexadecimal digits, and the total size of the
 * other elements.  These are message records, the oldest first:
 *
 *     KIND DIGEST JSON
 *
 * a letter, 32 hexadecimal digits and the text, without spaces between them.
 *
 * A list is changed only by the scripts in redis/.  A script is atomic, so
 * concurrent turns of a session do not overwrite each other.
 */


#include <ngx_http_aistream.h>
#include <session/ngx_http_aistream_redis.h>
#include <session/ngx_http_aistream_resp.h>
#include <subrequest/ngx_http_aistream_fetch.h>
#include <ngx_http_aistream_redis_scripts.h>


#define NGX_HTTP_AISTREAM_REDIS_HEX      (2 * NGX_HTTP_AISTREAM_DIGEST)
#define NGX_HTTP_AISTREAM_REDIS_BUFFER   8192

/* number of arguments before the records when a session is saved */
#define NGX_HTTP_AISTREAM_REDIS_ARGS     11

/* maximum size of a reply, as a multiple of the maximum size of a session */
#define NGX_HTTP_AISTREAM_REDIS_FACTOR   4


/* the loading or removal of a session */

typedef struct {
    ngx_http_aistream_session_t     *session;
    ngx_http_aistream_redis_peer_t   peer;
    ngx_str_t                        command;

    ngx_http_aistream_json_out_t     reply;     /* all data received */
    size_t                           read;      /* complete replies in it */
    ngx_int_t                        replies;   /* number not received yet */
    u_char                           type;      /* of a successful reply */
    unsigned                         received:1;    /* all replies */
} ngx_http_aistream_redis_call_t;


static void ngx_http_aistream_redis_load(ngx_http_aistream_session_t *s);
static void ngx_http_aistream_redis_remove(ngx_http_aistream_session_t *s);
static void ngx_http_aistream_redis_save(ngx_http_aistream_session_t *s,
    ngx_http_aistream_append_op_t *op);
static ngx_int_t ngx_http_aistream_redis_arg(ngx_pool_t *pool,
    ngx_http_aistream_message_record_t *record, ngx_str_t *arg);
static void ngx_http_aistream_redis_call(ngx_http_aistream_session_t *s,
    u_char type, ngx_str_t *args, ngx_uint_t n);
static ngx_int_t ngx_http_aistream_redis_secret(
    ngx_http_aistream_session_t *s, ngx_str_t *secret);
static ngx_int_t ngx_http_aistream_redis_command(
    ngx_http_aistream_redis_call_t *call, ngx_str_t *args, ngx_uint_t n);
static ngx_int_t ngx_http_aistream_redis_fetch(
    ngx_http_aistream_redis_call_t *call);
static ngx_int_t ngx_http_aistream_redis_start(ngx_http_request_t *r,
    ngx_http_upstream_t *u);
static ngx_int_t ngx_http_aistream_redis_reinit(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_redis_process(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_redis_scan(
    ngx_http_aistream_redis_call_t *call);
static ngx_int_t ngx_http_aistream_redis_peer(
    ngx_http_aistream_redis_call_t *call, ngx_peer_connection_t *peer);
static ngx_int_t ngx_http_aistream_redis_filter_init(void *data);
static ngx_int_t ngx_http_aistream_redis_filter(void *data, ssize_t bytes);
static void ngx_http_aistream_redis_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc);
static ngx_int_t ngx_http_aistream_redis_result(
    ngx_http_aistream_redis_call_t *call);
static ngx_int_t ngx_http_aistream_redis_record(
    ngx_http_aistream_session_t *s, ngx_str_t *text);
static ngx_int_t ngx_http_aistream_redis_unhex(u_char *dst, u_char *src);


/*
 * For nginx, all data received is a header, and the body is empty: nothing is
 * passed to the client.
 */

static const ngx_http_aistream_fetch_type_t  ngx_http_aistream_redis_type = {
    .flags = NGX_HTTP_SUBREQUEST_IN_MEMORY,
    .start = ngx_http_aistream_redis_start,
    .reinit = ngx_http_aistream_redis_reinit,
    .process_header = ngx_http_aistream_redis_process,
    .filter_init = ngx_http_aistream_redis_filter_init,
    .filter = ngx_http_aistream_redis_filter,
    .done = ngx_http_aistream_redis_done
};


/* the command that runs a script, and the number of keys passed to it */

static ngx_str_t  ngx_http_aistream_redis_eval = ngx_string("EVAL");
static ngx_str_t  ngx_http_aistream_redis_one = ngx_string("1");

static ngx_str_t  ngx_http_aistream_redis_load_script =
    ngx_string(NGX_HTTP_AISTREAM_REDIS_LOAD_LUA);
static ngx_str_t  ngx_http_aistream_redis_remove_script =
    ngx_string(NGX_HTTP_AISTREAM_REDIS_REMOVE_LUA);
static ngx_str_t  ngx_http_aistream_redis_save_script =
    ngx_string(NGX_HTTP_AISTREAM_REDIS_SAVE_LUA);


ngx_http_upstream_conf_t *
ngx_http_aistream_redis_conf(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *upstream)
{
    ngx_http_upstream_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_upstream_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->upstream = upstream;
    conf->connect_timeout = NGX_HTTP_AISTREAM_REDIS_CONNECT;
    conf->send_timeout = NGX_HTTP_AISTREAM_REDIS_TIMEOUT;
    conf->read_timeout = NGX_HTTP_AISTREAM_REDIS_TIMEOUT;
    conf->next_upstream_timeout = 2 * NGX_HTTP_AISTREAM_REDIS_TIMEOUT;
    conf->buffer_size = NGX_HTTP_AISTREAM_REDIS_BUFFER;
    conf->next_upstream = NGX_HTTP_UPSTREAM_FT_ERROR
                          |NGX_HTTP_UPSTREAM_FT_TIMEOUT;
    ngx_str_set(&conf->module, "aistream_store");

    return conf;
}


static void
ngx_http_aistream_redis_load(ngx_http_aistream_session_t *s)
{
    u_char     owner[NGX_HTTP_AISTREAM_REDIS_HEX];
    u_char     wanted[NGX_INT_T_LEN], ttl[NGX_TIME_T_LEN];
    u_char     size[NGX_SIZE_T_LEN];
    ngx_str_t  args[8];

    args[0] = ngx_http_aistream_redis_eval;
    args[1] = ngx_http_aistream_redis_load_script;
    args[2] = ngx_http_aistream_redis_one;
    args[3] = s->key;

    args[4].data = owner;
    args[4].len = ngx_hex_dump(owner, s->owner, NGX_HTTP_AISTREAM_DIGEST)
                  - owner;

    args[5].data = wanted;
    args[5].len = ngx_sprintf(wanted, "%ui", ngx_min(s->wanted, s->messages))
                  - wanted;

    args[6].data = ttl;
    args[6].len = ngx_sprintf(ttl, "%T", s->store->ttl) - ttl;

    args[7].data = size;
    args[7].len = ngx_sprintf(size, "%uz", s->size) - size;

    ngx_http_aistream_redis_call(s, '*', args, 8);
}


static void
ngx_http_aistream_redis_remove(ngx_http_aistream_session_t *s)
{
    u_char     owner[NGX_HTTP_AISTREAM_REDIS_HEX];
    ngx_str_t  args[5];

    args[0] = ngx_http_aistream_redis_eval;
    args[1] = ngx_http_aistream_redis_remove_script;
    args[2] = ngx_http_aistream_redis_one;
    args[3] = s->key;

    args[4].data = owner;
    args[4].len = ngx_hex_dump(owner, s->owner, NGX_HTTP_AISTREAM_DIGEST)
                  - owner;

    s->pool = s->store_pool;

    ngx_http_aistream_redis_call(s, ':', args, 5);
}


static void
ngx_http_aistream_redis_save(ngx_http_aistream_session_t *s,
    ngx_http_aistream_append_op_t *op)
{
    u_char      owner[NGX_HTTP_AISTREAM_REDIS_HEX];
    u_char      digest[NGX_HTTP_AISTREAM_REDIS_HEX];
    u_char      ttl[NGX_TIME_T_LEN], messages[NGX_INT_T_LEN];
    u_char      size[NGX_SIZE_T_LEN], before[NGX_INT_T_LEN];
    ngx_str_t  *args;
    ngx_uint_t  i;

    args = ngx_palloc(op->pool, (NGX_HTTP_AISTREAM_REDIS_ARGS + op->n)
                                    * sizeof(ngx_str_t));
    if (args == NULL) {
        return;
    }

    args[0] = ngx_http_aistream_redis_eval;
    args[1] = ngx_http_aistream_redis_save_script;
    args[2] = ngx_http_aistream_redis_one;
    args[3] = s->key;

    args[4].data = owner;
    args[4].len = ngx_hex_dump(owner, s->owner, NGX_HTTP_AISTREAM_DIGEST)
                  - owner;
    args[5].data = ttl;
    args[5].len = ngx_sprintf(ttl, "%T", s->store->ttl) - ttl;
    args[6].data = messages;
    args[6].len = ngx_sprintf(messages, "%ui", s->messages) - messages;
    args[7].data = size;
    args[7].len = ngx_sprintf(size, "%uz", s->size) - size;
    ngx_str_set(&args[8], "0");

    if (op->replace) {
        ngx_str_set(&args[8], "1");
    }

    args[9].data = digest;
    args[9].len = ngx_hex_dump(digest, op->digest,
                               NGX_HTTP_AISTREAM_DIGEST)
                  - digest;
    args[10].data = before;
    args[10].len = ngx_sprintf(before, "%ui", op->before) - before;

    for (i = 0; i < op->n; i++) {
        if (ngx_http_aistream_redis_arg(op->pool, &op->records[i],
                                        &args[NGX_HTTP_AISTREAM_REDIS_ARGS
                                              + i])
            != NGX_OK)
        {
            return;
        }
    }

    ngx_http_aistream_redis_send(s->state, &s->key, args,
                                 NGX_HTTP_AISTREAM_REDIS_ARGS + op->n);
}


/* converts a message record to an argument, as it is stored in the list */

static ngx_int_t
ngx_http_aistream_redis_arg(ngx_pool_t *pool,
    ngx_http_aistream_message_record_t *record, ngx_str_t *arg)
{
    u_char  *p;

    p = ngx_pnalloc(pool, 1 + NGX_HTTP_AISTREAM_REDIS_HEX + record->text.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    arg->data = p;

    *p++ = (u_char) record->kind;
    p = ngx_hex_dump(p, record->digest, NGX_HTTP_AISTREAM_DIGEST);
    p = ngx_cpymem(p, record->text.data, record->text.len);

    arg->len = p - arg->data;

    return NGX_OK;
}


static void
ngx_http_aistream_redis_call(ngx_http_aistream_session_t *s, u_char type,
    ngx_str_t *args, ngx_uint_t n)
{
    ngx_http_aistream_redis_call_t  *call;

    call = ngx_pcalloc(s->store_pool, sizeof(ngx_http_aistream_redis_call_t));

    if (call) {
        call->session = s;
        call->type = type;
        s->state = &call->peer;

        if (ngx_http_aistream_redis_secret(s, &call->peer.secret) == NGX_OK
            && ngx_http_aistream_redis_command(call, args, n) == NGX_OK
            && ngx_http_aistream_redis_fetch(call) == NGX_OK)
        {
            return;
        }
    }

    s->done(s, NGX_ERROR);
}


/* sets the password from the upstream's aistream_key, if there is one */

static ngx_int_t
ngx_http_aistream_redis_secret(ngx_http_aistream_session_t *s,
    ngx_str_t *secret)
{
    ngx_http_aistream_key_t            *key;
    ngx_http_aistream_upstream_conf_t  *uc;

    if (s->store->upstream->srv_conf == NULL) {
        return NGX_OK;
    }

    uc = ngx_http_conf_upstream_srv_conf(s->store->upstream,
                                         ngx_http_aistream_module);

    if (uc->keys == NULL) {
        return NGX_OK;
    }

    key = uc->keys->elts;
    *secret = key->value;

    return key->variable
           ? ngx_http_aistream_secret(s->request, key->variable, secret)
           : NGX_OK;
}


static ngx_int_t
ngx_http_aistream_redis_command(ngx_http_aistream_redis_call_t *call,
    ngx_str_t *args, ngx_uint_t n)
{
    size_t       len;
    u_char      *p;
    ngx_str_t    auth[2];
    ngx_uint_t   secret;

    secret = (call->peer.secret.len != 0);

    ngx_str_set(&auth[0], "AUTH");
    auth[1] = call->peer.secret;

    len = ngx_http_aistream_resp_len(args, n);

    if (secret) {
        len += ngx_http_aistream_resp_len(auth, 2);
    }

    p = ngx_pnalloc(call->session->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    call->command.data = p;

    if (secret) {
        p = ngx_http_aistream_resp_write(p, auth, 2);
    }

    p = ngx_http_aistream_resp_write(p, args, n);

    call->command.len = p - call->command.data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_redis_fetch(ngx_http_aistream_redis_call_t *call)
{
    ngx_buf_t           *b;
    ngx_chain_t         *cl;
    ngx_http_request_t  *r;

    r = call->session->request;

    b = ngx_calloc_buf(r->pool);
    cl = ngx_alloc_chain_link(r->pool);

    if (b == NULL || cl == NULL) {
        return NGX_ERROR;
    }

    b->start = call->command.data;
    b->pos = b->start;
    b->last = b->start + call->command.len;
    b->end = b->last;
    b->temporary = 1;
    b->last_buf = 1;

    cl->buf = b;
    cl->next = NULL;

    return ngx_http_aistream_fetch(r, &ngx_http_aistream_redis_type, cl, call)
           ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_aistream_redis_start(ngx_http_request_t *r, ngx_http_upstream_t *u)
{
    ngx_http_aistream_redis_call_t  *call;

    call = ngx_http_aistream_fetch_data(r);

    ngx_str_set(&u->schema, "redis://");

    u->output.tag = (ngx_buf_tag_t) &ngx_http_aistream_redis;
    u->conf = call->session->store->conf;

    return ngx_http_aistream_redis_reinit(r);
}


static ngx_int_t
ngx_http_aistream_redis_reinit(ngx_http_request_t *r)
{
    ngx_http_aistream_redis_call_t  *call;

    call = ngx_http_aistream_fetch_data(r);

    ngx_http_aistream_json_out_init(&call->reply, call->session->pool,
                                    NGX_HTTP_AISTREAM_REDIS_BUFFER);
    call->read = 0;
    call->replies = call->peer.secret.len ? 2 : 1;
    call->received = 0;

    return call->reply.failed ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_aistream_redis_process(ngx_http_request_t *r)
{
    ngx_int_t                        rc;
    ngx_http_upstream_t             *u;
    ngx_http_aistream_redis_call_t  *call;

    u = r->upstream;
    call = ngx_http_aistream_fetch_data(r);

    ngx_http_aistream_json_out_raw(&call->reply, u->buffer.pos,
                                   u->buffer.last - u->buffer.pos);

    u->buffer.pos = u->buffer.start;
    u->buffer.last = u->buffer.start;

    if (call->reply.failed) {
        return NGX_ERROR;
    }

    rc = ngx_http_aistream_redis_scan(call);

    if (rc == NGX_ERROR
        || (size_t) (call->reply.pos - call->reply.start)
           > NGX_HTTP_AISTREAM_REDIS_FACTOR * call->session->size + 65536)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "aistream: store sent %s reply",
                      rc == NGX_ERROR ? "invalid" : "too large");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (ngx_http_aistream_redis_peer(call, &u->peer) != NGX_OK) {
        return NGX_ERROR;
    }

    call->received = 1;

    u->headers_in.status_n = NGX_HTTP_OK;
    u->state->status = NGX_HTTP_OK;
    u->keepalive = 1;

    return NGX_OK;
}


/* counts complete replies; NGX_AGAIN: more are expected */

static ngx_int_t
ngx_http_aistream_redis_scan(ngx_http_aistream_redis_call_t *call)
{
    u_char                   *p;
    ngx_int_t                 rc;
    ngx_http_aistream_resp_t  reply;

    p = call->reply.start + call->read;

    while (call->replies) {

        rc = ngx_http_aistream_resp_read(&p, call->reply.pos, &reply);

        if (rc != NGX_OK) {
            return rc;
        }

        /* "replies" must not overflow if arrays are nested */

        if (reply.type == '*' && reply.number > NGX_MAX_INT32_VALUE) {
            return NGX_ERROR;
        }

        call->read = p - call->reply.start;
        call->replies--;

        if (reply.type == '*' && reply.number > 0) {
            call->replies += reply.number;
        }
    }

    return p == call->reply.pos ? NGX_OK : NGX_ERROR;
}


/* copies the server's address, since the session is saved to this server */

static ngx_int_t
ngx_http_aistream_redis_peer(ngx_http_aistream_redis_call_t *call,
    ngx_peer_connection_t *peer)
{
    ngx_pool_t                      *pool;
    ngx_http_aistream_redis_peer_t  *p;

    p = &call->peer;
    pool = call->session->store_pool;

    p->socklen = peer->socklen;
    p->sockaddr = ngx_palloc(pool, peer->socklen);
    p->name.len = peer->name->len;
    p->name.data = ngx_pstrdup(pool, peer->name);

    if (p->sockaddr == NULL || p->name.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p->sockaddr, peer->sockaddr, peer->socklen);

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_redis_filter_init(void *data)
{
    ngx_http_request_t *r = data;

    r->upstream->length = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_redis_filter(void *data, ssize_t bytes)
{
    /* the body is empty */

    return NGX_OK;
}


static void
ngx_http_aistream_redis_done(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_http_aistream_redis_call_t *call = data;

    ngx_int_t                     result;
    ngx_http_aistream_session_t  *s;

    s = call->session;

    if (s->rc != NGX_AGAIN) {
        return;
    }

    result = call->received ? ngx_http_aistream_redis_result(call) : NGX_ERROR;

    if (result == NGX_OK) {
        ngx_http_aistream_redis_connect(&call->peer);
    }

    s->done(s, result);
}


static ngx_int_t
ngx_http_aistream_redis_result(ngx_http_aistream_redis_call_t *call)
{
    u_char                        *p, *last;
    ngx_uint_t                     known;
    ngx_http_aistream_resp_t       reply;
    ngx_http_aistream_session_t   *s;

    s = call->session;
    known = 0;

    p = call->reply.start;
    last = call->reply.pos;

    while (ngx_http_aistream_resp_read(&p, last, &reply) == NGX_OK) {

        if (reply.type == '-') {
            ngx_http_aistream_redis_mask(&reply.text, &call->peer.secret);

            ngx_log_error(NGX_LOG_ERR, s->request->connection->log, 0,
                          "aistream: store returned an error: %V", &reply.text);
            return NGX_ERROR;
        }

        if (reply.type == ':' && reply.number == -1) {
            return NGX_DECLINED;
        }

        if (reply.type == call->type) {
            known = 1;
        }

        /* the elements of the list are records */

        if (reply.type == '$' && known && call->type == '*'
            && ngx_http_aistream_redis_record(s, &reply.text) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (!known) {
        ngx_log_error(NGX_LOG_ERR, s->request->connection->log, 0,
                      "aistream: store sent unexpected reply");
    }

    return known ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_aistream_redis_record(ngx_http_aistream_session_t *s, ngx_str_t *text)
{
    size_t                               len;
    ngx_http_aistream_message_record_t  *e;

    len = 1 + NGX_HTTP_AISTREAM_REDIS_HEX;

    e = ngx_array_push(&s->records);
    if (e == NULL) {
        return NGX_ERROR;
    }

    if (text->len < len
        || ngx_strchr("UFATS", text->data[0]) == NULL
        || ngx_http_aistream_redis_unhex(e->digest, text->data + 1) != NGX_OK)
    {
        ngx_log_error(NGX_LOG_WARN, s->request->connection->log, 0,
                      "aistream: session \"%V\" has an invalid record",
                      &s->key);
        s->records.nelts--;
        return NGX_OK;
    }

    e->kind = text->data[0];
    e->text.data = text->data + len;
    e->text.len = text->len - len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_redis_unhex(u_char *dst, u_char *src)
{
    ngx_int_t   n;
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_AISTREAM_DIGEST; i++) {
        n = ngx_hextoi(src + 2 * i, 2);

        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        dst[i] = (u_char) n;
    }

    return NGX_OK;
}


const ngx_http_aistream_store_type_t  ngx_http_aistream_redis = {
    ngx_string("redis"),
    ngx_http_aistream_redis_load,
    ngx_http_aistream_redis_remove,
    ngx_http_aistream_redis_save
};
