
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A frame, RFC 6455, 5.2; "len" of 126 stands for the two bytes that follow,
 * 127 for the eight.  A client masks, a server doesn't.
 *
 *     |fin rsv1 rsv2 rsv3 opcode(4)|mask len(7)|len(0, 16, 64)|key(32)| data
 *
 * A message is a frame of its opcode and any number of continuations; control
 * frames stand alone, but may come between those of a message.
 */


#include <client/ngx_http_aistream_ws.h>


#define NGX_HTTP_AISTREAM_WS_CONTINUATION  0x0
#define NGX_HTTP_AISTREAM_WS_BINARY        0x2

#define NGX_HTTP_AISTREAM_WS_RSV           0x70
#define NGX_HTTP_AISTREAM_WS_MASK          0x80


#define ngx_http_aistream_ws_is_control(opcode)  ((opcode) & 0x8)


static ngx_int_t ngx_http_aistream_ws_read_header(ngx_http_aistream_ws_t *ws,
    u_char **pos, u_char *last);
static ngx_int_t ngx_http_aistream_ws_start(ngx_http_aistream_ws_t *ws);
static ngx_int_t ngx_http_aistream_ws_length(ngx_http_aistream_ws_t *ws,
    size_t need);
static size_t ngx_http_aistream_ws_need(ngx_http_aistream_ws_t *ws);
static ngx_int_t ngx_http_aistream_ws_data(ngx_http_aistream_ws_t *ws,
    u_char *data, size_t len);
static ngx_int_t ngx_http_aistream_ws_control(ngx_http_aistream_ws_t *ws,
    u_char *data, size_t len);
static ngx_int_t ngx_http_aistream_ws_close(ngx_http_aistream_ws_t *ws);
static ngx_int_t ngx_http_aistream_ws_utf8(ngx_http_aistream_ws_t *ws,
    u_char *p, u_char *last);
static ngx_int_t ngx_http_aistream_ws_error(ngx_http_aistream_ws_t *ws,
    ngx_uint_t code);


ngx_int_t
ngx_http_aistream_ws_read(ngx_http_aistream_ws_t *ws, u_char **pos,
    u_char *last)
{
    size_t      i, n;
    u_char     *p;
    ngx_int_t   rc;

    for ( ;; ) {

        if (ws->state == NGX_HTTP_AISTREAM_WS_FRAME_HEADER) {
            rc = ngx_http_aistream_ws_read_header(ws, pos, last);

            if (rc != NGX_OK) {
                return rc;
            }
        }

        /* an empty frame may end a message */

        if (*pos == last && ws->left) {
            return NGX_AGAIN;
        }

        p = *pos;
        n = (size_t) ngx_min(ws->left, (uint64_t) (last - p));

        for (i = 0; i < n; i++) {
            p[i] ^= ws->mask[ws->masked++ & 3];
        }

        *pos += n;
        ws->left -= n;

        if (ws->left == 0) {
            ws->state = NGX_HTTP_AISTREAM_WS_FRAME_HEADER;
            ws->have = 0;
        }

        rc = ngx_http_aistream_ws_is_control(ws->opcode)
             ? ngx_http_aistream_ws_control(ws, p, n)
             : ngx_http_aistream_ws_data(ws, p, n);

        if (rc != NGX_AGAIN) {
            return rc;
        }
    }
}


/* reads as much of the header as is available */

static ngx_int_t
ngx_http_aistream_ws_read_header(ngx_http_aistream_ws_t *ws, u_char **pos,
    u_char *last)
{
    size_t     need;
    ngx_int_t  rc;

    while (*pos < last) {

        ws->header[ws->have++] = *(*pos)++;

        if (ws->have < 2) {
            continue;
        }

        if (ws->have == 2) {
            rc = ngx_http_aistream_ws_start(ws);

            if (rc != NGX_OK) {
                return rc;
            }
        }

        need = ngx_http_aistream_ws_need(ws);

        if (ws->have >= need) {
            return ngx_http_aistream_ws_length(ws, need);
        }
    }

    return NGX_AGAIN;
}


/* checks the first two bytes */

