
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Answers of all kinds of parts, in deltas of all sizes, some of them
 * truncated at a limit: the stored transcript must be the same as the complete
 * strings, unescaped and escaped again.  Some answers need no escaping, which
 * must be detected.
 */


#include "ngx_http_aistream_unit.h"
#include "ngx_http_aistream_unit_mutate.h"

#include <json/ngx_http_aistream_json.h>
#include <json/ngx_http_aistream_scan.h>
#include <session/ngx_http_aistream_transcript.h>


#define NGX_HTTP_AISTREAM_UNIT_ANSWERS  600
#define NGX_HTTP_AISTREAM_UNIT_PARTS    12

/* bytes: more than the deltas of a part have in total */
#define NGX_HTTP_AISTREAM_UNIT_STRING   262144


typedef struct {
    ngx_http_aistream_unit_t            *t;
    ngx_http_aistream_unit_mutation_t    m;
    ngx_http_aistream_transcript_t       answer;

    u_char                              *raw;   /* a string as sent */
    u_char                              *plain;
    size_t                               left;  /* up to the limit */

    ngx_http_aistream_json_out_t         content;   /* unescaped */
    ngx_http_aistream_json_out_t         parts;
    ngx_uint_t                           others;    /* other than text */
    ngx_uint_t                           truncated;
    ngx_uint_t                           unicode;
} ngx_http_aistream_unit_sent_t;


static void ngx_http_aistream_unit_sent_half(
    ngx_http_aistream_unit_sent_t *sent);
static void ngx_http_aistream_unit_sent(ngx_http_aistream_unit_sent_t *sent);
static void ngx_http_aistream_unit_sent_is(
    ngx_http_aistream_unit_sent_t *sent, ngx_pool_t *pool);
static void ngx_http_aistream_unit_sent_texts(
    ngx_http_aistream_unit_sent_t *sent, ngx_uint_t reasoning);
static void ngx_http_aistream_unit_sent_redacted(
    ngx_http_aistream_unit_sent_t *sent);
static void ngx_http_aistream_unit_sent_call(
    ngx_http_aistream_unit_sent_t *sent);
static ngx_str_t ngx_http_aistream_unit_sent_deltas(
    ngx_http_aistream_unit_sent_t *sent, ngx_http_aistream_delta_e type,
    ngx_http_aistream_delta_e other, ngx_uint_t n);
static ngx_uint_t ngx_http_aistream_unit_sent_delta(
    ngx_http_aistream_unit_sent_t *sent, ngx_http_aistream_delta_t *d,
    size_t len);
static size_t ngx_http_aistream_unit_sent_random(
    ngx_http_aistream_unit_sent_t *sent, u_char *p, ngx_uint_t n);
static void ngx_http_aistream_unit_sent_signed(
    ngx_http_aistream_unit_sent_t *sent, ngx_str_t *signature);


static ngx_str_t  ngx_http_aistream_unit_origin = ngx_string("anthropic");


void
ngx_http_aistream_unit_transcript(ngx_http_aistream_unit_t *t)
{
    ngx_uint_t                     i;
    ngx_http_aistream_unit_sent_t  sent;

    ngx_memzero(&sent, sizeof(ngx_http_aistream_unit_sent_t));

    sent.t = t;
    sent.raw = ngx_palloc(t->pool, NGX_HTTP_AISTREAM_UNIT_STRING);
    sent.plain = ngx_palloc(t->pool, NGX_HTTP_AISTREAM_UNIT_STRING + 3);

    if (sent.raw == NULL || sent.plain == NULL) {
        ngx_http_aistream_unit_number(t, "memory for answers", 0, 1);
        return;
    }

    for (i = 0; i < NGX_HTTP_AISTREAM_UNIT_ANSWERS; i++) {
        sent.m.random = i;
        ngx_http_aistream_unit_sent(&sent);
    }

    ngx_http_aistream_unit_sent_half(&sent);
}


/*
 * a half of a surrogate pair without the other, then a long text without
 * escapes
 */

