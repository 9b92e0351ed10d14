
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The map.  A request is read into a chat; a run answers it in steps, a step in
 * attempts at upstreams; an attempt's stream is read in the provider's dialect
 * into deltas, which pass listeners to the subscribers, and are written in the
 * client's dialect:
 *
 *     client                                                     provider
 *       |  POST                                                     ^
 *       v                                                           |
 *     handler/ --> chat/                                            |
 *       |                                                           |
 *       v                                                           |
 *     run/ ------> route/, upstream/ -- one subrequest an attempt --+
 *                                 |                                 |
 *                                 |         bytes                   |
 *                                 v                                 v
 *     output/ <-- listeners <-- delta/ <-- provider/ <-- framing <-- bytes
 *       |         session/        (stream/)
 *       v
 *     client/ --> client
 *
 * Nothing is sent before the first delta, so until then a failed attempt can
 * be followed by another one, and an error has a status of its own.
 *
 * docs/internals has the objects, their states and the rooms.
 */


#ifndef _NGX_HTTP_AISTREAM_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_compat.h>
#include <ngx_http_aistream_conf.h>
#include <run/ngx_http_aistream_run.h>
#include <status/ngx_http_aistream_metrics.h>
#include <status/ngx_http_aistream_summary.h>


typedef struct ngx_http_aistream_websocket_s  ngx_http_aistream_websocket_t;


typedef struct ngx_http_aistream_ctx_s  ngx_http_aistream_ctx_t;

/* reports an error of a turn, which has no status; "message" may be NULL */
typedef void (*ngx_http_aistream_fail_pt)(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message);


/* context of a request, created by its first handler or filter */

struct ngx_http_aistream_ctx_s {
    ngx_http_request_t              *request;
    ngx_http_aistream_loc_conf_t    *conf;      /* or the agent's */
    ngx_http_aistream_run_t         *run;       /* NULL: no chat was parsed */
    ngx_http_aistream_summary_t      summary;
    ngx_http_aistream_meter_t        meter;

    /* NULL: not a WebSocket, and not a turn of one */
    ngx_http_aistream_websocket_t   *websocket;
    ngx_http_aistream_fail_pt        fail;      /* for turns */
    ngx_http_aistream_run_done_pt    done;

    /*
     * The request that the response is written to, for a turn the upgraded
     * one.
     */
    ngx_http_request_t              *output;

    /* chosen before the body is read; NULL: not yet, or set by the location */
    const ngx_http_aistream_client_t  *client;

    ngx_str_t                        message;   /* of GET or WebSocket */
    ngx_http_aistream_session_t     *session;   /* aistream_sessions */
    ngx_buf_t                       *replacement;   /* nginx's error page */

    unsigned                         responded:1; /* by the module */
    unsigned                         replaced:1;
};


extern ngx_module_t  ngx_http_aistream_module;


#endif /* _NGX_HTTP_AISTREAM_H_INCLUDED_ */
