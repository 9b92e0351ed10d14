
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Tests compact JSON with a list of valid and invalid texts, and compares with
 * the cJSON library, changing every byte of a text.
 */


#include "ngx_http_aistream_unit.h"

#include <json/ngx_http_aistream_json.h>
#include <json/ngx_http_aistream_scan.h>


#define NGX_HTTP_AISTREAM_UNIT_DEPTH  256


typedef struct {
    ngx_str_t                        text;
    ngx_str_t                        compact;   /* empty: not JSON */
} ngx_http_aistream_unit_pair_t;


static void ngx_http_aistream_unit_pairs(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_levels(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_changed(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_tree(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_json_t *json);
static void ngx_http_aistream_unit_pick(ngx_http_aistream_unit_t *t);


static ngx_http_aistream_unit_pair_t  ngx_http_aistream_unit_pairs_list[] = {
    { ngx_string("{}"), ngx_string("{}") },
    { ngx_string(" { } "), ngx_string("{}") },
    { ngx_string("[\n]"), ngx_string("[]") },
    { ngx_string("{ \"a\" :\t1 , \"b\":[ true,false , null ] }\r\n"),
      ngx_string("{\"a\":1,\"b\":[true,false,null]}") },
    { ngx_string("[-0, 0.5, -1.25e+10, 1E2]"),
      ngx_string("[-0,0.5,-1.25e+10,1E2]") },
    { ngx_string("\"a \\\" \\u00e9\""), ngx_string("\"a \\\" \\u00e9\"") },
    { ngx_string("[[[{\"\":{}}]]]"), ngx_string("[[[{\"\":{}}]]]") },
    { ngx_string("17"), ngx_string("17") },
    { ngx_string(""), ngx_null_string },
    { ngx_string("{"), ngx_null_string },
    { ngx_string("}"), ngx_null_string },
    { ngx_string("[}"), ngx_null_string },
    { ngx_string("{]"), ngx_null_string },
    { ngx_string("{\"a\"}"), ngx_null_string },
    { ngx_string("{\"a\":}"), ngx_null_string },
    { ngx_string("{\"a\":1,}"), ngx_null_string },
    { ngx_string("{,\"a\":1}"), ngx_null_string },
    { ngx_string("{a:1}"), ngx_null_string },
    { ngx_string("{\"a\":1 \"b\":2}"), ngx_null_string },
    { ngx_string("[1,]"), ngx_null_string },
    { ngx_string("[,1]"), ngx_null_string },
    { ngx_string("[1 2]"), ngx_null_string },
    { ngx_string("[1]]"), ngx_null_string },
    { ngx_string("{} {}"), ngx_null_string },
    { ngx_string("01"), ngx_null_string },
    { ngx_string("1."), ngx_null_string },
    { ngx_string(".5"), ngx_null_string },
    { ngx_string("1e"), ngx_null_string },
    { ngx_string("+1"), ngx_null_string },
    { ngx_string("-"), ngx_null_string },
    { ngx_string("nul"), ngx_null_string },
    { ngx_string("True"), ngx_null_string },
    { ngx_string("\"\n\""), ngx_null_string },
    { ngx_string("{\"a\":\"\xFF\"}"), ngx_null_string },
    { ngx_string("{\"a\":NaN}"), ngx_null_string }
};


void
ngx_http_aistream_unit_compact(ngx_http_aistream_unit_t *t)
{
    ngx_http_aistream_unit_pairs(t);
    ngx_http_aistream_unit_levels(t);
    ngx_http_aistream_unit_changed(t);
    ngx_http_aistream_unit_pick(t);
}


/* in place, as in the module */

static void
ngx_http_aistream_unit_pairs(ngx_http_aistream_unit_t *t)
{
    u_char                         *end;
    ngx_str_t                       got;
    ngx_uint_t                      i;
    ngx_http_aistream_unit_pair_t  *pair;
    u_char                          buf[128];

    for (i = 0;
         i < sizeof(ngx_http_aistream_unit_pairs_list)
             / sizeof(ngx_http_aistream_unit_pair_t);
         i++)
    {
        pair = &ngx_http_aistream_unit_pairs_list[i];

        ngx_memcpy(buf, pair->text.data, pair->text.len);

        end = ngx_http_aistream_scan_compact(buf, buf, pair->text.len);

        got.data = buf;
        got.len = end ? end - buf : 0;

        ngx_http_aistream_unit_equal(t, (char *) pair->text.data, &got,
                                     &pair->compact);
    }
}


static void
ngx_http_aistream_unit_levels(ngx_http_aistream_unit_t *t)
{
    size_t  n;
    u_char  buf[2 * (NGX_HTTP_AISTREAM_UNIT_DEPTH + 1)];

    for (n = NGX_HTTP_AISTREAM_UNIT_DEPTH;
         n <= NGX_HTTP_AISTREAM_UNIT_DEPTH + 1;
         n++)
    {
        ngx_memset(buf, '[', n);
        ngx_memset(buf + n, ']', n);

        ngx_http_aistream_unit_number(t, "levels",
                ngx_http_aistream_scan_compact(buf, buf, 2 * n) != NULL,
                n == NGX_HTTP_AISTREAM_UNIT_DEPTH);
    }
}


/* valid texts are valid for cJSON, and have the same value */

static void
ngx_http_aistream_unit_changed(ngx_http_aistream_unit_t *t)
{
    size_t                         i;
    u_char                        *end;
    ngx_int_t                      passed, same;
    ngx_str_t                      error, before, after;
    ngx_uint_t                     ch;
    ngx_pool_t                    *pool;
    ngx_http_aistream_json_t      *json;
    ngx_http_aistream_json_out_t   out;
    u_char                         buf[128], compact[128];

    static ngx_str_t  text = ngx_string(
        "{\"a\": [1, -2.5e3, \"x\\n\\u00e9\"], \"b\": {\"c\": null,"
        " \"d\": [true, {}, []]}, \"e\": \"\xC3\xA9\"}");

    passed = 0;
    same = 0;

    for (i = 0; i < text.len; i++) {
        for (ch = 0x01; ch < 0x80; ch++) {

            ngx_memcpy(buf, text.data, text.len);
            buf[i] = ch;

            end = ngx_http_aistream_scan_compact(compact, buf, text.len);
            if (end == NULL) {
                continue;
            }

            pool = ngx_create_pool(4096, t->pool->log);
            if (pool == NULL) {
                return;
            }

            passed++;
            json = ngx_http_aistream_json_parse(pool, buf, text.len, &error);

            if (json == NULL) {
                ngx_destroy_pool(pool);
                continue;
            }

            ngx_http_aistream_json_out_init(&out, pool, 256);
            ngx_http_aistream_unit_tree(&out, json);
            ngx_http_aistream_json_out_text(&out, &before);

            json = ngx_http_aistream_json_parse(pool, compact, end - compact,
                                                &error);
            if (json) {
                ngx_http_aistream_json_out_init(&out, pool, 256);
                ngx_http_aistream_unit_tree(&out, json);
                ngx_http_aistream_json_out_text(&out, &after);

                same += (before.len == after.len
                         && ngx_memcmp(before.data, after.data, after.len)
                            == 0);
            }

            ngx_destroy_pool(pool);
        }
    }

    ngx_http_aistream_unit_number(t, "changed texts", same, passed);
    ngx_http_aistream_unit_number(t, "some of them pass", passed > 500, 1);
}


/* writes a text again, value by value */

static void
ngx_http_aistream_unit_tree(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_json_t *json)
{
    u_char                     bracket;
    ngx_str_t                  value;
    ngx_http_aistream_json_t  *v;

    switch (ngx_http_aistream_json_type(json)) {

    case NGX_HTTP_AISTREAM_JSON_STRING:
        (void) ngx_http_aistream_json_string(json, &value);
        ngx_http_aistream_json_out_string(out, &value);
        return;

    case NGX_HTTP_AISTREAM_JSON_ARRAY:
        bracket = '[';
        break;

    case NGX_HTTP_AISTREAM_JSON_OBJECT:
        bracket = '{';
        break;

    default:
        (void) ngx_http_aistream_json_text(json, &value);
        ngx_http_aistream_json_out_raw(out, value.data, value.len);
        return;
    }

    ngx_http_aistream_json_out_raw(out, &bracket, 1);

    for (v = ngx_http_aistream_json_first(json);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        if (bracket == '{') {
            ngx_http_aistream_json_name(v, &value);
            ngx_http_aistream_json_out_string(out, &value);
        }

        ngx_http_aistream_unit_tree(out, v);
        ngx_http_aistream_json_out_literal(out, ",");
    }

    bracket += 2;
    ngx_http_aistream_json_out_raw(out, &bracket, 1);
}


static void
ngx_http_aistream_unit_pick(ngx_http_aistream_unit_t *t)
{
    ngx_int_t                 n;
    ngx_str_t                 got;
    ngx_http_aistream_scan_t  s, v[4];

    static ngx_str_t  text = ngx_string(
        "{\"x\":{\"a\":1},\"a\":2,\"b\":null,\"c\":\"three\",\"a\":4}");
    static ngx_str_t  three = ngx_string("three");
    static ngx_str_t  names[] = {
        ngx_string("a"), ngx_string("b"), ngx_string("c"), ngx_string("d"),
        ngx_null_string
    };

    s.pos = text.data;
    s.last = text.data + text.len;

    ngx_http_aistream_unit_number(t, "picked",
                          ngx_http_aistream_scan_pick(&s, names, v), NGX_OK);
    ngx_http_aistream_unit_number(t, "all of it",
                                  ngx_http_aistream_scan_end(&s), NGX_OK);

    n = 0;
    (void) ngx_http_aistream_scan_int(&v[0], &n);
    ngx_http_aistream_unit_number(t, "the last of a name", n, 4);

    ngx_http_aistream_unit_number(t, "null is absent",
                                  ngx_http_aistream_scan_found(&v[1]), 0);

    (void) ngx_http_aistream_scan_string(&v[2], &got);
    ngx_http_aistream_unit_equal(t, "a string", &got, &three);

    ngx_http_aistream_unit_number(t, "an absent value is not a string",
                   ngx_http_aistream_scan_string(&v[3], &got), NGX_ERROR);

    s.pos = text.data;
    s.last = text.data + text.len - 1;

    ngx_http_aistream_unit_number(t, "half an object",
                       ngx_http_aistream_scan_pick(&s, names, v), NGX_ERROR);
}
