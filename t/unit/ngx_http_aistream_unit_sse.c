
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit.h"

#include <stream/ngx_http_aistream_sse.h>


/*
 * a stream, and the expected events as "name
 * data;"
 */

typedef struct {
    ngx_str_t                        stream;
    ngx_str_t                        events;
    ngx_uint_t                       garbage;
} ngx_http_aistream_unit_sse_case_t;


static void ngx_http_aistream_unit_sse_run(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_sse_case_t *c, size_t cut, size_t step);
static u_char *ngx_http_aistream_unit_sse_note(u_char *p,
    ngx_http_aistream_event_t *event);
static void ngx_http_aistream_unit_sse_large(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_sse_limit(ngx_http_aistream_unit_t *t,
    size_t max, ngx_int_t expected);
static void ngx_http_aistream_unit_sse_error(ngx_http_aistream_unit_t *t);


static ngx_http_aistream_unit_sse_case_t  ngx_http_aistream_unit_sse_cases[] =
{
    { ngx_string("data: a\n\ndata: b\n\n"), ngx_string("|a;|b;"), 0 },
    { ngx_string("data: a\r\n\r\ndata: b\r\n\r\n"), ngx_string("|a;|b;"), 0 },
    { ngx_string("data: a\r\rdata: b\r\r"), ngx_string("|a;|b;"), 0 },
    { ngx_string("data: a\r\n\ndata: b\n\r\n"), ngx_string("|a;|b;"), 0 },
    { ngx_string("\xEF\xBB\xBF" "data: a\n\n"), ngx_string("|a;"), 0 },
    { ngx_string("data:a\n\n"), ngx_string("|a;"), 0 },
    { ngx_string("data:  a\n\n"), ngx_string("| a;"), 0 },
    { ngx_string("data: a\ndata: b\ndata\n\n"), ngx_string("|a\nb\n;"), 0 },
    { ngx_string("data\n\n"), ngx_string("|;"), 0 },
    { ngx_string(": note\n\n: note\ndata: a\n: note\n\n"),
      ngx_string("|a;"), 0 },
    { ngx_string("event: one\ndata: a\n\ndata: b\n\n"),
      ngx_string("one|a;|b;"), 0 },
    { ngx_string("event: one\n\ndata: b\n\n"), ngx_string("|b;"), 0 },
    { ngx_string("id: 1\nretry: 2\ndata: a\n\n"), ngx_string("|a;"), 0 },
    { ngx_string("data: a\n\ndata: b"), ngx_string("|a;|b;"), 0 },
    { ngx_string("data: a\n\ndata: b\n"), ngx_string("|a;|b;"), 0 },
    { ngx_string("error: {\"x\":1}\n\n"), ngx_string("error|{\"x\":1};"), 0 },
    { ngx_string("data: a\n\n{\n \"error\": 1\n}\n"), ngx_string("|a;"), 1 },
    { ngx_string("<html>\n"), ngx_string(""), 1 },
    { ngx_string("\n\n\n"), ngx_string(""), 0 },
    { ngx_string(""), ngx_string(""), 0 }
};


void
ngx_http_aistream_unit_sse(ngx_http_aistream_unit_t *t)
{
    size_t                              cut;
    ngx_uint_t                          i, n;
    ngx_http_aistream_unit_sse_case_t  *c;

    n = sizeof(ngx_http_aistream_unit_sse_cases)
        / sizeof(ngx_http_aistream_unit_sse_case_t);

    for (i = 0; i < n; i++) {
        c = &ngx_http_aistream_unit_sse_cases[i];

        ngx_http_aistream_unit_sse_run(t, c, 0, 1);

        for (cut = 0; cut <= c->stream.len; cut++) {
            ngx_http_aistream_unit_sse_run(t, c, cut, c->stream.len + 1);
        }
    }

    ngx_http_aistream_unit_sse_large(t);
    ngx_http_aistream_unit_sse_limit(t, 20, NGX_DECLINED);
    ngx_http_aistream_unit_sse_limit(t, 21, NGX_OK);
    ngx_http_aistream_unit_sse_error(t);
}


/* feeds the bytes before the cut, then the remaining ones step by step */

static void
ngx_http_aistream_unit_sse_run(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_sse_case_t *c, size_t cut, size_t step)
{
    u_char                         *p, *pos, *end, *last, *fed;
    ngx_str_t                       got;
    u_char                          buf[1024];
    ngx_http_aistream_sse_t         sse;
    ngx_http_aistream_event_t   event;

    ngx_memzero(&sse, sizeof(ngx_http_aistream_sse_t));
    ngx_http_aistream_sse_init(&sse, t->pool, 65536);

    p = buf;
    pos = c->stream.data;
    last = pos + c->stream.len;
    end = pos + cut;

    while (pos < last) {

        /*
         * a copy that is overwritten afterwards, since it must not be used
         * again
         */

        fed = ngx_pnalloc(t->pool, end - pos + 1);
        ngx_memcpy(fed, pos, end - pos);

        {
            u_char  *q = fed;

            while (ngx_http_aistream_sse_read(&sse, &q, fed + (end - pos),
                                              &event)
                   == NGX_OK)
            {
                p = ngx_http_aistream_unit_sse_note(p, &event);
            }
        }

        ngx_memset(fed, '#', end - pos);

        pos = end;
        end = ngx_min(pos + step, last);
    }

    if (ngx_http_aistream_sse_eof(&sse, &event) == NGX_OK) {
        p = ngx_http_aistream_unit_sse_note(p, &event);
    }

    got.data = buf;
    got.len = p - buf;

    ngx_http_aistream_unit_equal(t, (char *) c->stream.data, &got, &c->events);
    ngx_http_aistream_unit_number(t, (char *) c->stream.data,
                                  sse.garbage.data != NULL, c->garbage);
}


static u_char *
ngx_http_aistream_unit_sse_note(u_char *p,
    ngx_http_aistream_event_t *event)
{
    return ngx_sprintf(p, "%V|%V;", &event->name, &event->data);
}


static void
ngx_http_aistream_unit_sse_large(ngx_http_aistream_unit_t *t)
{
    u_char                         *p, line[200];
    ngx_int_t                       rc;
    ngx_uint_t                      i;
    ngx_http_aistream_sse_t         sse;
    ngx_http_aistream_event_t   event;

    ngx_memset(line, 'x', sizeof(line));
    ngx_memcpy(line, "data: ", 6);

    ngx_memzero(&sse, sizeof(ngx_http_aistream_sse_t));
    ngx_http_aistream_sse_init(&sse, t->pool, 1000);

    rc = NGX_AGAIN;

    for (i = 0; i < 10 && rc == NGX_AGAIN; i++) {
        p = line;
        rc = ngx_http_aistream_sse_read(&sse, &p, line + sizeof(line),
                                        &event);
    }

    ngx_http_aistream_unit_number(t, "an event that is too large", rc,
                                  NGX_DECLINED);
    ngx_http_aistream_unit_number(t, "reads before it is", i, 6);
}


/* the limit applies to saved data, too, in a buffer that may be larger */

static void
ngx_http_aistream_unit_sse_limit(ngx_http_aistream_unit_t *t, size_t max,
    ngx_int_t expected)
{
    u_char                         *p, *last;
    size_t                          step;
    ngx_int_t                       rc;
    ngx_http_aistream_sse_t         sse;
    ngx_http_aistream_event_t   event;

    static u_char  stream[] = "data: 0123456789\ndata: 0123456789\n\n";

    for (step = 1; step < sizeof(stream); step++) {

        ngx_memzero(&sse, sizeof(ngx_http_aistream_sse_t));
        ngx_http_aistream_sse_init(&sse, t->pool, max);

        rc = NGX_AGAIN;
        p = stream;

        while (rc == NGX_AGAIN && p < stream + sizeof(stream) - 1) {
            last = ngx_min(p + step, stream + sizeof(stream) - 1);
            rc = ngx_http_aistream_sse_read(&sse, &p, last, &event);
        }

        ngx_http_aistream_unit_number(t, "an event of 21 bytes", rc,
                                      expected);
    }
}


static void
ngx_http_aistream_unit_sse_error(ngx_http_aistream_unit_t *t)
{
    u_char                         *p;
    ngx_http_aistream_sse_t         sse;
    ngx_http_aistream_event_t   event;

    static u_char  stream[] = "data: 1\nerror: 2";

    ngx_memzero(&sse, sizeof(ngx_http_aistream_sse_t));
    ngx_http_aistream_sse_init(&sse, t->pool, 100);

    p = stream;

    ngx_http_aistream_unit_number(t, "an end in an error",
                 ngx_http_aistream_sse_read(&sse, &p,
                                   stream + sizeof(stream) - 1, &event),
                 NGX_AGAIN);
    ngx_http_aistream_unit_number(t, "the error",
                 ngx_http_aistream_sse_eof(&sse, &event), NGX_OK);
    ngx_http_aistream_unit_number(t, "its length", event.data.len, 1);
    ngx_http_aistream_unit_number(t, "nothing after the error",
                 ngx_http_aistream_sse_eof(&sse, &event), NGX_DONE);
}
