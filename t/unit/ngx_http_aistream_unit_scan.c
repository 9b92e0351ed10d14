
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit.h"

#include <json/ngx_http_aistream_json.h>
#include <json/ngx_http_aistream_number.h>
#include <json/ngx_http_aistream_scan.h>

#include <sys/mman.h>


typedef struct {
    ngx_str_t                        text;
    ngx_int_t                        rc;
} ngx_http_aistream_unit_text_t;


static void ngx_http_aistream_unit_strings(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_walk(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_cut(ngx_http_aistream_unit_t *t);
static ngx_int_t ngx_http_aistream_unit_skip(u_char *p, size_t len);
static void ngx_http_aistream_unit_deep(ngx_http_aistream_unit_t *t, size_t n,
    size_t less, ngx_int_t expected);
static void ngx_http_aistream_unit_bad(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_ints(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_doubles(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_written(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_elements(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_simple(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_numbered(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_surrogates(ngx_http_aistream_unit_t *t);
static void ngx_http_aistream_unit_out(ngx_http_aistream_unit_t *t);


static ngx_http_aistream_unit_text_t  ngx_http_aistream_unit_texts[] = {
    { ngx_string("\"\""), NGX_OK },
    { ngx_string("\"a b\""), NGX_OK },
    { ngx_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00eF\""), NGX_OK },
    { ngx_string("\"\xC3\xA4 \xF0\x9F\x98\x80\""), NGX_OK },
    { ngx_string("\"\\ud83d\""), NGX_OK },
    { ngx_string("\"a"), NGX_ERROR },
    { ngx_string("\"\\"), NGX_ERROR },
    { ngx_string("\"\\\""), NGX_ERROR },
    { ngx_string("\"\\x\""), NGX_ERROR },
    { ngx_string("\"\\u12g4\""), NGX_ERROR },
    { ngx_string("\"\\u12\""), NGX_ERROR },
    { ngx_string("\"a\nb\""), NGX_ERROR },
    { ngx_string("\"\xFF\""), NGX_ERROR },
    { ngx_string("\"\xC3\""), NGX_ERROR },
    { ngx_string("\"\xC0\x80\""), NGX_ERROR },
    { ngx_string("\"\xED\xA0\x80\""), NGX_ERROR },
    { ngx_string("\"\xF4\x90\x80\x80\""), NGX_ERROR },
    { ngx_string("a"), NGX_ERROR },
    { ngx_string(""), NGX_ERROR }
};


void
ngx_http_aistream_unit_scan(ngx_http_aistream_unit_t *t)
{
    ngx_http_aistream_unit_strings(t);
    ngx_http_aistream_unit_walk(t);
    ngx_http_aistream_unit_cut(t);
    ngx_http_aistream_unit_deep(t, 256, 0, NGX_OK);
    ngx_http_aistream_unit_deep(t, 256, 1, NGX_ERROR);
    ngx_http_aistream_unit_deep(t, 257, 0, NGX_ERROR);
    ngx_http_aistream_unit_deep(t, 1000000, 0, NGX_ERROR);
    ngx_http_aistream_unit_bad(t);
    ngx_http_aistream_unit_ints(t);
    ngx_http_aistream_unit_doubles(t);
    ngx_http_aistream_unit_written(t);
    ngx_http_aistream_unit_elements(t);
    ngx_http_aistream_unit_simple(t);
    ngx_http_aistream_unit_numbered(t);
    ngx_http_aistream_unit_surrogates(t);
    ngx_http_aistream_unit_out(t);
}


static void
ngx_http_aistream_unit_strings(ngx_http_aistream_unit_t *t)
{
    ngx_str_t                       value;
    ngx_uint_t                      i;
    ngx_http_aistream_scan_t        s;
    ngx_http_aistream_unit_text_t  *text;

    for (i = 0;
         i < sizeof(ngx_http_aistream_unit_texts)
             / sizeof(ngx_http_aistream_unit_text_t);
         i++)
    {
        text = &ngx_http_aistream_unit_texts[i];

        s.pos = text->text.data;
        s.last = s.pos + text->text.len;

        ngx_http_aistream_unit_number(t, (char *) text->text.data,
                                ngx_http_aistream_scan_string(&s, &value),
                                text->rc);

        if (text->rc == NGX_OK) {
            ngx_http_aistream_unit_number(t, (char *) text->text.data,
                         ngx_http_aistream_scan_numbered(value.data,
                                                         value.len),
                         ngx_strstr(text->text.data, "\\u") != NULL);
        }
    }
}


/* reads an object in all possible ways */

static void
ngx_http_aistream_unit_walk(ngx_http_aistream_unit_t *t)
{
    ngx_int_t                 n, sum;
    ngx_str_t                 key, keys;
    u_char                    buf[64], *p;
    ngx_http_aistream_scan_t  s;

    static ngx_str_t  json = ngx_string(
        " { \"a\" : [ 1 , 22,333.5,-4 ] ,\"b\":{\"c\":\"]}\\\"\",\"d\":[]},"
        "\"e\":{} , \"f\":null,\"g\\\"\":true}\r\n");
    static ngx_str_t  expected = ngx_string("a,b,e,f,g\\\",");

    s.pos = json.data;
    s.last = json.data + json.len;

    p = buf;
    sum = 0;

    ngx_http_aistream_unit_number(t, "object",
                                  ngx_http_aistream_scan_object(&s), NGX_OK);

    while (ngx_http_aistream_scan_member(&s, &key) == NGX_OK) {
        p = ngx_sprintf(p, "%V,", &key);

        if (!ngx_http_aistream_scan_is(&key, "a")) {
            (void) ngx_http_aistream_scan_skip(&s);
            continue;
        }

        (void) ngx_http_aistream_scan_array(&s);

        while (ngx_http_aistream_scan_element(&s) == NGX_OK) {
            (void) ngx_http_aistream_scan_int(&s, &n);
            sum += n;
        }
    }

    keys.data = buf;
    keys.len = p - buf;

    ngx_http_aistream_unit_equal(t, "keys", &keys, &expected);
    ngx_http_aistream_unit_number(t, "numbers", sum, 1 + 22 + 333 - 1);
    ngx_http_aistream_unit_number(t, "end", ngx_http_aistream_scan_end(&s),
                                  NGX_OK);
}


/* bytes after the end of a text are not read */

static void
ngx_http_aistream_unit_cut(ngx_http_aistream_unit_t *t)
{
    size_t   len, page;
    u_char  *pages, *p;

    static ngx_str_t  json = ngx_string(
        "{\"a\":[{\"b\":\"c\\\"\\u00e9\xC3\xA4\"},-1.5e3,null],\"d\":true}");

    page = ngx_pagesize;

    pages = mmap(NULL, 2 * page, PROT_READ|PROT_WRITE,
                 MAP_PRIVATE|MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) != 0) {
        ngx_http_aistream_unit_number(t, "a page that may not be read", 0, 1);
        return;
    }

    for (len = 0; len <= json.len; len++) {
        p = pages + page - len;
        ngx_memcpy(p, json.data, len);

        ngx_http_aistream_unit_number(t, "cut",
                                      ngx_http_aistream_unit_skip(p, len),
                                      len == json.len ? NGX_OK : NGX_ERROR);
    }

    (void) munmap(pages, 2 * page);
}


static ngx_int_t
ngx_http_aistream_unit_skip(u_char *p, size_t len)
{
    ngx_int_t                 rc;
    ngx_str_t                 key;
    ngx_http_aistream_scan_t  s;

    s.pos = p;
    s.last = p + len;

    if (ngx_http_aistream_scan_object(&s) != NGX_OK) {
        return NGX_ERROR;
    }

    while ((rc = ngx_http_aistream_scan_member(&s, &key)) == NGX_OK) {
        if (ngx_http_aistream_scan_skip(&s) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return rc == NGX_DONE ? ngx_http_aistream_scan_end(&s) : NGX_ERROR;
}


/* nested brackets, of which "less" are not closed */

static void
ngx_http_aistream_unit_deep(ngx_http_aistream_unit_t *t, size_t n, size_t less,
    ngx_int_t expected)
{
    u_char                    *p;
    ngx_http_aistream_scan_t   s;

    p = ngx_alloc(2 * n, t->pool->log);
    if (p == NULL) {
        return;
    }

    ngx_memset(p, '[', n);
    ngx_memset(p + n, ']', n);

    s.pos = p;
    s.last = p + 2 * n - less;

    ngx_http_aistream_unit_number(t, "brackets",
                                  ngx_http_aistream_scan_skip(&s), expected);

    ngx_free(p);
}


static void
ngx_http_aistream_unit_bad(ngx_http_aistream_unit_t *t)
{
    size_t  i;

    static ngx_str_t  bad[] = {
        ngx_string("{\"a\":1{\"b\":2}"),
        ngx_string("{\"a\":[1[2]}"),
        ngx_string("{\"a\":[1,]}"),
        ngx_string("{\"a\":[,1]}"),
        ngx_string("{\"a\":[1 2]}"),
        ngx_string("{\"a\":[{]}]}"),
        ngx_string("{\"a\":[1}}"),
        ngx_string("{\"a\":{\"b\"}}"),
        ngx_string("{\"a\":{\"b\":}}"),
        ngx_string("{\"a\":{b:1}}"),
        ngx_string("{\"a\":{\"b\":1,}}"),
        ngx_string("{\"a\":nul}"),
        ngx_string("{\"a\":truefalse}"),
        ngx_string("{\"a\":01}"),
        ngx_string("{\"a\":-}"),
        ngx_string("{\"a\":1.}"),
        ngx_string("{\"a\":.5}"),
        ngx_string("{\"a\":1e}"),
        ngx_string("{\"a\":+1}"),
        ngx_string("{\"a\":1-1}"),
        ngx_string("{,\"a\":1}"),
        ngx_string("{\"a\":1,}"),
        ngx_string("{\"a\":1]"),
        ngx_string("{\"a\":}"),
        ngx_string("{\"a\",1}"),
        ngx_string("{}}")
    };

    for (i = 0; i < sizeof(bad) / sizeof(ngx_str_t); i++) {
        ngx_http_aistream_unit_number(t, (char *) bad[i].data,
                      ngx_http_aistream_unit_skip(bad[i].data, bad[i].len),
                      NGX_ERROR);
    }
}


static void
ngx_http_aistream_unit_ints(ngx_http_aistream_unit_t *t)
{
    size_t                    i;
    ngx_int_t                 value;
    ngx_http_aistream_scan_t  s;

    static struct {
        ngx_str_t  text;
        ngx_int_t  value;
    } ints[] = {
        { ngx_string("0"), 0 },
        { ngx_string("12"), 12 },
        { ngx_string("12.9"), 12 },
        { ngx_string("12e0"), 12 },
        { ngx_string("1.2e1"), 12 },
        { ngx_string("1.29E+1"), 12 },
        { ngx_string("1200e-2"), 12 },
        { ngx_string("0.00012e5"), 12 },
        { ngx_string("12.000000000000000000000000"), 12 },
        { ngx_string("12e-9999999999999999999999"), 0 },
        { ngx_string("0e99999999999999999999999"), 0 },
        { ngx_string("12e99999999999999999999999"), -1 },
        { ngx_string("9223372036854775807"), 9223372036854775807 },
        { ngx_string("9223372036854775808"), -1 },
        { ngx_string("-12"), -1 },
        { ngx_string("-1.2e1"), -1 }
    };

    for (i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
        s.pos = ints[i].text.data;
        s.last = s.pos + ints[i].text.len;

        ngx_http_aistream_unit_number(t, (char *) ints[i].text.data,
                            ngx_http_aistream_scan_int(&s, &value), NGX_OK);
        ngx_http_aistream_unit_number(t, (char *) ints[i].text.data, value,
                                      ints[i].value);
        ngx_http_aistream_unit_number(t, (char *) ints[i].text.data,
                                    ngx_http_aistream_scan_end(&s), NGX_OK);
    }
}


/* short integers are converted without strtod(), with the same result */

static void
ngx_http_aistream_unit_doubles(ngx_http_aistream_unit_t *t)
{
    char                      *text;
    double                     value;
    ngx_str_t                  error;
    ngx_uint_t                 i;
    ngx_http_aistream_json_t  *json;

    static char  *texts[] = {
        "0", "7", "1000", "999999999", "1000000000", "4294967296",
        "9007199254740993", "18446744073709551616", "-1", "-0", "0.7", "1.0",
        "1e3", "25e-2", "1E300"
    };

    for (i = 0; i < sizeof(texts) / sizeof(char *); i++) {
        text = texts[i];

        json = ngx_http_aistream_json_parse(t->pool, (u_char *) text,
                                            ngx_strlen(text), &error);
        if (json == NULL) {
            ngx_http_aistream_unit_number(t, text, 0, 1);
            continue;
        }

        value = ngx_http_aistream_json_number(json);

        ngx_http_aistream_unit_number(t, text, value == strtod(text, NULL), 1);
    }
}


/* the end of an element does not depend on the reads of the element before */

static void
ngx_http_aistream_unit_elements(ngx_http_aistream_unit_t *t)
{
    ngx_str_t                  error, text;
    ngx_uint_t                 i, n, order;
    ngx_http_aistream_json_t  *json, *element;

    static ngx_str_t  all = ngx_string(
        " [ { \"a\" : [1,{\"b\":\"}]\"}] , \"x\":\"\\\"{\" } ,{}, { },"
        "[{\"c\":2},[]],{\"d\":{\"x\":[{\"x\":0}]}}  ,\"}\",{\"x\":7}]");
    static ngx_str_t  elements[] = {
        ngx_string("{ \"a\" : [1,{\"b\":\"}]\"}] , \"x\":\"\\\"{\" }"),
        ngx_string("{}"), ngx_string("{ }"), ngx_string("[{\"c\":2},[]]"),
        ngx_string("{\"d\":{\"x\":[{\"x\":0}]}}"), ngx_string("\"}\""),
        ngx_string("{\"x\":7}")
    };

    n = sizeof(elements) / sizeof(ngx_str_t);

    for (order = 0; order < 4; order++) {

        json = ngx_http_aistream_json_parse(t->pool, all.data, all.len,
                                            &error);
        element = ngx_http_aistream_json_first(json);

        for (i = 0; element && i < n; i++) {

            if (order & 1) {
                (void) ngx_http_aistream_json_get(element, "x");
            }

            if (order & 2) {
                (void) ngx_http_aistream_json_text(element, &text);
                ngx_http_aistream_unit_equal(t, "text of an element", &text,
                                             &elements[i]);
            }

            element = ngx_http_aistream_json_next(element);
        }

        ngx_http_aistream_unit_number(t, "elements", i, n);
        ngx_http_aistream_unit_number(t, "elements after the last",
                                      element != NULL, 0);
    }
}


static void
ngx_http_aistream_unit_written(ngx_http_aistream_unit_t *t)
{
    u_char      buf[NGX_INT64_LEN];
    ngx_str_t   got;
    ngx_uint_t  i;

    static struct {
        int64_t    value;
        ngx_str_t  text;
    } numbers[] = {
        { 0, ngx_string("0") },
        { 9, ngx_string("9") },
        { 10, ngx_string("10") },
        { 1000, ngx_string("1000") },
        { -1, ngx_string("-1") },
        { -10, ngx_string("-10") },
        { 4294967296, ngx_string("4294967296") },
        { INT64_MAX, ngx_string("9223372036854775807") },
        { INT64_MIN, ngx_string("-9223372036854775808") }
    };

    got.data = buf;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        got.len = ngx_http_aistream_number_write(buf, numbers[i].value) - buf;

        ngx_http_aistream_unit_equal(t, "number written", &got,
                                     &numbers[i].text);
    }
}


/* an escape, complete or truncated, at each place of texts of each length */

static void
ngx_http_aistream_unit_numbered(ngx_http_aistream_unit_t *t)
{
    u_char      buf[160];
    ngx_uint_t  i, len, wrong;

    wrong = 0;

    for (len = 0; len < sizeof(buf) - 1; len++) {
        ngx_memset(buf, 'u', sizeof(buf));

        wrong += ngx_http_aistream_scan_numbered(buf, len);

        for (i = 0; i <= len; i++) {
            buf[i] = '\\';

            wrong += ngx_http_aistream_scan_numbered(buf, len)
                     != (i + 1 < len);

            buf[i] = 'u';
        }
    }

    ngx_http_aistream_unit_number(t, "escapes by number", wrong, 0);
}


static void
ngx_http_aistream_unit_surrogates(ngx_http_aistream_unit_t *t)
{
    u_char      buf[64], *p;
    uint32_t    high;
    ngx_str_t   got;
    ngx_uint_t  i;

    static ngx_str_t  pieces[] = {
        ngx_string("\\ud83d"), ngx_string("\\ude00"),        /* a pair */
        ngx_string("\\ud83d"), ngx_string("x"),              /* the first
                                                                half */
        ngx_string("\\ude00"),                               /* the second
                                                                half */
        ngx_string("\\ud83d\\ud83d\\ude00")
    };
    static ngx_str_t  expected = ngx_string(
        "\xF0\x9F\x98\x80\xEF\xBF\xBD" "x\xEF\xBF\xBD"
        "\xEF\xBF\xBD\xF0\x9F\x98\x80");

    p = buf;
    high = 0;

    for (i = 0; i < sizeof(pieces) / sizeof(ngx_str_t); i++) {
        p = ngx_http_aistream_scan_unescape(p, pieces[i].data, pieces[i].len,
                                            &high);
    }

    got.data = buf;
    got.len = p - buf;

    ngx_http_aistream_unit_equal(t, "surrogates", &got, &expected);
}


/* every byte in every place of texts shorter and longer than a machine word */

static void
ngx_http_aistream_unit_simple(ngx_http_aistream_unit_t *t)
{
    u_char      buf[40];
    ngx_uint_t  len, i, ch, wrong;

    ngx_memset(buf, '"', sizeof(buf));

    wrong = 0;

    for (len = 1; len <= sizeof(buf); len++) {

        for (i = 0; i < len; i++) {

            for (ch = 0; ch < 256; ch++) {
                buf[i] = (u_char) ch;

                wrong += ngx_http_aistream_scan_simple(buf, len)
                         != (ch >= 0x20 && ch < 0x80 && ch != 0x5c);
            }

            buf[i] = '"';
        }
    }

    ngx_http_aistream_unit_number(t, "wrongly simple", wrong, 0);
    ngx_http_aistream_unit_number(t, "nothing is simple",
                                  ngx_http_aistream_scan_simple(buf, 0), 1);
}


static void
ngx_http_aistream_unit_out(ngx_http_aistream_unit_t *t)
{
    ngx_str_t                     got;
    ngx_uint_t                    i;
    ngx_http_aistream_json_out_t  out;

    static double     numbers[] = { 0, -1, 0.7, 0.25, 1e15, 42, 0.333333333 };
    static ngx_str_t  text = ngx_string("a\"b\\c\n\xC3\xA4");
    static ngx_str_t  expected = ngx_string(
        "0,-1,0.7,0.25,1000000000000000,42,0.333333,"
        "\"a\\\"b\\\\c\\n\xC3\xA4\"");

    ngx_http_aistream_json_out_init(&out, t->pool, 1);

    for (i = 0; i < sizeof(numbers) / sizeof(double); i++) {
        ngx_http_aistream_json_out_number(&out, numbers[i]);
        ngx_http_aistream_json_out_literal(&out, ",");
    }

    ngx_http_aistream_json_out_string(&out, &text);

    got.data = out.start;
    got.len = out.pos - out.start;

    ngx_http_aistream_unit_equal(t, "written JSON", &got, &expected);
}
