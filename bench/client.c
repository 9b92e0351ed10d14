
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The load: streams, each of which sends its requests one after the other over
 * one connection.  What is measured lies in a window: from when every stream
 * has had its first tokens, or the first answers are complete, until the first
 * stream ends, or the last answers begin, or the time is up.  So neither what
 * starts nor what ends the load counts.  Every token is checked, outside of
 * the window too.
 */


#include "bench.h"

#include <fcntl.h>
#include <getopt.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>


#define BENCH_STARTING  64      /* connections without an answer, the most */


typedef struct {
    int              fd;        /* -1: not open */
    unsigned         number;
    unsigned         requests;  /* sent */
    uint64_t         asked;     /* for the tokens behind this number */
    uint64_t         left;      /* when the client closed it; 0: it did not */

    unsigned         starting:1;
    unsigned         warm:1;

    bench_answer_t   answer;
} bench_stream_t;


typedef struct {
    int              port;
    int              provider;      /* its port, for steps and leaving */
    const char      *path;
    const char      *model;
    bench_dialect_e  dialect;
    int              parts;         /* messages with "parts" */
    unsigned         streams;
    unsigned         requests;      /* of each stream */
    uint64_t         tokens;        /* of each answer */
    uint64_t         warm;          /* tokens of each, or answers of all */
    uint64_t         seconds;       /* of the window; 0: until the end */
    uint64_t         limit;         /* seconds for all of it */
    uint64_t         leave;         /* after as many tokens; 0: never */
    unsigned         batch;         /* tokens a step; 0: no steps */
    int              cut;           /* close all at the window's end */
    pid_t            pid;           /* whose use is measured; 0: nobody's */
} bench_options_t;


static bench_options_t   bench_opt = {
    .path = "/", .model = "tokens-10", .streams = 1, .requests = 1,
    .tokens = 10, .warm = 1, .limit = 120
};
static bench_stream_t   *bench_all;
static int               bench_epoll;
static uint64_t          bench_clock;       /* when the last read returned */

static int               bench_driver = -1; /* the connection for steps */
static uint16_t          bench_steps[BENCH_STREAMS];
static unsigned          bench_steps_len;

static unsigned          bench_starting;
static unsigned          bench_opened;
static unsigned          bench_closed;
static unsigned          bench_warm;
static uint64_t          bench_answers;
static uint64_t          bench_tokens;
static uint64_t          bench_reads;
static bench_tokens_t    bench_sum;
static uint64_t          bench_errors;

static int               bench_window;      /* 0: before, 1: in it, 2: after */
static bench_usage_t     bench_before, bench_begin, bench_end;
static uint64_t          bench_window_answers;
static uint64_t          bench_window_tokens;
static uint64_t          bench_window_reads;

static uint32_t         *bench_latencies;
static size_t            bench_latencies_len;
static size_t            bench_latencies_size;


static void
bench_latency(void *data, uint64_t sent)
{
    (void) data;
    bench_tokens++;

    if (bench_window != 1) {
        return;
    }

    if (bench_latencies_len == bench_latencies_size) {
        bench_latencies_size = bench_latencies_size * 2 + 65536;
        bench_latencies = realloc(bench_latencies,
                                  bench_latencies_size * sizeof(uint32_t));
    }

    bench_latencies[bench_latencies_len++] = bench_clock - sent;
}


static void
bench_window_begin(void)
{
    bench_usage(&bench_begin, bench_opt.pid);
    bench_window = 1;
    bench_window_answers = bench_answers;
    bench_window_tokens = bench_tokens;
    bench_window_reads = bench_reads;
}


static void
bench_window_end(void)
{
    if (bench_window != 1) {
        return;
    }

    bench_usage(&bench_end, bench_opt.pid);
    bench_window = 2;
    bench_window_answers = bench_answers - bench_window_answers;
    bench_window_tokens = bench_tokens - bench_window_tokens;
    bench_window_reads = bench_reads - bench_window_reads;
}


