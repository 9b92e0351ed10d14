
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * WebSocket's frames (RFC 6455), and nothing but them: what a client sends is
 * checked, unmasked and put together, what a server sends gets its header.
 * No extension is spoken.
 */


#ifndef _NGX_HTTP_AISTREAM_WS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_WS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_HTTP_AISTREAM_WS_TEXT    0x1
#define NGX_HTTP_AISTREAM_WS_CLOSE   0x8
#define NGX_HTTP_AISTREAM_WS_PING    0x9
#define NGX_HTTP_AISTREAM_WS_PONG    0xa

/* close codes */
#define NGX_HTTP_AISTREAM_WS_NORMAL      1000
#define NGX_HTTP_AISTREAM_WS_AWAY        1001
#define NGX_HTTP_AISTREAM_WS_PROTOCOL    1002
#define NGX_HTTP_AISTREAM_WS_UNSUPPORTED 1003
#define NGX_HTTP_AISTREAM_WS_NO_CODE     1005    /* never on the wire */
#define NGX_HTTP_AISTREAM_WS_INVALID     1007
#define NGX_HTTP_AISTREAM_WS_TOO_LARGE   1009
#define NGX_HTTP_AISTREAM_WS_FAILED      1011

/* bytes: the most that a control frame holds, and of a server's header */
#define NGX_HTTP_AISTREAM_WS_CONTROL     125
#define NGX_HTTP_AISTREAM_WS_HEADER      10


/* zeroed before start, then "max" set */

typedef struct {
    size_t                           max;       /* bytes of a message */

    /* of the event that was read */
    ngx_uint_t                       opcode;
    ngx_str_t                        data;
    ngx_uint_t                       code;      /* CLOSE, and an error */
    unsigned                         last:1;    /* TEXT: the message's end */

    /* the frame that is read: its header, then what is left of it */
    u_char                           header[14];
    size_t                           have;
    u_char                           mask[4];
    uint64_t                         left;
    ngx_uint_t                       masked;    /* bytes, for the mask */

    u_char                           control[NGX_HTTP_AISTREAM_WS_CONTROL];
    size_t                           control_len;

    /* the message that is read */
    size_t                           size;
    ngx_uint_t                       utf8_left; /* bytes of a character */
    u_char                           low;       /* bounds of the next one */
    u_char                           high;

    unsigned                         payload:1;
    unsigned                         fin:1;
    unsigned                         fragmented:1;
} ngx_http_aistream_ws_t;


/*
 * Reads up to the next event.  NGX_OK: there is one.  Of a TEXT, "data" is
 * the next piece of a message, unmasked where it lies; it may be empty, and
 * all of them together are UTF-8.  Of a control frame it is its payload, and
 * of CLOSE without the code, which is NO_CODE if there is none.  NGX_AGAIN:
 * all was read.  NGX_DECLINED: "code" says why the connection has to be
 * closed.
 */
ngx_int_t ngx_http_aistream_ws_read(ngx_http_aistream_ws_t *ws, u_char **pos,
    u_char *last);

/* the header of a whole frame; returns its end */
u_char *ngx_http_aistream_ws_header(u_char *p, ngx_uint_t opcode, size_t len);


#endif /* _NGX_HTTP_AISTREAM_WS_H_INCLUDED_ */