static ngx_int_t
ngx_http_aistream_ws_start(ngx_http_aistream_ws_t *ws)
{
    ngx_uint_t  opcode;

    opcode = ws->header[0] & 0x0f;

    if ((ws->header[0] & NGX_HTTP_AISTREAM_WS_RSV)
        || !(ws->header[1] & NGX_HTTP_AISTREAM_WS_MASK))
    {
        return ngx_http_aistream_ws_error(ws, NGX_HTTP_AISTREAM_WS_PROTOCOL);
    }

    switch (opcode) {

    case NGX_HTTP_AISTREAM_WS_CONTINUATION:

        if (!ws->fragmented) {
            return ngx_http_aistream_ws_error(ws,
                                              NGX_HTTP_AISTREAM_WS_PROTOCOL);
        }

        opcode = NGX_HTTP_AISTREAM_WS_TEXT;
        break;

    case NGX_HTTP_AISTREAM_WS_TEXT:
    case NGX_HTTP_AISTREAM_WS_BINARY:

        if (ws->fragmented) {
            return ngx_http_aistream_ws_error(ws,
                                              NGX_HTTP_AISTREAM_WS_PROTOCOL);
        }

        if (opcode == NGX_HTTP_AISTREAM_WS_BINARY) {
            return ngx_http_aistream_ws_error(ws,
                                           NGX_HTTP_AISTREAM_WS_UNSUPPORTED);
        }

        break;

    case NGX_HTTP_AISTREAM_WS_CLOSE:
    case NGX_HTTP_AISTREAM_WS_PING:
    case NGX_HTTP_AISTREAM_WS_PONG:

        if (!ngx_http_aistream_ws_fin(ws)
            || (ws->header[1] & 0x7f) > NGX_HTTP_AISTREAM_WS_CONTROL)
        {
            return ngx_http_aistream_ws_error(ws,
                                              NGX_HTTP_AISTREAM_WS_PROTOCOL);
        }

        break;

    default:
        return ngx_http_aistream_ws_error(ws, NGX_HTTP_AISTREAM_WS_PROTOCOL);
    }

    ws->opcode = opcode;

    return NGX_OK;
}


/* returns the length of the header */

static size_t
ngx_http_aistream_ws_need(ngx_http_aistream_ws_t *ws)
{
    switch (ws->header[1] & 0x7f) {

    case 126:
        return 2 + 2 + 4;

    case 127:
        return 2 + 8 + 4;

    default:
        return 2 + 4;
    }
}


static ngx_int_t
ngx_http_aistream_ws_length(ngx_http_aistream_ws_t *ws, size_t need)
{
    u_char    *p, *mask;
    uint64_t   len;

    mask = ws->header + need - 4;
    len = ws->header[1] & 0x7f;

    if (len >= 126) {

        len = 0;

        for (p = ws->header + 2; p < mask; p++) {
            len = len << 8 | *p;
        }

        /*
         * The shortest encoding must be used, and the length must fit in 63
         * bits.
         */

        if ((need == 8 && len < 126)
            || (need == 14 && (len < 65536 || len >> 63)))
        {
            return ngx_http_aistream_ws_error(ws,
                                              NGX_HTTP_AISTREAM_WS_PROTOCOL);
        }
    }

    if (!ngx_http_aistream_ws_is_control(ws->opcode)) {

        if (len > ws->max - ws->size) {
            return ngx_http_aistream_ws_error(ws,
                                             NGX_HTTP_AISTREAM_WS_TOO_LARGE);
        }

        ws->size += (size_t) len;
    }

    ngx_memcpy(ws->mask, mask, 4);

    ws->left = len;
    ws->masked = 0;
    ws->control_len = 0;
    ws->state = NGX_HTTP_AISTREAM_WS_FRAME_PAYLOAD;

    return NGX_OK;
}


/* NGX_AGAIN: the data is not reported to the caller */

