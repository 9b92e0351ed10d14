
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * All dialects are lines; the text stands in the line as a JSON string behind
 * a key that is the dialect's own.  What ends an answer well is a line, too.
 */


#include <stddef.h>

#include "bench.h"


enum {
    BENCH_STATUS_LINE = 0,
    BENCH_HEADERS,
    BENCH_CHUNK_SIZE,
    BENCH_CHUNK,
    BENCH_CHUNK_END,
    BENCH_TRAILER,
    BENCH_BODY,
    BENCH_COMPLETE
};


typedef struct {
    const char     *name;
    const char     *line;       /* how a line with text begins */
    const char     *kind;       /* what else stands in it, or NULL */
    const char     *text;       /* what stands before the text */
    const char     *finish;     /* stands in the line that ends well */
    const char     *error;      /* in none */
} bench_reader_t;


static const bench_reader_t  bench_readers[] = {
    { "openai", "data: {", NULL, "\"content\":\"", "data: [DONE]",
      "\"error\":" },
    { "anthropic", "data: {", "\"text_delta\"", "\"text\":\"",
      "\"message_stop\"", "event: error" },
    { "gemini", "data: {", NULL, "\"text\": \"", "\"finishReason\": \"STOP\"",
      "\"error\":" },
    { "data", "0:", NULL, "0:\"", "d:{\"finishReason\":\"stop\"", "3:" },
    { "ui", "data: {", "\"text-delta\"", "\"delta\":\"", "data: [DONE]",
      "\"type\":\"error\"" },
    { NULL, NULL, NULL, NULL, NULL, NULL }
};


int
bench_dialect(const char *name)
{
    int  i;

    for (i = 0; bench_readers[i].name; i++) {
        if (strcmp(bench_readers[i].name, name) == 0) {
            return i;
        }
    }

    return -1;
}


void
bench_answer_init(bench_answer_t *a, bench_dialect_e dialect, unsigned stream)
{
    memset(a, 0, offsetof(bench_answer_t, head));
    a->dialect = dialect;
    a->tokens.stream = stream;
}


/* what a JSON string holds, to its closing quote; piece by piece */

static void
bench_answer_text(bench_answer_t *a, const char *p, const char *last)
{
    char         c;
    const char  *start;

    for (start = p; p < last && *p != '"'; p++) {

        if (*p != '\\') {
            continue;
        }

        bench_tokens_read(&a->tokens, start, p - start, a->latency, a->data);

        if (++p == last) {
            break;
        }

        c = (*p == 'n') ? '\n' : *p;
        bench_tokens_read(&a->tokens, &c, 1, a->latency, a->data);
        start = p + 1;
    }

    if (p == last) {
        a->failed = 1;
        return;
    }

    bench_tokens_read(&a->tokens, start, p - start, a->latency, a->data);
}


static void
bench_answer_line(bench_answer_t *a)
{
    char                  *p;
    const bench_reader_t  *reader;

    a->line[a->len] = '\0';
    reader = &bench_readers[a->dialect];

    if (strncmp(a->line, reader->line, strlen(reader->line)) == 0
        && (reader->kind == NULL || strstr(a->line, reader->kind)))
    {
        p = strstr(a->line, reader->text);

        if (p) {
            p += strlen(reader->text);
            a->failed |= (a->finished && *p != '"');
            bench_answer_text(a, p, a->line + a->len);
        }
    }

    if (strstr(a->line, reader->finish)) {
        a->finished = 1;
    }

    p = strstr(a->line, reader->error);

    if (p && (p == a->line || *p == '"')) {
        a->failed = 1;
    }
}


static void
bench_answer_lines(bench_answer_t *a, const char *p, size_t n)
{
    size_t       size;
    const char  *end;

    while (n) {
        end = memchr(p, '\n', n);
        size = end ? (size_t) (end - p) : n;

        if (a->len + size >= sizeof(a->line)) {
            a->failed = 1;
            a->len = 0;

        } else {
            memcpy(a->line + a->len, p, size);
            a->len += size;
        }

        if (end == NULL) {
            return;
        }

        bench_answer_line(a);
        a->len = 0;

        p = end + 1;
        n -= size + 1;
    }
}


/* a line of HTTP's own: status, header, size of a chunk */

static void
bench_answer_http(bench_answer_t *a)
{
    char  *p;

    if (a->head_len && a->head[a->head_len - 1] == '\r') {
        a->head_len--;
    }

    a->head[a->head_len] = '\0';
    p = a->head;

    switch (a->state) {

    case BENCH_STATUS_LINE:
        a->status = strncmp(p, "HTTP/1.1 ", 9) ? -1 : atoi(p + 9);
        a->failed |= (a->status != 200);
        a->state = BENCH_HEADERS;
        break;

    case BENCH_HEADERS:

        if (strcasecmp(p, "transfer-encoding: chunked") == 0) {
            a->chunked = 1;

        } else if (strncasecmp(p, "content-length:", 15) == 0) {
            a->rest = strtoull(p + 15, NULL, 10);

        } else if (a->head_len == 0) {
            a->state = a->chunked ? BENCH_CHUNK_SIZE
                                  : a->rest ? BENCH_BODY : BENCH_COMPLETE;
        }

        break;

    case BENCH_CHUNK_SIZE:
        a->rest = strtoull(p, &p, 16);
        a->failed |= (p == a->head);
        a->state = a->rest ? BENCH_CHUNK : BENCH_TRAILER;
        break;

    case BENCH_CHUNK_END:
        a->failed |= (a->head_len != 0);
        a->state = BENCH_CHUNK_SIZE;
        break;

    case BENCH_TRAILER:

        if (a->head_len == 0) {
            a->state = BENCH_COMPLETE;
        }

        break;
    }

    a->complete = (a->state == BENCH_COMPLETE);
}


static size_t
bench_answer_head(bench_answer_t *a, const char *p, size_t n)
{
    size_t       size;
    const char  *end;

    end = memchr(p, '\n', n);
    size = end ? (size_t) (end - p) : n;

    if (a->head_len + size >= sizeof(a->head)) {
        a->failed = 1;
        a->complete = 1;
        return n;
    }

    memcpy(a->head + a->head_len, p, size);
    a->head_len += size;

    if (end == NULL) {
        return n;
    }

    bench_answer_http(a);
    a->head_len = 0;

    return size + 1;
}


size_t
bench_answer_read(bench_answer_t *a, const char *p, size_t n)
{
    size_t       size;
    const char  *start, *last;

    start = p;
    last = p + n;

    while (p < last && !a->complete) {

        if (a->state != BENCH_CHUNK && a->state != BENCH_BODY) {
            p += bench_answer_head(a, p, last - p);
            continue;
        }

        size = last - p;

        if (size > a->rest) {
            size = a->rest;
        }

        bench_answer_lines(a, p, size);
        p += size;
        a->rest -= size;

        if (a->rest == 0) {
            a->state = (a->state == BENCH_CHUNK) ? BENCH_CHUNK_END
                                                 : BENCH_COMPLETE;
            a->complete = (a->state == BENCH_COMPLETE);
        }
    }

    return p - start;
}


int
bench_answer_sound(bench_answer_t *a, uint64_t tokens)
{
    bench_tokens_t  *t;

    t = &a->tokens;

    return a->complete && a->finished && !a->failed && t->len == 0
           && t->next == tokens
           && t->lost == 0 && t->again == 0 && t->broken == 0;
}
