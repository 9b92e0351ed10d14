
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit.h"

#include <stream/ngx_http_aistream_ndjson.h>


/* lines, the expected events as "data;", and the number of complete ones */

typedef struct {
    ngx_str_t                        stream;
    ngx_str_t                        events;
    ngx_uint_t                       whole;
    ngx_uint_t                       garbage;
} ngx_http_aistream_unit_ndjson_case_t;


static void ngx_http_aistream_unit_ndjson_run(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_ndjson_case_t *c, size_t cut, size_t step);
static void ngx_http_aistream_unit_ndjson_limit(ngx_http_aistream_unit_t *t,
    size_t max, ngx_int_t expected);
static void ngx_http_aistream_unit_ndjson_blank(ngx_http_aistream_unit_t *t);


static ngx_http_aistream_unit_ndjson_case_t
    ngx_http_aistream_unit_ndjson_cases[] =
{
    { ngx_string("{1}\n{2}\n"), ngx_string("{1};{2};"), 2, 0 },
    { ngx_string("{1}\r\n{2}\r\n"), ngx_string("{1};{2};"), 2, 0 },
    { ngx_string("{1}\r{2}\n"), ngx_string("{1}\r{2};"), 1, 0 },
    { ngx_string("{1}\n\n \t\r\n\r\n{2}\n"), ngx_string("{1};{2};"), 2, 0 },
    { ngx_string("\n\r\n{1}\n"), ngx_string("{1};"), 1, 0 },
    { ngx_string(" {1}\n"), ngx_string("{1};"), 1, 0 },
    { ngx_string("{1}\n{2}"), ngx_string("{1};{2};"), 1, 0 },
    { ngx_string("{1}\r\n{2}\r"), ngx_string("{1};{2};"), 1, 0 },
    { ngx_string("{1}\n {2"), ngx_string("{1};{2;"), 1, 0 },
    { ngx_string("{1}\n \r"), ngx_string("{1};"), 1, 0 },
    { ngx_string("{1}\nbad gateway"), ngx_string("{1};"), 1, 1 },
    { ngx_string("bad\n"), ngx_string("bad;"), 1, 0 },
    { ngx_string("\n"), ngx_string(""), 0, 0 },
    { ngx_string(""), ngx_string(""), 0, 0 }
};


void
ngx_http_aistream_unit_ndjson(ngx_http_aistream_unit_t *t)
{
    size_t                                 cut;
    ngx_uint_t                             i, n;
    ngx_http_aistream_unit_ndjson_case_t  *c;

    n = sizeof(ngx_http_aistream_unit_ndjson_cases)
        / sizeof(ngx_http_aistream_unit_ndjson_case_t);

    for (i = 0; i < n; i++) {
        c = &ngx_http_aistream_unit_ndjson_cases[i];

        ngx_http_aistream_unit_ndjson_run(t, c, 0, 1);

        for (cut = 0; cut <= c->stream.len; cut++) {
            ngx_http_aistream_unit_ndjson_run(t, c, cut, c->stream.len + 1);
        }
    }

    ngx_http_aistream_unit_ndjson_limit(t, 9, NGX_DECLINED);
    ngx_http_aistream_unit_ndjson_limit(t, 10, NGX_OK);
    ngx_http_aistream_unit_ndjson_blank(t);
}


/*
 * Feeds the bytes before the cut, then the remaining ones step by step, each
 * piece as a copy that is freed afterwards.
 */

