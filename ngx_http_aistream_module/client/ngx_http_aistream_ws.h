
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * WebSocket frames (RFC 6455).  Frames of a client are validated, unmasked and
 * assembled; a server's frames get a header.  No extensions are supported.
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
#define NGX_HTTP_AISTREAM_WS_NO_CODE     1005    /* never sent */
#define NGX_HTTP_AISTREAM_WS_INVALID     1007
#define NGX_HTTP_AISTREAM_WS_TOO_LARGE   1009
#define NGX_HTTP_AISTREAM_WS_FAILED      1011

/* maximum size of a control frame's payload, and of a server's header */
#define NGX_HTTP_AISTREAM_WS_CONTROL     125
#define NGX_HTTP_AISTREAM_WS_HEADER      10

#define NGX_HTTP_AISTREAM_WS_FIN         0x80

/* the current frame is the last of its message */
#define ngx_http_aistream_ws_fin(ws)                                          \
    ((ws)->header[0] & NGX_HTTP_AISTREAM_WS_FIN)


/* the part of a frame that is read next */

typedef enum {
    NGX_HTTP_AISTREAM_WS_FRAME_HEADER = 0,
    NGX_HTTP_AISTREAM_WS_FRAME_PAYLOAD
} ngx_http_aistream_ws_state_e;


/* zeroed before the start, then "max" is set */

typedef struct {
    size_t                           max;       /* bytes of a message */

    /* the last event */
    ngx_uint_t                       opcode;
    ngx_str_t                        data;
    ngx_uint_t                       code;      /* of CLOSE, or of an error */
    unsigned                         last:1;    /* TEXT: last piece */

    /* the current frame: its header and its remaining length */
    ngx_http_aistream_ws_state_e     state;
    u_char                           header[14];
    size_t                           have;      /* bytes of the header */
    u_char                           mask[4];
    uint64_t                         left;
    ngx_uint_t                       masked;    /* bytes unmasked */

    u_char                           control[NGX_HTTP_AISTREAM_WS_CONTROL];
    size_t                           control_len;

    /* the current message */
    size_t                           size;
    ngx_uint_t                       utf8_left; /* bytes of a character */
    u_char                           low;       /* bounds of the next byte */
    u_char                           high;

    unsigned                         fragmented:1;  /* more frames follow */
} ngx_http_aistream_ws_t;


/*
 * Reads up to the next event.  Returns NGX_OK on an event.  For TEXT, "data"
 * is the next piece of a message, unmasked in place; it may be empty, and all
 * pieces together are valid UTF-8.  For control frames, "data" is the payload,
 * without the code for CLOSE; a missing code is NO_CODE.  Returns NGX_AGAIN if
 * all input has been read, and NGX_DECLINED if the connection must be closed
 * with "code".
 */
ngx_int_t ngx_http_aistream_ws_read(ngx_http_aistream_ws_t *ws, u_char **pos,
    u_char *last);

/* writes the header of an unfragmented frame; returns its end */
u_char *ngx_http_aistream_ws_header(u_char *p, ngx_uint_t opcode, size_t len);


#endif /* _NGX_HTTP_AISTREAM_WS_H_INCLUDED_ */
