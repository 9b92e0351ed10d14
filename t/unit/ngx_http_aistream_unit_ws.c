
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit.h"

#include <client/ngx_http_aistream_client_websocket.h>
#include <client/ngx_http_aistream_ws.h>


#define NGX_HTTP_AISTREAM_UNIT_WS_MAX  70000


/*
 * A client's bytes, and the expected result: "text;" for a message, "p:", "o:"
 * and "c:" for ping, pong and close, "!" and the code for an error.
 */

typedef struct {
    ngx_str_t                        bytes;
    ngx_str_t                        events;
} ngx_http_aistream_unit_ws_case_t;


/* the result, and the incomplete message */

typedef struct {
    ngx_http_aistream_ws_t           ws;
    u_char                          *events;
    u_char                          *message;
    u_char                          *last;
} ngx_http_aistream_unit_ws_reader_t;


static void ngx_http_aistream_unit_ws_run(ngx_http_aistream_unit_t *t,
    const char *what, ngx_str_t *bytes, ngx_str_t *events, size_t cut,
    size_t step);
static ngx_uint_t ngx_http_aistream_unit_ws_feed(
    ngx_http_aistream_unit_ws_reader_t *reader, u_char *p, u_char *last);
static void ngx_http_aistream_unit_ws_lengths(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_ws_length(ngx_http_aistream_unit_t *t,
    size_t len, size_t bytes, u_char first, const char *expected);
static void ngx_http_aistream_unit_ws_headers(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_ws_stops(ngx_http_aistream_unit_t *t);


/* a mask of zeros keeps the text readable; one case has a real mask */

#define K  "\0\0\0\0"


static ngx_http_aistream_unit_ws_case_t  ngx_http_aistream_unit_ws_cases[] = {

    /* complete messages; the second is the RFC's example */
    { ngx_string("\x81\x85" K "Hello"), ngx_string("Hello;") },
    { ngx_string("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
      ngx_string("Hello;") },
    { ngx_string("\x81\x80" K), ngx_string(";") },
    { ngx_string("\x81\x81" K "a\x81\x81" K "b"), ngx_string("a;b;") },

    /* fragments, with control frames and empty ones in between */
    { ngx_string("\x01\x83" K "Hel\x80\x82" K "lo"), ngx_string("Hello;") },
    { ngx_string("\x01\x81" K "a\x00\x81" K "b\x80\x81" K "c"),
      ngx_string("abc;") },
    { ngx_string("\x01\x81" K "a\x89\x82" K "hi\x80\x81" K "b"),
      ngx_string("p:hi;ab;") },
    { ngx_string("\x01\x80" K "\x00\x80" K "\x80\x80" K), ngx_string(";") },
    { ngx_string("\x01\x81" K "a\x8a\x80" K "\x80\x80" K),
      ngx_string("o:;a;") },
    { ngx_string("\x01\x81" K "a\x88\x82" K "\x03\xe8"),
      ngx_string("c1000:;") },

    /* frames in an invalid order */
    { ngx_string("\x80\x81" K "a"), ngx_string("!1002") },
    { ngx_string("\x00\x81" K "a"), ngx_string("!1002") },
    { ngx_string("\x81\x81" K "a\x80\x81" K "b"), ngx_string("a;!1002") },
    { ngx_string("\x01\x81" K "a\x81\x81" K "b"), ngx_string("!1002") },
    { ngx_string("\x01\x81" K "a\x82\x81" K "b"), ngx_string("!1002") },

    /* unmasked frames, reserved bits and opcodes, binary */
    { ngx_string("\x81\x05Hello"), ngx_string("!1002") },
    { ngx_string("\xc1\x85" K "Hello"), ngx_string("!1002") },
    { ngx_string("\xa1\x85" K "Hello"), ngx_string("!1002") },
    { ngx_string("\x91\x85" K "Hello"), ngx_string("!1002") },
    { ngx_string("\xc9\x80" K), ngx_string("!1002") },
    { ngx_string("\x83\x80" K), ngx_string("!1002") },
    { ngx_string("\x87\x80" K), ngx_string("!1002") },
    { ngx_string("\x8b\x80" K), ngx_string("!1002") },
    { ngx_string("\x8f\x80" K), ngx_string("!1002") },
    { ngx_string("\x82\x80" K), ngx_string("!1003") },

    /* control frames */
    { ngx_string("\x89\x80" K), ngx_string("p:;") },
    { ngx_string("\x8a\x82" K "hi"), ngx_string("o:hi;") },
    { ngx_string("\x09\x80" K), ngx_string("!1002") },
    { ngx_string("\x89\xfe\x00\x7e" K), ngx_string("!1002") },
    { ngx_string("\x88\xff"), ngx_string("!1002") },

    /* UTF-8: complete, across fragments, and invalid */
    { ngx_string("\x81\x84" K "\xf0\x9f\x98\x80"),
      ngx_string("\xf0\x9f\x98\x80;") },
    { ngx_string("\x01\x82" K "\xf0\x9f\x80\x82" K "\x98\x80"),
      ngx_string("\xf0\x9f\x98\x80;") },
    { ngx_string("\x01\x82" K "\xf0\x9f\x89\x81" K "\xff\x80\x82" K "\x98\x80"),
      ngx_string("p:\xff;\xf0\x9f\x98\x80;") },
    { ngx_string("\x81\x82" K "\xc3\x28"), ngx_string("!1007") },
    { ngx_string("\x81\x81" K "\xc3"), ngx_string("!1007") },
    { ngx_string("\x81\x81" K "\x80"), ngx_string("!1007") },
    { ngx_string("\x81\x82" K "\xc0\x80"), ngx_string("!1007") },
    { ngx_string("\x81\x83" K "\xe0\x9f\xbf"), ngx_string("!1007") },
    { ngx_string("\x81\x83" K "\xed\xa0\x80"), ngx_string("!1007") },
    { ngx_string("\x81\x84" K "\xf4\x90\x80\x80"), ngx_string("!1007") },
    { ngx_string("\x81\x84" K "\xf0\x8f\xbf\xbf"), ngx_string("!1007") },
    { ngx_string("\x81\x81" K "\xf5"), ngx_string("!1007") },
    { ngx_string("\x01\x81" K "\xe2\x80\x81" K "a"), ngx_string("!1007") },
    { ngx_string("\x01\x81" K "\xe2\x80\x80" K), ngx_string("!1007") },

    /* close: codes, reasons */
    { ngx_string("\x88\x80" K), ngx_string("c1005:;") },
    { ngx_string("\x88\x81" K "\x03"), ngx_string("!1002") },
    { ngx_string("\x88\x82" K "\x03\xe8"), ngx_string("c1000:;") },
    { ngx_string("\x88\x85" K "\x03\xe9" "bye"), ngx_string("c1001:bye;") },
    { ngx_string("\x88\x82" K "\x03\xf3"), ngx_string("c1011:;") },
    { ngx_string("\x88\x82" K "\x0b\xb8"), ngx_string("c3000:;") },
    { ngx_string("\x88\x82" K "\x13\x87"), ngx_string("c4999:;") },
    { ngx_string("\x88\x82" K "\x00\x00"), ngx_string("!1002") },
    { ngx_string("\x88\x82" K "\x03\xe7"), ngx_string("!1002") },
    { ngx_string("\x88\x82" K "\x03\xec"), ngx_string("!1002") },
    { ngx_string("\x88\x82" K "\x03\xed"), ngx_string("!1002") },
    { ngx_string("\x88\x82" K "\x03\xee"), ngx_string("!1002") },
    { ngx_string("\x88\x82" K "\x03\xf7"), ngx_string("!1002") },
    { ngx_string("\x88\x82" K "\x0b\xb7"), ngx_string("!1002") },
    { ngx_string("\x88\x82" K "\x13\x88"), ngx_string("!1002") },
    { ngx_string("\x88\x83" K "\x03\xe8\xff"), ngx_string("!1007") },
    { ngx_string("\x88\x83" K "\x03\xe8\xc3"), ngx_string("!1007") },
    { ngx_string("\x01\x81" K "\xe2\x88\x83" K "\x03\xe8" "a"),
      ngx_string("c1000:a;") },

    /* lengths that are longer than necessary, or too large */
    { ngx_string("\x81\xfe\x00\x7d" K), ngx_string("!1002") },
    { ngx_string("\x81\xff\0\0\0\0\0\0\xff\xff" K), ngx_string("!1002") },
    { ngx_string("\x81\xff\x80\0\0\0\0\x01\0\0" K), ngx_string("!1002") },
    { ngx_string("\x81\xff\0\0\0\0\0\x01\x11\x71" K), ngx_string("!1009") },
    { ngx_string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff" K),
      ngx_string("!1009") },
    { ngx_string("\x01\x81" K "a\x80\xff\0\0\0\0\0\x01\x11\x70" K),
      ngx_string("!1009") }
};


void
ngx_http_aistream_unit_ws(ngx_http_aistream_unit_t *t)
{
    char                              what[32];
    size_t                            cut;
    ngx_uint_t                        i, n;
    ngx_http_aistream_unit_ws_case_t  *c;

    n = sizeof(ngx_http_aistream_unit_ws_cases)
        / sizeof(ngx_http_aistream_unit_ws_case_t);

    for (i = 0; i < n; i++) {
        c = &ngx_http_aistream_unit_ws_cases[i];

        *ngx_sprintf((u_char *) what, "WebSocket, case %ui", i) = '\0';

        ngx_http_aistream_unit_ws_run(t, what, &c->bytes, &c->events, 0, 1);

        for (cut = 0; cut <= c->bytes.len; cut++) {
            ngx_http_aistream_unit_ws_run(t, what, &c->bytes, &c->events, cut,
                                          c->bytes.len + 1);
        }
    }

    ngx_http_aistream_unit_ws_lengths(t);
    ngx_http_aistream_unit_ws_headers(t);
    ngx_http_aistream_unit_ws_stops(t);
}


/* feeds the bytes before the cut, then the remaining ones step by step */

static void
ngx_http_aistream_unit_ws_run(ngx_http_aistream_unit_t *t, const char *what,
    ngx_str_t *bytes, ngx_str_t *events, size_t cut, size_t step)
{
    u_char                              *pos, *end, *last, *fed;
    ngx_str_t                            got;
    ngx_uint_t                           failed;
    ngx_http_aistream_unit_ws_reader_t   reader;

    ngx_memzero(&reader, sizeof(ngx_http_aistream_unit_ws_reader_t));
    reader.ws.max = NGX_HTTP_AISTREAM_UNIT_WS_MAX;

    got.data = ngx_pnalloc(t->pool, bytes->len + 64);
    reader.events = got.data;
    reader.message = ngx_pnalloc(t->pool, bytes->len + 64);
    reader.last = reader.message;

    pos = bytes->data;
    last = pos + bytes->len;
    end = pos + cut;
    failed = 0;

    /*
     * a copy that is overwritten afterwards, since it must not be used again
     */

    fed = ngx_pnalloc(t->pool, bytes->len + 1);

    while (pos < last && !failed) {

        ngx_memcpy(fed, pos, end - pos);

        failed = ngx_http_aistream_unit_ws_feed(&reader, fed,
                                                fed + (end - pos));
        ngx_memset(fed, '#', end - pos);

        pos = end;
        end = ngx_min(pos + step, last);
    }

    got.len = reader.events - got.data;

    ngx_http_aistream_unit_equal(t, what, &got, events);
}


static ngx_uint_t
ngx_http_aistream_unit_ws_feed(ngx_http_aistream_unit_ws_reader_t *reader,
    u_char *p, u_char *last)
{
    ngx_int_t                rc;
    ngx_http_aistream_ws_t  *ws;

    ws = &reader->ws;

    for ( ;; ) {
        rc = ngx_http_aistream_ws_read(ws, &p, last);

        if (rc == NGX_AGAIN) {
            return 0;
        }

        if (rc == NGX_DECLINED) {
            reader->events = ngx_sprintf(reader->events, "!%ui", ws->code);
            return 1;
        }

        switch (ws->opcode) {

        case NGX_HTTP_AISTREAM_WS_TEXT:
            reader->last = ngx_cpymem(reader->last, ws->data.data,
                                      ws->data.len);
            if (!ws->last) {
                break;
            }

            reader->events = ngx_cpymem(reader->events, reader->message,
                                        reader->last - reader->message);
            *reader->events++ = ';';
            reader->last = reader->message;
            break;

        case NGX_HTTP_AISTREAM_WS_CLOSE:
            reader->events = ngx_sprintf(reader->events, "c%ui:%V;", ws->code,
                                         &ws->data);
            break;

        default:
            reader->events = ngx_sprintf(reader->events, "%s:%V;",
                                         ws->opcode
                                         == NGX_HTTP_AISTREAM_WS_PING
                                         ? "p" : "o", &ws->data);
        }
    }
}


static void
ngx_http_aistream_unit_ws_lengths(ngx_http_aistream_unit_t *t)
{
    ngx_http_aistream_unit_ws_length(t, 125, 0, 0x81, NULL);
    ngx_http_aistream_unit_ws_length(t, 126, 2, 0x81, NULL);
    ngx_http_aistream_unit_ws_length(t, 65535, 2, 0x81, NULL);
    ngx_http_aistream_unit_ws_length(t, 65536, 8, 0x81, NULL);
    ngx_http_aistream_unit_ws_length(t, NGX_HTTP_AISTREAM_UNIT_WS_MAX, 8,
                                     0x81, NULL);
    ngx_http_aistream_unit_ws_length(t, NGX_HTTP_AISTREAM_UNIT_WS_MAX + 1, 8,
                                     0x81, "!1009");
    ngx_http_aistream_unit_ws_length(t, 125, 0, 0x89, NULL);
}


/* a frame of this length, as a whole and byte by byte */

static void
ngx_http_aistream_unit_ws_length(ngx_http_aistream_unit_t *t, size_t len,
    size_t bytes, u_char first, const char *expected)
{
    char        what[64];
    u_char     *p;
    size_t      i;
    ngx_str_t   frame, events;

    *ngx_sprintf((u_char *) what, "WebSocket, a frame of %uz bytes", len) =
        '\0';

    frame.data = ngx_pnalloc(t->pool, len + 14);
    p = frame.data;

    *p++ = first;
    *p++ = 0x80 | (bytes == 8 ? 127 : bytes == 2 ? 126 : len);

    for (i = bytes; i--; /* void */ ) {
        *p++ = (u_char) ((uint64_t) len >> (8 * i));
    }

    p = ngx_cpymem(p, "\x01\x02\x03\x04", 4);

    for (i = 0; i < len; i++) {
        *p++ = (u_char) ('x' ^ ("\x01\x02\x03\x04"[i & 3]));
    }

    frame.len = p - frame.data;

    events.data = ngx_pnalloc(t->pool, len + 8);
    p = events.data;

    if (expected) {
        p = ngx_cpymem(p, expected, ngx_strlen(expected));

    } else {
        if (first != 0x81) {
            p = ngx_cpymem(p, "p:", 2);
        }

        ngx_memset(p, 'x', len);
        p += len;
        *p++ = ';';
    }

    events.len = p - events.data;

    ngx_http_aistream_unit_ws_run(t, what, &frame, &events, frame.len, 1);
    ngx_http_aistream_unit_ws_run(t, what, &frame, &events, 0, 1);
}


static void
ngx_http_aistream_unit_ws_headers(ngx_http_aistream_unit_t *t)
{
    u_char      buf[NGX_HTTP_AISTREAM_WS_HEADER];
    ngx_str_t   got;
    ngx_uint_t  i;

    static struct {
        size_t     len;
        ngx_str_t  header;
    } cases[] = {
        { 0, ngx_string("\x81\x00") },
        { 125, ngx_string("\x81\x7d") },
        { 126, ngx_string("\x81\x7e\x00\x7e") },
        { 65535, ngx_string("\x81\x7e\xff\xff") },
        { 65536, ngx_string("\x81\x7f\0\0\0\0\0\x01\0\0") }
    };

    got.data = buf;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        got.len = ngx_http_aistream_ws_header(buf, NGX_HTTP_AISTREAM_WS_TEXT,
                                              cases[i].len)
                  - buf;
        ngx_http_aistream_unit_equal(t, "WebSocket, a header", &got,
                                     &cases[i].header);
    }
}


static void
ngx_http_aistream_unit_ws_stops(ngx_http_aistream_unit_t *t)
{
    ngx_uint_t  i;

    static struct {
        ngx_str_t   message;
        ngx_uint_t  stop;
    } cases[] = {
        { ngx_string("{\"type\":\"stop\"}"), 1 },
        { ngx_string(" \t\r\n{ \"type\" : \"stop\" } \n"), 1 },
        { ngx_string("{\"type\":\"stop\",\"sessionId\":\"c1\"}"), 1 },
        { ngx_string("{\"sessionId\":\"c1\",\"type\":\"stop\"}"), 1 },
        { ngx_string("{\"a\":{\"type\":\"go\"},\"b\":[1,{}],"
                     "\"type\":\"stop\"}"), 1 },
        { ngx_string("{\"ty\\u0070e\":\"st\\u006fp\"}"), 1 },
        { ngx_string("{\"type\":\"stop\",\"x\":\"\\\"}\"}"), 1 },

        { ngx_string(""), 0 },
        { ngx_string("\"stop\""), 0 },
        { ngx_string("[\"type\",\"stop\"]"), 0 },
        { ngx_string("{}"), 0 },
        { ngx_string("{\"type\":null}"), 0 },
        { ngx_string("{\"type\":[\"stop\"]}"), 0 },
        { ngx_string("{\"type\":\"stops\"}"), 0 },
        { ngx_string("{\"type\":\"Stop\"}"), 0 },
        { ngx_string("{\"types\":\"stop\"}"), 0 },
        { ngx_string("{\"text\":\"type\",\"stop\":\"type\"}"), 0 },
        { ngx_string("{\"text\":\"{\\\"type\\\":\\\"stop\\\"}\"}"), 0 },
        { ngx_string("{\"payload\":{\"type\":\"stop\"}}"), 0 },
        { ngx_string("{\"type\":\"stop\""), 0 },
        { ngx_string("{\"type\":\"stop\"}x"), 0 },
        { ngx_string("{\"type\":\"stop\",}"), 0 },
        { ngx_string("{\"type\":\"stop"), 0 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ngx_http_aistream_unit_number(t, (char *) cases[i].message.data,
                ngx_http_aistream_client_websocket_stop(&cases[i].message),
                cases[i].stop);
    }
}
