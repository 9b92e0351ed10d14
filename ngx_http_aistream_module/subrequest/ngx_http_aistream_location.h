
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A background subrequest to a location of the configuration.  Its parent is
 * a client's request or a detached one.  Any number may run in
 * parallel.  The location may have any content handler.  Of the filters, only
 * those that are called before this module's are applied to the response.
 *
 * nginx does not check the access rules of a location for subrequests: such a
 * location should be "internal".
 *
 * The location sees the values that the parent's variables have when the
 * subrequest starts, and variables of the client's headers such as
 * $http_cookie; values that the location sets are visible in it only.
 * $request_method is that of the client's request, as in all subrequests.
 */


#ifndef _NGX_HTTP_AISTREAM_LOCATION_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_LOCATION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * IDLE      not started
 * RUNNING   the subrequest runs
 * POSTED    the outcome is known, an event is about to call the handler
 * ENDED     the handler was called, or will not be called; the subrequest may
 *           still run, if it cannot be interrupted
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
 * Zeroed before start, then the first group of members is set.  The struct and
 * the strings of that group must live as long as the parent: a subrequest that
 * cannot be interrupted uses them even after ENDED.
 */

struct ngx_http_aistream_location_s {
    ngx_http_request_t                   *parent;
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
     * The result, allocated from the parent's pool.  An outcome other than
     * RESPONDED may have a part of a response.
     */

    ngx_http_aistream_location_outcome_e  outcome;
    ngx_uint_t                            status;  /* 0: no header */
    ngx_str_t                             response_type;
    ngx_str_t                             response;

    /* internal */

    ngx_http_aistream_location_state_e    state;
    ngx_http_request_t                   *request;
    ngx_http_cleanup_t                   *cleanup; /* of the parent */
    ngx_event_t                           event;   /* timer: the time limit;
                                                      posted: the end */
    size_t                                room;    /* bytes allocated for the
                                                      response */
    off_t                                 length;  /* of the response's body;
                                                      -1: unknown */

    unsigned                              body_cut:1;      /* at "size" */
    unsigned                              body_begun:1;
    unsigned                              body_received:1; /* complete */
    unsigned                              failed:1;        /* out of memory */
    unsigned                              client_timer:1;  /* nginx has set
                                                              the timer of
                                                              the client's
                                                              write event */
};


/*
 * Starts the subrequest.  Returns NGX_ERROR if out of memory, or if nginx's
 * limits of subrequests are exceeded.  If NGX_OK is returned:
 *
 * - The caller's event handler must call ngx_http_run_posted_requests() at its
 *   end, as handlers of nginx for a client's request do.
 *
 * - l->handler is called once, later, by an event.  It may finalize a parent
 *   that is a client's request, but must not free a detached request.  It is
 *   not called if the parent is freed earlier, which ends the subrequest.
 *
 * - nginx does not free a finalized parent before its locations have ended: the
 *   owner must call ngx_http_aistream_location_abort() for each.
 */
ngx_int_t ngx_http_aistream_location_start(ngx_http_aistream_location_t *l);

/*
 * Ends a subrequest that is RUNNING or POSTED, and closes its upstream's
 * connection; l->handler is not called.  In other states it does nothing.  Must
 * not be called from a handler or filter of the subrequest.
 */
void ngx_http_aistream_location_abort(ngx_http_aistream_location_t *l);

/*
 * Called by the header and body filters.  Return NGX_OK if "r" is the
 * subrequest of a location, whose output was taken, and NGX_DECLINED if the
 * output must be passed on.
 */
ngx_int_t ngx_http_aistream_location_header(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_location_body(ngx_http_request_t *r,
    ngx_chain_t *in);


#endif /* _NGX_HTTP_AISTREAM_LOCATION_H_INCLUDED_ */