static void
bench_send(bench_stream_t *stream)
{
    int          len, body_len;
    char         body[1024], request[2048];
    const char  *form;

    form = "{\"model\":\"%s\",\"stream\":true,\"max_tokens\":1000,"
           "\"messages\":[{\"role\":\"user\",\"content\":"
           "\"stream=%u Why is the sky blue, and why is it red at dusk?\"}]}";

    if (bench_opt.dialect == BENCH_RAW_GEMINI) {
        form = "{\"model\":\"%s\",\"contents\":[{\"role\":\"user\",\"parts\":"
               "[{\"text\":\"stream=%u Why is the sky blue, and why is it red "
               "at dusk?\"}]}]}";

    } else if (bench_opt.parts) {
        form = "{\"id\":\"%s\",\"trigger\":\"submit-message\",\"messages\":"
               "[{\"id\":\"m1\",\"role\":\"user\",\"parts\":[{\"type\":"
               "\"text\",\"text\":\"stream=%u Why is the sky blue, and why is "
               "it red at dusk?\"}]}]}";
    }

    body_len = snprintf(body, sizeof(body), form, bench_opt.model,
                        stream->number);
    len = snprintf(request, sizeof(request),
                   "POST %s HTTP/1.1\r\nHost: bench.test\r\n"
                   "User-Agent: bench\r\nAccept: */*\r\n"
                   "Content-Type: application/json\r\n"
                   "Content-Length: %d\r\n\r\n%s",
                   bench_opt.path, body_len, body);

    bench_answer_init(&stream->answer, bench_opt.dialect, stream->number);
    stream->answer.latency = bench_latency;
    stream->requests++;
    stream->asked = 0;

    if (send(stream->fd, request, len, MSG_NOSIGNAL) != len) {
        bench_errors++;
    }
}


static int
bench_open(bench_stream_t *stream)
{
    struct epoll_event  ev;

    stream->fd = bench_connect(bench_opt.port);

    if (stream->fd == -1) {
        return bench_fail("connect()");
    }

    fcntl(stream->fd, F_SETFL, O_NONBLOCK);
    ev.events = EPOLLIN;
    ev.data.ptr = stream;
    epoll_ctl(bench_epoll, EPOLL_CTL_ADD, stream->fd, &ev);

    stream->starting = 1;
    bench_starting++;
    bench_opened++;
    bench_send(stream);

    return 0;
}


static void
bench_close(bench_stream_t *stream)
{
    close(stream->fd);
    stream->fd = -1;
    bench_closed++;

    if (stream->starting) {
        stream->starting = 0;
        bench_starting--;
    }
}


/* the sums of an answer, which is complete if it was not to be left */

static void
bench_count(bench_stream_t *stream, int complete)
{
    bench_tokens_t  *t;

    t = &stream->answer.tokens;
    bench_sum.tokens += t->tokens;
    bench_sum.lost += t->lost;
    bench_sum.again += t->again;
    bench_sum.broken += t->broken;

    if (!complete) {
        bench_errors += stream->answer.failed;
        return;
    }

    bench_answers++;

    if (!bench_answer_sound(&stream->answer, bench_opt.tokens)) {
        bench_errors++;
    }

    if (bench_opt.requests > 1) {

        if (bench_window == 0 && bench_answers >= bench_opt.warm) {
            bench_window_begin();

        } else if (bench_answers + bench_opt.streams
                   >= (uint64_t) bench_opt.requests * bench_opt.streams)
        {
            bench_window_end();
        }

    } else {
        bench_window_end();
    }
}


static void
bench_progress(bench_stream_t *stream)
{
    uint64_t  n;

    n = stream->answer.tokens.next;

    if (stream->starting && stream->answer.status) {
        stream->starting = 0;
        bench_starting--;
    }

    if (!stream->warm && n >= bench_opt.warm && bench_opt.requests == 1) {
        stream->warm = 1;

        if (++bench_warm == bench_opt.streams) {
            bench_window_begin();
        }
    }

    if (bench_opt.batch && n > stream->asked && n % bench_opt.batch == 0) {
        stream->asked = n;
        bench_steps[bench_steps_len++] = stream->number;
    }
}


static void
bench_read(bench_stream_t *stream)
{
    ssize_t      n;
    size_t       used;
    static char  buf[262144];

    n = recv(stream->fd, buf, sizeof(buf), 0);
    bench_clock = bench_now();

    if (n == -1 && errno == EAGAIN) {
        return;
    }

    if (n <= 0) {
        bench_count(stream, 1);
        bench_close(stream);
        return;
    }

    bench_reads++;
    used = bench_answer_read(&stream->answer, buf, n);
    bench_progress(stream);

    if (!stream->answer.complete) {

        if (bench_opt.leave
            && stream->answer.tokens.next >= bench_opt.leave)
        {
            stream->left = bench_now();
            bench_count(stream, 0);
            bench_close(stream);
        }

        return;
    }

    bench_errors += (used != (size_t) n);
    bench_count(stream, 1);

    if (stream->answer.failed || stream->requests == bench_opt.requests) {
        bench_close(stream);
        return;
    }

    bench_send(stream);
}


