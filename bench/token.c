
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A token's text is " #STREAM.NUMBER@TIME;", the time in hexadecimal.  Some
 * begin otherwise, with what JSON escapes and with what is not ASCII, so that
 * these are on the path that is measured as they are in real text.
 */


#include "bench.h"


static const char *
bench_token_prefix(uint64_t n, int json)
{
    switch (n % 16) {

    case 0:
        return json ? "\\n" : "\n";

    case 4:
        return json ? "\\\"" : "\"";

    case 8:
        return "\xc3\xa9";

    default:
        return " ";
    }
}


size_t
bench_token_write(char *p, unsigned stream, uint64_t n, uint64_t now)
{
    return sprintf(p, "%s#%u.%llu@%llx;", bench_token_prefix(n, 1), stream,
                   (unsigned long long) n, (unsigned long long) now);
}


/* a number and the character behind it; NULL: there is none, or another one */

static const char *
bench_token_number(const char *p, int base, char end, uint64_t *n)
{
    int          digit;
    const char  *start;

    *n = 0;

    for (start = p; *p != end; p++) {

        if (*p >= '0' && *p <= '9') {
            digit = *p - '0';

        } else if (base == 16 && *p >= 'a' && *p <= 'f') {
            digit = *p - 'a' + 10;

        } else {
            return NULL;
        }

        *n = *n * base + digit;
    }

    return p == start ? NULL : p + 1;
}


static void
bench_token_check(bench_tokens_t *t, bench_latency_pt latency, void *data)
{
    size_t       len;
    uint64_t     stream, n, sent;
    const char  *p, *prefix;

    t->text[t->len] = '\0';
    len = strcspn(t->text, "#");
    p = (len < t->len) ? t->text + len + 1 : NULL;

    if (p) {
        p = bench_token_number(p, 10, '.', &stream);
    }

    if (p) {
        p = bench_token_number(p, 10, '@', &n);
    }

    if (p) {
        p = bench_token_number(p, 16, ';', &sent);
    }

    if (p == NULL || *p != '\0' || stream != t->stream) {
        t->broken++;
        return;
    }

    prefix = bench_token_prefix(n, 0);

    if (len != strlen(prefix) || memcmp(t->text, prefix, len) != 0) {
        t->broken++;
        return;
    }

    if (n < t->next) {
        t->again++;
        return;
    }

    t->lost += n - t->next;
    t->next = n + 1;
    t->tokens++;

    if (latency) {
        latency(data, sent);
    }
}


void
bench_tokens_read(bench_tokens_t *t, const char *p, size_t n,
    bench_latency_pt latency, void *data)
{
    const char  *last;

    for (last = p + n; p < last; p++) {

        if (t->len == BENCH_TOKEN_SIZE - 1) {
            t->broken++;
            t->len = 0;
        }

        t->text[t->len++] = *p;

        if (*p == ';') {
            bench_token_check(t, latency, data);
            t->len = 0;
        }
    }
}