static void
ngx_http_aistream_unit_sent_half(ngx_http_aistream_unit_sent_t *sent)
{
    ngx_str_t                  text;
    ngx_http_aistream_delta_t  d;

    sent->answer.log = sent->t->pool->log;
    sent->answer.max = NGX_MAX_SIZE_T_VALUE;
    sent->others = 0;
    sent->truncated = 0;

    ngx_http_aistream_json_out_init(&sent->content, sent->t->pool, 16384);
    ngx_http_aistream_json_out_init(&sent->parts, sent->t->pool, 16384);
    ngx_http_aistream_json_out_literal(&sent->parts, "[{}");

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_TEXT;
    ngx_str_set(&d.text, "\\ud83d");
    ngx_http_aistream_transcript_delta(&sent->answer, &d);

    text.len = 8192;
    text.data = sent->raw;
    ngx_memset(text.data, 'a', text.len);

    d.text = text;
    ngx_http_aistream_transcript_delta(&sent->answer, &d);

    ngx_http_aistream_json_out_literal(&sent->content, "\xef\xbf\xbd");
    ngx_http_aistream_json_out_raw(&sent->content, text.data, text.len);

    ngx_http_aistream_unit_sent_is(sent, sent->t->pool);

    ngx_http_aistream_transcript_free(&sent->answer);
}


static void
ngx_http_aistream_unit_sent(ngx_http_aistream_unit_sent_t *sent)
{
    ngx_uint_t   n, part, before;
    ngx_pool_t  *pool;

    enum { NOTHING = 0, TEXT, REASONING, REDACTED, CALL };

    pool = ngx_create_pool(16384, sent->t->pool->log);
    if (pool == NULL) {
        return;
    }

    sent->left = ngx_http_aistream_unit_random(&sent->m, 3)
                 ? NGX_MAX_SIZE_T_VALUE
                 : ngx_http_aistream_unit_random(&sent->m, 16384);
    sent->others = 0;
    sent->truncated = 0;
    sent->unicode = ngx_http_aistream_unit_random(&sent->m, 2);

    sent->answer.log = pool->log;
    sent->answer.max = sent->left;

    ngx_http_aistream_json_out_init(&sent->content, pool, 16384);
    ngx_http_aistream_json_out_init(&sent->parts, pool, 16384);
    ngx_http_aistream_json_out_begin(&sent->parts, NULL, '[');

    before = NOTHING;
    n = ngx_http_aistream_unit_random(&sent->m, NGX_HTTP_AISTREAM_UNIT_PARTS);

    while (n--) {
        part = TEXT + ngx_http_aistream_unit_random(&sent->m, 4);

        /* it would continue the same part */

        if (part == before && (part == TEXT || part == REASONING)) {
            continue;
        }

        switch (part) {

        case REDACTED:
            ngx_http_aistream_unit_sent_redacted(sent);
            break;

        case CALL:
            ngx_http_aistream_unit_sent_call(sent);
            break;

        default:
            ngx_http_aistream_unit_sent_texts(sent, part == REASONING);
            break;
        }

        before = part;
    }

    ngx_http_aistream_unit_sent_is(sent, pool);

    ngx_http_aistream_transcript_free(&sent->answer);
    ngx_destroy_pool(pool);
}


static void
ngx_http_aistream_unit_sent_is(ngx_http_aistream_unit_sent_t *sent,
    ngx_pool_t *pool)
{
    ngx_str_t                     s, got;
    ngx_http_aistream_json_out_t  out;

    ngx_http_aistream_json_out_text(&sent->parts, &s);

    ngx_http_aistream_unit_number(sent->t, "an answer that is empty",
                           ngx_http_aistream_transcript_empty(&sent->answer),
                           s.len == 1);
    ngx_http_aistream_unit_number(sent->t, "an answer that is truncated",
                           sent->answer.truncated, sent->truncated);

    if (s.len == 1) {
        return;
    }

    ngx_http_aistream_transcript_record(&sent->answer, pool, &out);
    ngx_http_aistream_json_out_text(&out, &got);

    ngx_http_aistream_json_out_init(&out, pool, 16384);
    ngx_http_aistream_json_out_begin(&out, NULL, '{');
    ngx_http_aistream_json_out_add_word(&out, "role", "assistant");

    ngx_http_aistream_json_out_text(&sent->content, &s);
    ngx_http_aistream_json_out_add(&out, "content", &s);

    if (sent->others) {
        ngx_http_aistream_json_out_end(&sent->parts, ']');
        ngx_http_aistream_json_out_text(&sent->parts, &s);
        ngx_http_aistream_json_out_add_json(&out, "parts", &s);
    }

    ngx_http_aistream_json_out_text(&out, &s);

    ngx_http_aistream_unit_equal(sent->t, "an answer", &got, &s);
}


