
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A provider and a load client that measure what stands between them.  Both
 * are one process with one epoll.  Each token's text carries the number of
 * its stream, its own number and the time at which it was written, so the
 * client knows of each whether it came once, in its turn, and how long it
 * took.  Times are nanoseconds of CLOCK_MONOTONIC.
 */


#ifndef _BENCH_H_INCLUDED_
#define _BENCH_H_INCLUDED_


#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>


#define BENCH_STREAMS     16384     /* the most at a time */
#define BENCH_TOKEN_SIZE  64        /* of a token's text, the most */


/* token.c: the text of tokens, and whether they come as they were sent */

typedef struct {
    unsigned    stream;
    unsigned    len;
    char        text[BENCH_TOKEN_SIZE];     /* of the one that is read */

    uint64_t    next;           /* the number of the token that is due */
    uint64_t    tokens;         /* that came in their turn */
    uint64_t    lost;           /* left out */
    uint64_t    again;          /* not later than one that came: repeated */
    uint64_t    broken;         /* another stream's, or not a token's text */
} bench_tokens_t;

typedef void (*bench_latency_pt)(void *data, uint64_t sent);

/* in JSON's form; returns the length */
size_t bench_token_write(char *p, unsigned stream, uint64_t n, uint64_t now);

/* any piece of the text, as it is after JSON */
void bench_tokens_read(bench_tokens_t *t, const char *p, size_t n,
    bench_latency_pt latency, void *data);


/* answer.c: an HTTP/1.1 answer that is a stream in one of the dialects */

typedef enum {
    BENCH_RAW_OPENAI = 0,       /* a provider's, as it sends it */
    BENCH_RAW_ANTHROPIC,
    BENCH_RAW_GEMINI,
    BENCH_DATA,                 /* a client's, as the gateway makes it */
    BENCH_UI
} bench_dialect_e;

typedef struct {
    bench_tokens_t      tokens;
    bench_latency_pt    latency;
    void               *data;

    bench_dialect_e     dialect;
    int                 state;
    int                 status;         /* of HTTP; 0: not yet */
    uint64_t            rest;           /* of the chunk or body */

    unsigned            chunked:1;
    unsigned            finished:1;     /* the dialect's own end came */
    unsigned            failed:1;       /* its error, or what is no HTTP */
    unsigned            complete:1;     /* the last byte came */

    unsigned            head_len;
    unsigned            len;
    char                head[1024];     /* a line of HTTP's own */
    char                line[4096];     /* one of the body's */
} bench_answer_t;

int bench_dialect(const char *name);

void bench_answer_init(bench_answer_t *a, bench_dialect_e dialect,
    unsigned stream);

/* returns how much of it was this answer's: all of it, if not complete */
size_t bench_answer_read(bench_answer_t *a, const char *p, size_t n);

/* complete, with its proper end, and as many tokens as it should have */
int bench_answer_sound(bench_answer_t *a, uint64_t tokens);


/* event.c: what a provider sends */

typedef struct {
    bench_dialect_e     dialect;
    unsigned            stream;
    uint64_t            tokens;         /* of the answer */
    uint64_t            every;          /* 0: as fast as it goes */
    unsigned            batch;          /* tokens in one write */
    unsigned            step:1;         /* when the client asks for it */
    unsigned            whole:1;        /* all in one write */
} bench_mode_t;

/* "tokens-1000-every-20000us-batch-1-step-whole", all but the first optional */
int bench_mode(bench_mode_t *mode, const char *p);

#define BENCH_EVENT_SIZE  640           /* of each of these, the most */

size_t bench_event_header(char *p);
size_t bench_event_start(char *p, bench_mode_t *mode);
size_t bench_event_token(char *p, bench_mode_t *mode, uint64_t n,
    uint64_t now);
size_t bench_event_end(char *p, bench_mode_t *mode);


/* system.c: clocks, sockets, and another process's use of the machine */

typedef struct {
    uint64_t    time;
    uint64_t    cpu;            /* nanoseconds, user's and system's */
    uint64_t    user;           /* ticks, sampled by the kernel */
    uint64_t    system;
    uint64_t    interrupts;     /* times that another one took the core */
    uint64_t    writes;         /* system calls; 0: not to be known */
    uint64_t    memory;         /* KiB that are its own */
} bench_usage_t;

uint64_t bench_now(void);
int bench_listen(int port, int *bound);
int bench_connect(int port);
const char *bench_congestion(int fd);
void bench_usage(bench_usage_t *u, pid_t pid);
int bench_fail(const char *what);


int bench_provider(int argc, char **argv);
int bench_client(int argc, char **argv);
int bench_exec(int argc, char **argv);
int bench_self_test(void);


#endif /* _BENCH_H_INCLUDED_ */