static void
bench_cut(void)
{
    unsigned  i;

    for (i = 0; i < bench_opened; i++) {
        if (bench_all[i].fd != -1) {
            bench_count(&bench_all[i], 0);
            bench_close(&bench_all[i]);
        }
    }
}


static int
bench_load(void)
{
    int                 i, n;
    uint64_t            now, last;
    struct epoll_event  events[512];

    last = bench_now() + bench_opt.limit * 1000000000;

    if (bench_opt.batch) {
        bench_driver = bench_connect(bench_opt.provider);

        if (bench_driver == -1
            || write(bench_driver, "STEP\n", 5) != 5)
        {
            return bench_fail("connect()");
        }
    }

    while (bench_closed < bench_opt.streams) {

        while (bench_opened < bench_opt.streams
               && bench_starting < BENCH_STARTING)
        {
            if (bench_open(&bench_all[bench_opened]) != 0) {
                return 2;
            }
        }

        n = epoll_wait(bench_epoll, events, 512, 100);

        for (i = 0; i < n; i++) {
            bench_read(events[i].data.ptr);
        }

        if (bench_steps_len) {
            (void) !write(bench_driver, bench_steps, bench_steps_len * 2);
            bench_steps_len = 0;
        }

        now = bench_now();

        if (now > last) {
            fprintf(stderr, "bench: the time is up\n");
            bench_errors++;
            bench_cut();
            break;
        }

        if (bench_window == 1 && bench_opt.seconds
            && now - bench_begin.time >= bench_opt.seconds * 1000000000)
        {
            bench_window_end();
        }

        if (bench_window == 2 && bench_opt.cut) {
            bench_cut();
        }
    }

    return 0;
}


static int
bench_compare(const void *one, const void *two)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}


static void
bench_percentiles(const char *name)
{
    size_t  n;

    n = bench_latencies_len;

    if (n == 0) {
        return;
    }

    qsort(bench_latencies, n, sizeof(uint32_t), bench_compare);

    printf("%s_p50_ns=%u\n%s_p99_ns=%u\n%s_p999_ns=%u\n%s_max_ns=%u\n",
           name, bench_latencies[n / 2],
           name, bench_latencies[n - 1 - n / 100],
           name, bench_latencies[n - 1 - n / 1000],
           name, bench_latencies[n - 1]);
}


/* asks the provider when it saw those leave that the client has left */

static unsigned
bench_ask_left(void)
{
    int                  fd;
    FILE                *in;
    char                 line[256];
    unsigned             stream, found;
    unsigned long long   time;

    fd = bench_connect(bench_opt.provider);

    if (fd == -1 || write(fd, "GET /left HTTP/1.1\r\n\r\n", 22) != 22) {
        return 0;
    }

    in = fdopen(fd, "r");
    found = 0;

    while (fgets(line, sizeof(line), in)) {

        if (sscanf(line, "%u %llu", &stream, &time) == 2
            && stream < bench_opt.streams && bench_all[stream].left)
        {
            bench_latencies[bench_latencies_len++] =
                                            time - bench_all[stream].left;
            bench_all[stream].left = 0;
            found++;
        }
    }

    fclose(in);

    return found;
}


static void
bench_left(void)
{
    int       tries;
    unsigned  found;

    bench_latencies_len = 0;
    bench_latencies = realloc(bench_latencies,
                              bench_opt.streams * sizeof(uint32_t));
    found = 0;

    for (tries = 0; tries < 50 && found < bench_opt.streams; tries++) {
        usleep(100000);
        found += bench_ask_left();
    }

    printf("left=%u\n", found);
    bench_percentiles("left");
}


#define bench_print(name, value)                                              \
    printf("%s=%llu\n", name, (unsigned long long) (value))