static void
ngx_http_aistream_unit_sent_texts(ngx_http_aistream_unit_sent_t *sent,
    ngx_uint_t reasoning)
{
    ngx_str_t                      text;
    ngx_http_aistream_json_out_t  *out;

    out = &sent->parts;

    text = ngx_http_aistream_unit_sent_deltas(sent,
                       reasoning ? NGX_HTTP_AISTREAM_REASONING
                                 : NGX_HTTP_AISTREAM_TEXT,
                       reasoning ? NGX_HTTP_AISTREAM_REASONING
                                 : NGX_HTTP_AISTREAM_REFUSAL,
                       1 + ngx_http_aistream_unit_random(&sent->m, 300));

    /* there was no space for any of its deltas */

    if (text.data == NULL) {
        return;
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type",
                                        reasoning ? "reasoning" : "text");
    ngx_http_aistream_json_out_add(out, "text", &text);

    if (!reasoning) {
        ngx_http_aistream_json_out_raw(&sent->content, text.data, text.len);

    } else {
        sent->others++;

        text = ngx_http_aistream_unit_sent_deltas(sent,
                           NGX_HTTP_AISTREAM_SIGNATURE,
                           NGX_HTTP_AISTREAM_SIGNATURE,
                           ngx_http_aistream_unit_random(&sent->m, 3));

        ngx_http_aistream_unit_sent_signed(sent, &text);
    }

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_unit_sent_redacted(ngx_http_aistream_unit_sent_t *sent)
{
    ngx_str_t                      text, empty;
    ngx_http_aistream_json_out_t  *out;

    out = &sent->parts;

    text = ngx_http_aistream_unit_sent_deltas(sent,
                                              NGX_HTTP_AISTREAM_REDACTED,
                                              NGX_HTTP_AISTREAM_REDACTED, 1);
    if (text.data == NULL) {
        return;
    }

    sent->others++;

    ngx_str_set(&empty, "");

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "reasoning");
    ngx_http_aistream_json_out_add(out, "text", &empty);
    ngx_http_aistream_unit_sent_signed(sent, &text);
    ngx_http_aistream_json_out_add_true(out, "redacted");
    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_unit_sent_call(ngx_http_aistream_unit_sent_t *sent)
{
    ngx_str_t                      signature;
    ngx_http_aistream_delta_t      d;
    ngx_http_aistream_json_out_t  *out;

    out = &sent->parts;

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_TOOL_END;
    d.origin = &ngx_http_aistream_unit_origin;
    ngx_str_set(&d.id, "call_1");
    ngx_str_set(&d.name, "weather");

    if (ngx_http_aistream_unit_random(&sent->m, 2)) {
        ngx_str_set(&d.json, "{\"a\":\"\\u00e9\\/\"}");
    }

    if (ngx_http_aistream_unit_random(&sent->m, 2)) {
        ngx_str_set(&d.signature, "c2ln");
    }

    signature = d.signature;

    if (!ngx_http_aistream_unit_sent_delta(sent, &d,
                                      d.id.len + d.name.len
                                      + (d.json.len ? d.json.len : 2)
                                      + d.signature.len))
    {
        return;
    }

    sent->others++;

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "tool-call");
    ngx_http_aistream_json_out_add_word(out, "toolCallId", "call_1");
    ngx_http_aistream_json_out_add_word(out, "toolName", "weather");

    if (d.json.len == 0) {
        ngx_str_set(&d.json, "{}");
    }

    ngx_http_aistream_json_out_add_json(out, "input", &d.json);
    ngx_http_aistream_unit_sent_signed(sent, &signature);
    ngx_http_aistream_json_out_end(out, '}');
}


/*
 * passes some deltas and returns the stored text, unescaped; data is NULL if
 * none was stored
 */

