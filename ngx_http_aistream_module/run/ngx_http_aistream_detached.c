
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_compat.h>
#include <run/ngx_http_aistream_detached.h>


#define NGX_HTTP_AISTREAM_DETACHED_POOL  4096

/* initial r->count: nginx's reference and one that nginx never releases */
#define NGX_HTTP_AISTREAM_DETACHED_COUNT  2

/* milliseconds between two checks whether a thread still uses the request */
#define NGX_HTTP_AISTREAM_DETACHED_WAIT  10


static void ngx_http_aistream_detached_connection(
    ngx_http_aistream_detached_t *d, ngx_connection_t *c);
static ngx_int_t ngx_http_aistream_detached_request(
    ngx_http_aistream_detached_t *d, ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_detached_headers(ngx_http_request_t *dr,
    ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_detached_link(ngx_http_request_t *dr,
    ngx_table_elt_t *h);
static ngx_int_t ngx_http_aistream_detached_variables(ngx_http_request_t *dr,
    ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_detached_str(ngx_pool_t *pool,
    ngx_str_t *dst, ngx_str_t *src);
static ngx_chain_t *ngx_http_aistream_detached_send_chain(
    ngx_connection_t *c, ngx_chain_t *in, off_t limit);
static void ngx_http_aistream_detached_event(ngx_event_t *ev);
static void ngx_http_aistream_detached_refused(ngx_event_t *ev);
static void ngx_http_aistream_detached_blocked(
    ngx_http_aistream_detached_t *d);
static void ngx_http_aistream_detached_unblocked(ngx_event_t *ev);
static ngx_int_t ngx_http_aistream_detached_phase(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_detached_preaccess(ngx_http_request_t *r);
static void ngx_http_aistream_detached_done(ngx_http_aistream_detached_t *d,
    ngx_int_t rc);


ngx_http_aistream_detached_t *
ngx_http_aistream_detached_create(ngx_http_request_t *r)
{
    ngx_pool_t                    *pool;
    ngx_http_aistream_detached_t  *d;

    pool = ngx_create_pool(NGX_HTTP_AISTREAM_DETACHED_POOL,
                           r->connection->log);
    if (pool == NULL) {
        return NULL;
    }

    d = ngx_pcalloc(pool, sizeof(ngx_http_aistream_detached_t));
    if (d == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    d->connection.pool = pool;

    ngx_http_aistream_detached_connection(d, r->connection);

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "aistream detached request is made");

    d->http_connection = *r->http_connection;
    d->http_connection.busy = NULL;
    d->http_connection.nbusy = 0;
    d->http_connection.free = NULL;

    d->connection.data = &d->http_connection;

    d->request = ngx_http_create_request(&d->connection);

    if (d->request == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    d->connection.data = d->request;

    if (ngx_http_aistream_detached_request(d, r) != NGX_OK) {
        d->request->logged = 1;
        ngx_http_aistream_detached_free(d);
        return NULL;
    }

    return d;
}


static void
ngx_http_aistream_detached_connection(ngx_http_aistream_detached_t *d,
    ngx_connection_t *c)
{
    ngx_connection_t  *dc;

    d->log = *c->log;
    d->log.data = &d->log_ctx;
    d->log_ctx.connection = &d->connection;

    /*
     * The read event is never ready, the write event always; both are active,
     * so that nginx does not add them to the event method.
     */

    d->read.data = &d->connection;
    d->read.handler = ngx_http_aistream_detached_event;
    d->read.log = &d->log;
    d->read.active = 1;

    d->write = d->read;
    d->write.write = 1;
    d->write.ready = 1;

    /* nginx would delete a ready event that is active and level-triggered */

    if (!(ngx_event_flags & NGX_USE_CLEAR_EVENT)) {
        d->write.active = 0;
    }

    d->posted.data = d;
    d->posted.handler = ngx_http_aistream_detached_refused;
    d->posted.log = &d->log;

    dc = &d->connection;

    dc->fd = (ngx_socket_t) -1;
    dc->send_chain = ngx_http_aistream_detached_send_chain;
    dc->read = &d->read;
    dc->write = &d->write;
    dc->log = &d->log;
    dc->log_error = c->log_error;
    dc->type = c->type;
    dc->number = c->number;
    dc->start_time = c->start_time;
    dc->listening = c->listening;
    dc->sockaddr = c->sockaddr;
    dc->socklen = c->socklen;
    dc->addr_text = c->addr_text;
    dc->proxy_protocol = c->proxy_protocol;
    dc->local_sockaddr = c->local_sockaddr;
    dc->local_socklen = c->local_socklen;
    dc->requests = c->requests;
    dc->sndlowat = 1;
    dc->tcp_nodelay = NGX_TCP_NODELAY_DISABLED;
    dc->tcp_nopush = NGX_TCP_NOPUSH_DISABLED;
#if (NGX_SSL || NGX_COMPAT)
    dc->ssl = c->ssl;
#endif
}


static ngx_int_t
ngx_http_aistream_detached_request(ngx_http_aistream_detached_t *d,
    ngx_http_request_t *r)
{
    ngx_pool_t          *pool;
    ngx_http_request_t  *dr;

    dr = d->request;
    pool = dr->pool;

    dr->count = NGX_HTTP_AISTREAM_DETACHED_COUNT;

    dr->main_conf = r->main_conf;
    dr->srv_conf = r->srv_conf;
    dr->loc_conf = r->loc_conf;

    dr->method = r->method;
    dr->http_version = r->http_version;
    dr->http_major = r->http_major;
    dr->http_minor = r->http_minor;
    dr->valid_location = 1;
    dr->content_handler = r->content_handler;
    dr->internal = r->internal;

    /* limit_conn has counted the client's request already */

    dr->limit_conn_status = 1;

    /* disables error_page, since no client would receive the page */

    dr->error_page = 1;

    dr->read_event_handler = ngx_http_block_reading;
    dr->write_event_handler = ngx_http_request_empty_handler;

    if (ngx_http_aistream_detached_str(pool, &dr->request_line,
                                       &r->request_line)
        != NGX_OK
        || ngx_http_aistream_detached_str(pool, &dr->uri, &r->uri) != NGX_OK
        || ngx_http_aistream_detached_str(pool, &dr->args, &r->args) != NGX_OK
        || ngx_http_aistream_detached_str(pool, &dr->exten, &r->exten)
           != NGX_OK
        || ngx_http_aistream_detached_str(pool, &dr->unparsed_uri,
                                          &r->unparsed_uri)
           != NGX_OK
        || ngx_http_aistream_detached_str(pool, &dr->method_name,
                                          &r->method_name)
           != NGX_OK
        || ngx_http_aistream_detached_str(pool, &dr->http_protocol,
                                          &r->http_protocol)
           != NGX_OK
        || ngx_http_aistream_detached_str(pool, &dr->schema, &r->schema)
           != NGX_OK
        || ngx_http_aistream_detached_headers(dr, r) != NGX_OK
        || ngx_http_aistream_detached_variables(dr, r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_detached_headers(ngx_http_request_t *dr,
    ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *copy;

    if (ngx_list_init(&dr->headers_in.headers, dr->pool, 16,
                      sizeof(ngx_table_elt_t))
        != NGX_OK
        || ngx_http_aistream_detached_str(dr->pool, &dr->headers_in.server,
                                          &r->headers_in.server)
           != NGX_OK
        || ngx_http_aistream_detached_str(dr->pool, &dr->headers_in.user,
                                          &r->headers_in.user)
           != NGX_OK
        || ngx_http_aistream_detached_str(dr->pool, &dr->headers_in.passwd,
                                          &r->headers_in.passwd)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (part = &r->headers_in.headers.part; part; part = part->next) {

        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            copy = ngx_list_push(&dr->headers_in.headers);
            if (copy == NULL) {
                return NGX_ERROR;
            }

            copy->hash = h[i].hash;
            ngx_http_aistream_header_unlinked(copy);

            if (ngx_http_aistream_detached_str(dr->pool, &copy->key,
                                               &h[i].key)
                != NGX_OK
                || ngx_http_aistream_detached_str(dr->pool, &copy->value,
                                                  &h[i].value)
                   != NGX_OK)
            {
                return NGX_ERROR;
            }

            copy->lowcase_key = ngx_pnalloc(dr->pool, copy->key.len);
            if (copy->lowcase_key == NULL) {
                return NGX_ERROR;
            }

            ngx_strlow(copy->lowcase_key, copy->key.data, copy->key.len);

            if (ngx_http_aistream_detached_link(dr, copy) != NGX_OK) {
                return NGX_ERROR;
            }
        }
    }

    dr->headers_in.content_length_n = -1;

    return NGX_OK;
}


/* sets the member of headers_in for a header that nginx knows */

static ngx_int_t
ngx_http_aistream_detached_link(ngx_http_request_t *dr, ngx_table_elt_t *h)
{
    ngx_http_header_t          *hh;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(dr, ngx_http_core_module);

    hh = ngx_hash_find(&cmcf->headers_in_hash, h->hash, h->lowcase_key,
                       h->key.len);

    if (hh == NULL) {
        return NGX_OK;
    }

    return ngx_http_aistream_header_link(dr->pool, &dr->headers_in,
                                         hh->offset, h);
}


/* copies the values that variables have, e.g. by "set" or auth_request */

static ngx_int_t
ngx_http_aistream_detached_variables(ngx_http_request_t *dr,
    ngx_http_request_t *r)
{
    u_char                     *p;
    ngx_uint_t                  i;
    ngx_http_variable_value_t  *v;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    v = dr->variables;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        if (!r->variables[i].valid) {
            continue;
        }

        v[i] = r->variables[i];

        p = ngx_pnalloc(dr->pool, v[i].len);
        if (p == NULL) {
            return NGX_ERROR;
        }

        v[i].data = ngx_cpymem(p, r->variables[i].data, v[i].len) - v[i].len;
    }

#if (NGX_PCRE)

    if (r->captures == NULL || r->ncaptures == 0) {
        return NGX_OK;
    }

    dr->captures = ngx_palloc(dr->pool, cmcf->ncaptures * sizeof(int));
    if (dr->captures == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(dr->captures, r->captures, cmcf->ncaptures * sizeof(int));

    dr->ncaptures = r->ncaptures;
    dr->captures_data = r->captures_data;

#endif

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_detached_str(ngx_pool_t *pool, ngx_str_t *dst,
    ngx_str_t *src)
{
    dst->len = src->len;
    dst->data = NULL;

    if (src->len == 0) {
        return NGX_OK;
    }

    dst->data = ngx_pstrdup(pool, src);

    return dst->data ? NGX_OK : NGX_ERROR;
}


void
ngx_http_aistream_detached_start(ngx_http_aistream_detached_t *d,
    ngx_http_aistream_detached_pt handler, void *data)
{
    d->handler = handler;
    d->data = data;

    d->request->phase_handler = ngx_http_aistream_detached_phase(d->request);

    ngx_http_core_run_phases(d->request);
}


/*
 * returns the index of the first handler of the preaccess phase; our handler is
 * the last one
 */

static ngx_int_t
ngx_http_aistream_detached_phase(ngx_http_request_t *r)
{
    ngx_int_t                   n;
    ngx_http_phase_handler_t   *ph;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    ph = cmcf->phase_engine.handlers;

    for (n = 0; ph[n].handler != ngx_http_aistream_detached_preaccess; n++) {
        /* void */
    }

    return n + 1 - cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers.nelts;
}


/* never called; identifies the connection of a detached request */

static ngx_chain_t *
ngx_http_aistream_detached_send_chain(ngx_connection_t *c, ngx_chain_t *in,
    off_t limit)
{
    return NGX_CHAIN_ERROR;
}


/*
 * The handler of both events, instead of ngx_http_request_handler(), which may
 * also terminate the request.  The write event may be posted, and limit_req
 * uses it as the timer of a delay.
 */

static void
ngx_http_aistream_detached_event(ngx_event_t *ev)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    c = ev->data;
    r = c->data;

    ngx_http_set_log_request(c->log, r);

    if (ev->delayed && ev->timedout) {
        ev->delayed = 0;
        ev->timedout = 0;
    }

    if (ev->write) {
        r->write_event_handler(r);

    } else {
        r->read_event_handler(r);
    }

    ngx_http_run_posted_requests(c);
}


/* the last handler of the preaccess phase */

static ngx_int_t
ngx_http_aistream_detached_preaccess(ngx_http_request_t *r)
{
    ngx_http_aistream_detached_t  *d;

    d = ngx_http_aistream_detached(r);

    if (d == NULL || r != r->main) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_detached_passed(d);
}


ngx_int_t
ngx_http_aistream_detached_passed(ngx_http_aistream_detached_t *d)
{
    d->request->read_event_handler = ngx_http_block_reading;
    d->request->write_event_handler = ngx_http_request_empty_handler;

    ngx_http_aistream_detached_done(d, NGX_OK);

    return NGX_DONE;
}


/*
 * Calls the handler after a rejection: as an event, since the handler may free
 * the request, which nginx still uses when the header filter is called.
 */

static void
ngx_http_aistream_detached_refused(ngx_event_t *ev)
{
    ngx_http_aistream_detached_t *d = ev->data;

    ngx_http_aistream_detached_done(d, d->status);
}


static void
ngx_http_aistream_detached_done(ngx_http_aistream_detached_t *d, ngx_int_t rc)
{
    ngx_http_aistream_detached_pt  handler;

    handler = d->handler;

    if (handler) {
        d->handler = NULL;
        handler(d->request, d->data, rc);
    }
}


void
ngx_http_aistream_detached_free(ngx_http_aistream_detached_t *d)
{
    ngx_pool_t  *pool;

    if (d->posted.posted) {
        ngx_delete_posted_event(&d->posted);
    }

    if (d->write.timer_set) {
        ngx_del_timer(&d->write);
    }

    if (d->read.posted) {
        ngx_delete_posted_event(&d->read);
    }

    if (d->write.posted) {
        ngx_delete_posted_event(&d->write);
    }

    pool = d->connection.pool;

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, d->connection.log, 0,
                   "aistream detached request is freed");

    if (d->request->blocked) {
        ngx_http_aistream_detached_blocked(d);
        return;
    }

    ngx_http_free_request(d->request, 0);

    ngx_destroy_pool(pool);
}


/*
 * Ends a request for a subrequest of which a thread reads a file.  The request
 * is cleaned up and logged at once; its memory is freed when the thread has
 * finished.
 */

static void
ngx_http_aistream_detached_blocked(ngx_http_aistream_detached_t *d)
{
    ngx_pool_t          *pool;
    ngx_http_cleanup_t  *cln;
    ngx_http_request_t  *r;

    r = d->request;

    cln = r->cleanup;
    r->cleanup = NULL;

    for ( /* void */ ; cln; cln = cln->next) {
        if (cln->handler) {
            cln->handler(cln->data);
        }
    }

    /*
     * ngx_http_free_request() logs the request, and destroys r->pool: for this
     * call, r->pool is an empty pool.
     */

    pool = r->pool;
    r->pool = ngx_create_pool(NGX_HTTP_AISTREAM_DETACHED_POOL, &d->log);

    if (r->pool) {
        ngx_http_free_request(r, 0);
    }

    r->pool = pool;
    r->write_event_handler = ngx_http_request_empty_handler;

    /* the log handler uses data of the client's connection, which may close */

    d->log.handler = NULL;
    d->connection.pool->log = ngx_cycle->log;

    d->posted.handler = ngx_http_aistream_detached_unblocked;
    ngx_add_timer(&d->posted, NGX_HTTP_AISTREAM_DETACHED_WAIT);
}


static void
ngx_http_aistream_detached_unblocked(ngx_event_t *ev)
{
    ngx_http_aistream_detached_t *d = ev->data;

    ngx_pool_t  *pool;

    if (d->request->blocked) {
        ngx_add_timer(ev, NGX_HTTP_AISTREAM_DETACHED_WAIT);
        return;
    }

    pool = d->connection.pool;

    ngx_destroy_pool(d->request->pool);
    ngx_destroy_pool(pool);
}


ngx_http_aistream_detached_t *
ngx_http_aistream_detached(ngx_http_request_t *r)
{
    ngx_connection_t  *c;

    c = r->connection;

    return c->send_chain == ngx_http_aistream_detached_send_chain
           ? (ngx_http_aistream_detached_t *) c : NULL;
}


ngx_int_t
ngx_http_aistream_detached_header(ngx_http_aistream_detached_t *d,
    ngx_http_request_t *r)
{
    r->header_sent = 1;

    if (r == r->main && d->handler) {
        d->status = r->headers_out.status;
        ngx_post_event(&d->posted, &ngx_posted_events);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_detached_body(ngx_chain_t *in)
{
    for ( /* void */ ; in; in = in->next) {
        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }

    return NGX_OK;
}


/*
 * Our handler is inserted as the first of the array, to be called last: nginx
 * calls the handlers of a phase from the last to the first.
 */

ngx_int_t
ngx_http_aistream_detached_init(ngx_conf_t *cf)
{
    ngx_array_t                *handlers;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    handlers = &cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers;

    if (ngx_array_push(handlers) == NULL) {
        return NGX_ERROR;
    }

    h = handlers->elts;

    ngx_memmove(h + 1, h, (handlers->nelts - 1) * sizeof(ngx_http_handler_pt));

    h[0] = ngx_http_aistream_detached_preaccess;

    return NGX_OK;
}