static ngx_int_t
ngx_http_aistream_ws_data(ngx_http_aistream_ws_t *ws, u_char *data, size_t len)
{
    if (ngx_http_aistream_ws_utf8(ws, data, data + len) != NGX_OK) {
        return ngx_http_aistream_ws_error(ws, NGX_HTTP_AISTREAM_WS_INVALID);
    }

    ws->data.data = data;
    ws->data.len = len;
    ws->last = 0;

    if (ws->left) {
        return NGX_OK;
    }

    ws->fragmented = !ngx_http_aistream_ws_fin(ws);

    if (ws->fragmented) {
        return len ? NGX_OK : NGX_AGAIN;
    }

    if (ws->utf8_left) {
        return ngx_http_aistream_ws_error(ws, NGX_HTTP_AISTREAM_WS_INVALID);
    }

    ws->last = 1;
    ws->size = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_ws_control(ngx_http_aistream_ws_t *ws, u_char *data,
    size_t len)
{
    ngx_memcpy(ws->control + ws->control_len, data, len);
    ws->control_len += len;

    if (ws->left) {
        return NGX_AGAIN;
    }

    ws->data.data = ws->control;
    ws->data.len = ws->control_len;

    return ws->opcode == NGX_HTTP_AISTREAM_WS_CLOSE
           ? ngx_http_aistream_ws_close(ws) : NGX_OK;
}


static ngx_int_t
ngx_http_aistream_ws_close(ngx_http_aistream_ws_t *ws)
{
    ngx_uint_t  code;

    if (ws->data.len == 0) {
        ws->code = NGX_HTTP_AISTREAM_WS_NO_CODE;
        return NGX_OK;
    }

    if (ws->data.len == 1) {
        return ngx_http_aistream_ws_error(ws, NGX_HTTP_AISTREAM_WS_PROTOCOL);
    }

    code = ws->data.data[0] << 8 | ws->data.data[1];

    ws->data.data += 2;
    ws->data.len -= 2;

    /* codes registered for use in a frame, and private ones */

    if (code < 1000 || code > 4999 || (code > 1014 && code < 3000)
        || (code >= 1004 && code <= 1006))
    {
        return ngx_http_aistream_ws_error(ws, NGX_HTTP_AISTREAM_WS_PROTOCOL);
    }

    /*
     * An incomplete character of the interrupted message does not matter here.
     */

    ws->utf8_left = 0;

    if (ngx_http_aistream_ws_utf8(ws, ws->data.data,
                                  ws->data.data + ws->data.len)
        != NGX_OK
        || ws->utf8_left)
    {
        return ngx_http_aistream_ws_error(ws, NGX_HTTP_AISTREAM_WS_INVALID);
    }

    ws->code = code;

    return NGX_OK;
}


/* validates UTF-8 (RFC 3629); a character may continue in the next piece */

static ngx_int_t
ngx_http_aistream_ws_utf8(ngx_http_aistream_ws_t *ws, u_char *p, u_char *last)
{
    u_char  c;

    for ( /* void */ ; p < last; p++) {

        c = *p;

        if (ws->utf8_left) {

            if (c < ws->low || c > ws->high) {
                return NGX_ERROR;
            }

            ws->utf8_left--;
            ws->low = 0x80;
            ws->high = 0xbf;
            continue;
        }

        if (c < 0x80) {
            continue;
        }

        if (c < 0xc2 || c > 0xf4) {
            return NGX_ERROR;
        }

        /* rejects overlong forms, surrogates and characters beyond U+10FFFF */

        ws->utf8_left = (c < 0xe0) ? 1 : (c < 0xf0) ? 2 : 3;
        ws->low = (c == 0xe0) ? 0xa0 : (c == 0xf0) ? 0x90 : 0x80;
        ws->high = (c == 0xed) ? 0x9f : (c == 0xf4) ? 0x8f : 0xbf;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_ws_error(ngx_http_aistream_ws_t *ws, ngx_uint_t code)
{
    ws->code = code;

    return NGX_DECLINED;
}


u_char *
ngx_http_aistream_ws_header(u_char *p, ngx_uint_t opcode, size_t len)
{
    ngx_uint_t  shift;

    *p++ = (u_char) (NGX_HTTP_AISTREAM_WS_FIN | opcode);

    if (len < 126) {
        *p++ = (u_char) len;
        return p;
    }

    if (len < 65536) {
        *p++ = 126;
        shift = 16;

    } else {
        *p++ = 127;
        shift = 64;
    }

    while (shift) {
        shift -= 8;
        *p++ = (u_char) ((uint64_t) len >> shift);
    }

    return p;
}