static ngx_str_t
ngx_http_aistream_unit_sent_deltas(ngx_http_aistream_unit_sent_t *sent,
    ngx_http_aistream_delta_e type, ngx_http_aistream_delta_e other,
    ngx_uint_t n)
{
    u_char                     *p, *last;
    uint32_t                    high;
    ngx_str_t                   text;
    ngx_uint_t                  size;
    ngx_http_aistream_delta_t   d;

    p = sent->raw;
    ngx_str_null(&text);

    while (n--) {
        ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

        d.type = ngx_http_aistream_unit_random(&sent->m, 8) ? type : other;
        d.origin = &ngx_http_aistream_unit_origin;

        size = ngx_http_aistream_unit_random(&sent->m, 200) ? 16 : 2000;
        d.text.len = ngx_http_aistream_unit_sent_random(sent, p,
                       1 + ngx_http_aistream_unit_random(&sent->m, size));
        d.text.data = p;

        if (ngx_http_aistream_unit_sent_delta(sent, &d, d.text.len)) {
            text.data = sent->plain;
            p += d.text.len;
        }
    }

    if (text.data) {
        high = 0;
        last = ngx_http_aistream_scan_unescape(sent->plain, sent->raw,
                                               p - sent->raw, &high);

        for (p = sent->plain; p < last; p++) {
            if (*p != '\0') {
                text.data[text.len++] = *p;
            }
        }
    }

    return text;
}


/* passes a copy, freed afterwards; returns 0 if there was no space */

static ngx_uint_t
ngx_http_aistream_unit_sent_delta(ngx_http_aistream_unit_sent_t *sent,
    ngx_http_aistream_delta_t *d, size_t len)
{
    u_char                     *p;
    ngx_http_aistream_delta_t   copy, noise;

    copy = *d;

    p = ngx_alloc(d->text.len + 1, sent->t->pool->log);
    if (p == NULL) {
        return 0;
    }

    copy.text.data = p + 1;
    ngx_memcpy(copy.text.data, d->text.data, d->text.len);

    if (!ngx_http_aistream_transcript_append(&sent->answer, &copy)) {
        ngx_http_aistream_transcript_delta(&sent->answer, &copy);
    }

    ngx_free(p);

    /* a delta that is not stored, and does not end a part */

    if (ngx_http_aistream_unit_random(&sent->m, 8) == 0) {
        ngx_memzero(&noise, sizeof(ngx_http_aistream_delta_t));

        noise.type = NGX_HTTP_AISTREAM_TOOL_ARGUMENTS;
        ngx_str_set(&noise.text, "noise");

        if (!ngx_http_aistream_transcript_append(&sent->answer, &noise)) {
            ngx_http_aistream_transcript_delta(&sent->answer, &noise);
        }
    }

    if (len > sent->left || sent->truncated) {
        sent->truncated = 1;
        return 0;
    }

    sent->left -= len;

    return 1;
}


/* writes random characters, or halves of them, as a provider may send them */

static size_t
ngx_http_aistream_unit_sent_random(ngx_http_aistream_unit_sent_t *sent,
    u_char *p, ngx_uint_t n)
{
    u_char     *start;
    ngx_str_t  *s;
    ngx_uint_t  all;

    static ngx_str_t  chars[] = {
        ngx_string("a"), ngx_string("u"), ngx_string("/"), ngx_string("\x7f"),
        ngx_string("\xc3\xa9"), ngx_string("\xf0\x9f\x98\x80"),
        ngx_string("\\n"), ngx_string("\\\""), ngx_string("\\\\"),
        ngx_string("\\b"), ngx_string("\\u0000"),
        ngx_string("\\u0001"), ngx_string("\\u001F"), ngx_string("\\u0022"),
        ngx_string("\\u005c"), ngx_string("\\u00e9"), ngx_string("\\u20AC"),
        ngx_string("\\ud83d"), ngx_string("\\ude00"),
        ngx_string("\\ud83d\\ude00")
    };

    /* \uXXXX is used for a while, then it is not */

    if (ngx_http_aistream_unit_random(&sent->m, 8) == 0) {
        sent->unicode = !sent->unicode;
    }

    start = p;
    all = sizeof(chars) / sizeof(ngx_str_t);

    while (n--) {

        do {
            s = &chars[ngx_http_aistream_unit_random(&sent->m, all)];
        } while (s->len >= 6 && !sent->unicode);

        p = ngx_cpymem(p, s->data, s->len);
    }

    return p - start;
}


static void
ngx_http_aistream_unit_sent_signed(ngx_http_aistream_unit_sent_t *sent,
    ngx_str_t *signature)
{
    if (signature->data) {
        ngx_http_aistream_json_out_add(&sent->parts, "signature", signature);
        ngx_http_aistream_json_out_add(&sent->parts, "origin",
                                       &ngx_http_aistream_unit_origin);
    }
}