static void
bench_report(void)
{
    bench_print("streams", bench_opt.streams);
    bench_print("answers", bench_answers);
    bench_print("tokens", bench_sum.tokens);
    bench_print("lost", bench_sum.lost);
    bench_print("again", bench_sum.again);
    bench_print("broken", bench_sum.broken);
    bench_print("errors", bench_errors);

    if (bench_window == 2) {
        bench_print("window_ns", bench_end.time - bench_begin.time);
        bench_print("window_answers", bench_window_answers);
        bench_print("window_tokens", bench_window_tokens);
        bench_print("window_reads", bench_window_reads);
        bench_print("cpu_ns", bench_end.cpu - bench_begin.cpu);
        bench_print("user_ticks", bench_end.user - bench_begin.user);
        bench_print("system_ticks", bench_end.system - bench_begin.system);
        bench_print("writes", bench_end.writes - bench_begin.writes);
        bench_print("interrupts", bench_end.interrupts
                                  - bench_begin.interrupts);
        bench_print("memory_before_kb", bench_before.memory);
        bench_print("memory_begin_kb", bench_begin.memory);
        bench_print("memory_end_kb", bench_end.memory);
    }

    if (bench_opt.leave == 0) {
        bench_percentiles("latency");
    }
}


static const struct option  bench_names[] = {
    { "port", 1, NULL, 'p' },
    { "provider-port", 1, NULL, 'P' },
    { "path", 1, NULL, 'u' },
    { "model", 1, NULL, 'm' },
    { "dialect", 1, NULL, 'd' },
    { "parts", 0, NULL, 'a' },
    { "streams", 1, NULL, 's' },
    { "requests", 1, NULL, 'r' },
    { "tokens", 1, NULL, 't' },
    { "warm", 1, NULL, 'w' },
    { "seconds", 1, NULL, 'S' },
    { "limit", 1, NULL, 'l' },
    { "leave", 1, NULL, 'L' },
    { "batch", 1, NULL, 'b' },
    { "cut", 0, NULL, 'c' },
    { "pid", 1, NULL, 'i' },
    { NULL, 0, NULL, 0 }
};


static int
bench_options(int argc, char **argv)
{
    int  c, dialect;

    while ((c = getopt_long(argc, argv, "", bench_names, NULL)) != -1) {

        switch (c) {
        case 'p': bench_opt.port = atoi(optarg); break;
        case 'P': bench_opt.provider = atoi(optarg); break;
        case 'u': bench_opt.path = optarg; break;
        case 'm': bench_opt.model = optarg; break;
        case 'a': bench_opt.parts = 1; break;
        case 's': bench_opt.streams = atoi(optarg); break;
        case 'r': bench_opt.requests = atoi(optarg); break;
        case 't': bench_opt.tokens = strtoull(optarg, NULL, 10); break;
        case 'w': bench_opt.warm = strtoull(optarg, NULL, 10); break;
        case 'S': bench_opt.seconds = strtoull(optarg, NULL, 10); break;
        case 'l': bench_opt.limit = strtoull(optarg, NULL, 10); break;
        case 'L': bench_opt.leave = strtoull(optarg, NULL, 10); break;
        case 'b': bench_opt.batch = atoi(optarg); break;
        case 'c': bench_opt.cut = 1; break;
        case 'i': bench_opt.pid = atoi(optarg); break;

        case 'd':
            dialect = bench_dialect(optarg);

            if (dialect == -1) {
                fprintf(stderr, "bench: no dialect \"%s\"\n", optarg);
                return -1;
            }

            bench_opt.dialect = dialect;
            break;

        default:
            return -1;
        }
    }

    return bench_opt.port && bench_opt.streams
           && bench_opt.streams <= BENCH_STREAMS ? 0 : -1;
}


/* prints what it measured as "name=value" lines; 0: every token came well */

int
bench_client(int argc, char **argv)
{
    unsigned  i;

    if (bench_options(argc, argv) == -1) {
        fprintf(stderr, "bench: wrong options for the client\n");
        return 2;
    }

    bench_epoll = epoll_create1(0);
    bench_all = calloc(bench_opt.streams, sizeof(bench_stream_t));

    if (bench_all == NULL) {
        return bench_fail("calloc()");
    }

    for (i = 0; i < bench_opt.streams; i++) {
        bench_all[i].fd = -1;
        bench_all[i].number = i;
    }

    bench_usage(&bench_before, bench_opt.pid);

    if (bench_load() != 0) {
        return 2;
    }

    bench_report();

    if (bench_opt.leave) {
        bench_left();
    }

    return bench_sum.lost || bench_sum.again || bench_sum.broken
           || bench_errors;
}