static void
ngx_http_aistream_unit_ndjson_run(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_ndjson_case_t *c, size_t cut, size_t step)
{
    u_char                      *p, *q, *pos, *end, *last, *fed;
    ngx_int_t                    rc;
    ngx_str_t                    got;
    u_char                       buf[1024];
    ngx_uint_t                   whole;
    ngx_http_aistream_event_t    event;
    ngx_http_aistream_ndjson_t   nd;

    ngx_memzero(&nd, sizeof(ngx_http_aistream_ndjson_t));
    ngx_http_aistream_ndjson_init(&nd, t->pool, 65536);

    p = buf;
    whole = 0;
    pos = c->stream.data;
    last = pos + c->stream.len;

    for (end = pos + cut; pos < last; end = ngx_min(pos + step, last)) {

        fed = ngx_pnalloc(t->pool, end - pos + 1);
        ngx_memcpy(fed, pos, end - pos);
        q = fed;

        while ((rc = ngx_http_aistream_ndjson_read(&nd, &q, fed + (end - pos),
                                                   &event))
               == NGX_OK)
        {
            p = ngx_sprintf(p, "%V;", &event.data);
            whole += event.one_piece;
        }

        ngx_http_aistream_unit_number(t, "all is taken", rc, NGX_AGAIN);
        ngx_http_aistream_unit_number(t, "a line is begun", event.idle,
                                      nd.len == 0);

        ngx_memset(fed, '#', end - pos);
        pos = end;
    }

    if (ngx_http_aistream_ndjson_eof(&nd, &event) == NGX_OK) {
        p = ngx_sprintf(p, "%V;", &event.data);
    }

    ngx_http_aistream_unit_number(t, "nothing after the end",
                                  ngx_http_aistream_ndjson_eof(&nd, &event),
                                  NGX_DONE);

    got.data = buf;
    got.len = p - buf;

    ngx_http_aistream_unit_equal(t, (char *) c->stream.data, &got, &c->events);
    ngx_http_aistream_unit_number(t, (char *) c->stream.data,
                                  ngx_http_aistream_ndjson_garbage(&nd) != NULL,
                                  c->garbage);

    if (cut == c->stream.len) {
        ngx_http_aistream_unit_number(t, (char *) c->stream.data, whole,
                                      c->whole);
    }
}


/*
 * the limit applies to the data, wherever a line is cut, and however it ends
 */

static void
ngx_http_aistream_unit_ndjson_limit(ngx_http_aistream_unit_t *t, size_t max,
    ngx_int_t expected)
{
    u_char                      *p, *last;
    size_t                       step;
    ngx_int_t                    rc;
    ngx_uint_t                   i;
    ngx_http_aistream_event_t    event;
    ngx_http_aistream_ndjson_t   nd;

    static ngx_str_t  lines[] = {
        ngx_string("{123456789\n"), ngx_string("{123456789\r\n"),
        ngx_string("{123456789"), ngx_string("{123456789\r")
    };

    for (i = 0; i < sizeof(lines) / sizeof(ngx_str_t); i++) {

        for (step = 1; step <= lines[i].len; step++) {

            ngx_memzero(&nd, sizeof(ngx_http_aistream_ndjson_t));
            ngx_http_aistream_ndjson_init(&nd, t->pool, max);

            rc = NGX_AGAIN;
            p = lines[i].data;

            while (rc == NGX_AGAIN && p < lines[i].data + lines[i].len) {
                last = ngx_min(p + step, lines[i].data + lines[i].len);
                rc = ngx_http_aistream_ndjson_read(&nd, &p, last, &event);
            }

            if (rc == NGX_AGAIN) {
                rc = ngx_http_aistream_ndjson_eof(&nd, &event);
            }

            ngx_http_aistream_unit_number(t, "a line of 10 bytes", rc,
                                          expected);
        }
    }
}


/* blanks are not saved */

static void
ngx_http_aistream_unit_ndjson_blank(ngx_http_aistream_unit_t *t)
{
    u_char                      *p, blank[64];
    ngx_int_t                    rc;
    ngx_uint_t                   i;
    ngx_http_aistream_event_t    event;
    ngx_http_aistream_ndjson_t   nd;

    ngx_memset(blank, ' ', sizeof(blank));

    ngx_memzero(&nd, sizeof(ngx_http_aistream_ndjson_t));
    ngx_http_aistream_ndjson_init(&nd, t->pool, 1000);

    rc = NGX_AGAIN;

    for (i = 0; i < 100 && rc == NGX_AGAIN; i++) {
        p = blank;
        rc = ngx_http_aistream_ndjson_read(&nd, &p, blank + sizeof(blank),
                                           &event);
    }

    ngx_http_aistream_unit_number(t, "a line of blanks", rc, NGX_DECLINED);
    ngx_http_aistream_unit_number(t, "reads before it is too long", i, 16);
}
