
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A request to a location of the configuration, made in the background of a
 * host, which is a client's request or a detached one.  Any number may run in
 * parallel.  The location may have any handler; only the filters before ours
 * are applied to its response.
 *
 * nginx does not check the access rules of a location for subrequests: such a
 * location should be "internal".
 *
 * The location sees the host's variables as they are when the request starts,
 * and variables of the client's headers such as $http_cookie; variables that
 * it sets are not visible outside.  $request_method is that of the client's
 * request, as in all subrequests of nginx.
 */


#ifndef _NGX_HTTP_AISTREAM_LOCATION_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_LOCATION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * IDLE      not started
 * RUNNING   the subrequest runs
 * POSTED    the outcome is known, the handler is about to be called
 * ENDED     the handler was called, or will not be called
 */

typedef enum {
    NGX_HTTP_AISTREAM_LOCATION_IDLE = 0,
    NGX_HTTP_AISTREAM_LOCATION_RUNNING,
    NGX_HTTP_AISTREAM_LOCATION_POSTED,
    NGX_HTTP_AISTREAM_LOCATION_ENDED
} ngx_http_aistream_location_state_e;


/*
 * RESPONDED   there is a response, with any status; it may be truncated
 * BROKEN      no response, or an incomplete one: the connection was closed by
 *             the location (444) or by its upstream, or memory is short
 * TIMED_OUT   no response, or an incomplete one, within the time limit
 */

typedef enum {
    NGX_HTTP_AISTREAM_LOCATION_RESPONDED = 0,
    NGX_HTTP_AISTREAM_LOCATION_BROKEN,
    NGX_HTTP_AISTREAM_LOCATION_TIMED_OUT
} ngx_http_aistream_location_outcome_e;


typedef struct ngx_http_aistream_location_s  ngx_http_aistream_location_t;

typedef void (*ngx_http_aistream_location_pt)(
    ngx_http_aistream_location_t *l);


/*
 * Zeroed before start, then the first group is set.  The struct and the
 * strings of that group must live as long as the host, even after the end: the
 * subrequest of a location that cannot be interrupted may outlive it.
 */

struct ngx_http_aistream_location_s {
    ngx_http_request_t                   *host;
    ngx_str_t                             uri;     /* unescaped, no args */
    ngx_str_t                             args;
    ngx_uint_t                            method;  /* NGX_HTTP_GET, POST,
                                                      PUT, PATCH or DELETE */
    ngx_str_t                             body;    /* NULL: none */
    ngx_str_t                             type;    /* of the body */
    ngx_array_t                          *headers; /* ngx_str_t, names of
                                                      the client's headers
                                                      to pass; NULL: none */
    ngx_msec_t                            timeout; /* for the response */
    size_t                                size;    /* max. bytes of the
                                                      response's body */
    ngx_http_aistream_location_pt         handler;
    void                                 *data;

    /*
     * the result, allocated from the host's pool; it may be partial if not
     * RESPONDED
     */

    ngx_http_aistream_location_outcome_e  outcome;
    ngx_uint_t                            status;  /* 0: no header */
    ngx_str_t                             response_type;
    ngx_str_t                             response;

    /* internal */

    ngx_http_aistream_location_state_e    state;
    ngx_http_request_t                   *request;
    ngx_http_cleanup_t                   *cleanup;
    ngx_event_t                           event;   /* time limit, the end */
    size_t                                room;    /* of the response */
    off_t                                 length;  /* -1: unknown */

    unsigned                              body_cut:1;      /* truncated */
    unsigned                              body_begun:1;
    unsigned                              body_received:1; /* complete */
    unsigned                              failed:1;
    unsigned                              client_timer:1;  /* set by nginx */
};


/*
 * Starts a request.  Returns NGX_OK: the handler is called once, from the
 * event loop, as an event of the host.  The handler may finalize a host that is
 * a client's request, but must not free a detached one.  If the host is freed
 * before, the request is ended, and the handler is not called.  nginx keeps a
 * finalized host until all its locations have ended: call abort for each.
 * Returns NGX_ERROR if out of memory, or if subrequests are nested too deep.
 *
 * The host's posted requests must be run after it, which nginx does after each
 * handler of a client's request.
 */
ngx_int_t ngx_http_aistream_location_start(ngx_http_aistream_location_t *l);

/*
 * Ends a running request and closes its upstream's connection; the handler is
 * not called.  It has no effect on a request that has ended, and must not be
 * called from within the location.
 */
void ngx_http_aistream_location_abort(ngx_http_aistream_location_t *l);

/*
 * Called by the filters.  Return NGX_OK if the output of a location was taken,
 * and NGX_DECLINED if the output must be passed to the next filter.
 */
ngx_int_t ngx_http_aistream_location_header(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_location_body(ngx_http_request_t *r,
    ngx_chain_t *in);


#endif /* _NGX_HTTP_AISTREAM_LOCATION_H_INCLUDED_ */
