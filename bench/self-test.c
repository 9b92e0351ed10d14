
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A load client that misses what is wrong measures nothing: each kind of
 * damage must be found, in every dialect, whole and byte by byte.
 */


#include "bench.h"


#define BENCH_TEST_TOKENS  20


typedef enum {
    BENCH_SOUND = 0,
    BENCH_LOST,             /* a token is left out */
    BENCH_LOST_LAST,
    BENCH_AGAIN,            /* one comes twice */
    BENCH_SWAPPED,          /* two come in the other order */
    BENCH_ALTERED,          /* a byte is another one */
    BENCH_FOREIGN,          /* a token of another stream */
    BENCH_LATE,             /* the last token behind the dialect's end */
    BENCH_NO_END,           /* the dialect's end is missing */
    BENCH_ERROR,            /* the dialect's error came */
    BENCH_CUT,              /* HTTP's last chunk is missing */
    BENCH_STATUS,           /* not a 200 */
    BENCH_DAMAGES
} bench_damage_e;


static const char  *bench_damages[] = {
    "sound", "a lost token", "the last token lost", "a repeated token",
    "two tokens swapped", "an altered byte", "another stream's token",
    "a token behind the end", "no end", "an error", "no last chunk",
    "another status"
};

static unsigned  bench_passed, bench_failed;


static size_t
bench_test_chunk(char *p, const char *event)
{
    return sprintf(p, "%zx\r\n%s\r\n", strlen(event), event);
}


/* a client's dialect, as the gateway writes it; the provider writes its own */

static size_t
bench_test_token(char *p, bench_mode_t *mode, uint64_t n)
{
    char  event[BENCH_EVENT_SIZE], text[BENCH_TOKEN_SIZE];

    if (mode->dialect < BENCH_DATA) {
        return bench_event_token(p, mode, n, 1);
    }

    bench_token_write(text, mode->stream, n, 1);
    sprintf(event, mode->dialect == BENCH_DATA ? "0:\"%s\"\n"
            : "data: {\"type\":\"text-delta\",\"id\":\"1\",\"delta\":\"%s\"}"
              "\n\n", text);

    return bench_test_chunk(p, event);
}


static size_t
bench_test_end(char *p, bench_mode_t *mode)
{
    size_t  len;

    if (mode->dialect < BENCH_DATA) {
        len = bench_event_end(p, mode);
        return len - (sizeof("0\r\n\r\n") - 1);
    }

    return bench_test_chunk(p, mode->dialect == BENCH_DATA
                            ? "d:{\"finishReason\":\"stop\",\"usage\":{}}\n"
                            : "data: [DONE]\n\n");
}


static size_t
bench_test_error(char *p, bench_mode_t *mode)
{
    static const char  *events[] = {
        "data: {\"error\":{\"message\":\"x\"}}\n\n",
        "event: error\ndata: {\"type\":\"error\"}\n\n",
        "data: {\"error\": {\"code\": 503}}\r\n\r\n",
        "3:\"x\"\n",
        "data: {\"type\":\"error\",\"errorText\":\"x\"}\n\n"
    };

    return bench_test_chunk(p, events[mode->dialect]);
}


/* token number "at" is what the damage is done to */

static size_t
bench_test_tokens(char *p, bench_mode_t *mode, bench_damage_e damage, int at)
{
    int       n;
    char     *start, *last;
    unsigned  stream;

    last = p;
    stream = mode->stream;

    for (n = 0; n < BENCH_TEST_TOKENS; n++) {
        start = last;

        if ((damage == BENCH_LOST && n == at)
            || ((damage == BENCH_LOST_LAST || damage == BENCH_LATE)
                && n == BENCH_TEST_TOKENS - 1))
        {
            continue;
        }

        if (damage == BENCH_SWAPPED && n == at) {
            last += bench_test_token(last, mode, n + 1);
            last += bench_test_token(last, mode, n++);
            continue;
        }

        mode->stream = stream + (damage == BENCH_FOREIGN && n == at);
        last += bench_test_token(last, mode, n);
        mode->stream = stream;

        if (damage == BENCH_AGAIN && n == at) {
            last += bench_test_token(last, mode, n);
        }

        if (damage == BENCH_ALTERED && n == at) {
            *last = '\0';
            *(strchr(start, '#') - 1) ^= 1;
        }
    }

    return last - p;
}


static size_t
bench_test_answer(char *p, bench_mode_t *mode, bench_damage_e damage, int at)
{
    char  *last;

    last = p + bench_event_header(p);

    if (damage == BENCH_STATUS) {
        memcpy(p + sizeof("HTTP/1.1 ") - 1, "502", 3);
    }

    last += bench_event_start(last, mode);
    last += bench_test_tokens(last, mode, damage, at);

    if (damage == BENCH_ERROR) {
        last += bench_test_error(last, mode);
    }

    if (damage != BENCH_NO_END) {
        last += bench_test_end(last, mode);
    }

    if (damage == BENCH_LATE) {
        last += bench_test_token(last, mode, BENCH_TEST_TOKENS - 1);
    }

    if (damage != BENCH_CUT) {
        last += sprintf(last, "0\r\n\r\n");
    }

    return last - p;
}


static void
bench_test(bench_dialect_e dialect, bench_damage_e damage, int at, size_t size)
{
    char             text[64 * BENCH_EVENT_SIZE];
    size_t           n, len, used;
    bench_mode_t     mode;
    bench_answer_t   a;

    memset(&mode, 0, sizeof(mode));
    mode.dialect = dialect;
    mode.stream = 7;
    mode.tokens = BENCH_TEST_TOKENS;

    len = bench_test_answer(text, &mode, damage, at);
    bench_answer_init(&a, dialect, mode.stream);

    for (used = 0; used < len && !a.complete; used += n) {
        n = (len - used < size) ? len - used : size;
        n = bench_answer_read(&a, text + used, n);
    }

    if (bench_answer_sound(&a, BENCH_TEST_TOKENS)
        == (damage == BENCH_SOUND)
        && used == len) {
        bench_passed++;
        return;
    }

    bench_failed++;
    printf("not ok: %s, dialect %d, token %d, %zu bytes at a time\n",
           bench_damages[damage], dialect, at, size);
}


/* 0: all of it is found */

int
bench_self_test(void)
{
    int                at;
    size_t             i;
    bench_damage_e     damage;
    bench_dialect_e    dialect;
    static const size_t  sizes[] = { 1, 2, 7, 1000, 1000000 };

    for (dialect = BENCH_RAW_OPENAI; dialect <= BENCH_UI; dialect++) {
        for (damage = BENCH_SOUND; damage < BENCH_DAMAGES; damage++) {
            for (at = 0; at < BENCH_TEST_TOKENS - 1; at++) {
                for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
                    bench_test(dialect, damage, at, sizes[i]);
                }
            }
        }
    }

    printf("bench: %u passed, %u failed\n", bench_passed, bench_failed);

    return bench_failed != 0;
}
