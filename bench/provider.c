
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The provider: the request's path tells the dialect, its model the mode, and
 * "stream=N" in its body the stream's number.  Two more requests are for the
 * client alone:
 *
 *     STEP         each stream's number that follows, of two bytes, lets
 *                  that stream go one write on
 *     GET /left    when the connections of unfinished answers were closed,
 *                  since the last such request: lines of "STREAM TIME"
 */


#include "bench.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>


#define BENCH_REQUEST_SIZE  16384


typedef struct bench_peer_s  bench_peer_t;

struct bench_peer_s {
    int             fd;
    int             steps;          /* it drives streams */
    bench_mode_t    mode;
    uint64_t        n;              /* of the next token */
    uint64_t        due;
    unsigned        slot;           /* in the heap, from 1; 0: not in it */

    bench_peer_t   *next;           /* of those that go as fast as they can */
    bench_peer_t   *prev;

    char           *out;
    size_t          out_size;
    size_t          out_len;
    size_t          out_sent;

    size_t          len;
    char            request[BENCH_REQUEST_SIZE];

    unsigned        answering:1;
    unsigned        blocked:1;
    unsigned        ended:1;        /* the answer's last byte is in out */
    unsigned        closed:1;
};


static int            bench_epoll;
static bench_peer_t   bench_running = { .next = &bench_running,
                                        .prev = &bench_running };
static bench_peer_t  *bench_closed;
static bench_peer_t  *bench_heap[BENCH_STREAMS + 1];
static unsigned       bench_heap_len;
static bench_peer_t  *bench_streams[BENCH_STREAMS];
static struct {
    unsigned          stream;
    uint64_t          time;
}                     bench_left[BENCH_STREAMS];
static unsigned       bench_left_len;


/* a heap of those that have a time, the next one first */

static void
bench_heap_place(unsigned i, bench_peer_t *peer)
{
    bench_heap[i] = peer;
    peer->slot = i;
}


static void
bench_heap_sift(unsigned i)
{
    unsigned       child;
    bench_peer_t  *peer;

    peer = bench_heap[i];

    while (i > 1 && bench_heap[i / 2]->due > peer->due) {
        bench_heap_place(i, bench_heap[i / 2]);
        i /= 2;
    }

    while ((child = 2 * i) <= bench_heap_len) {

        if (child < bench_heap_len
            && bench_heap[child + 1]->due < bench_heap[child]->due)
        {
            child++;
        }

        if (bench_heap[child]->due >= peer->due) {
            break;
        }

        bench_heap_place(i, bench_heap[child]);
        i = child;
    }

    bench_heap_place(i, peer);
}


static void
bench_heap_add(bench_peer_t *peer, uint64_t due)
{
    peer->due = due;

    if (peer->slot == 0) {
        bench_heap_place(++bench_heap_len, peer);
    }

    bench_heap_sift(peer->slot);
}


static void
bench_heap_remove(bench_peer_t *peer)
{
    unsigned       i;
    bench_peer_t  *last;

    i = peer->slot;

    if (i == 0) {
        return;
    }

    peer->slot = 0;
    last = bench_heap[bench_heap_len--];

    if (last != peer) {
        bench_heap_place(i, last);
        bench_heap_sift(i);
    }
}


static void
bench_run(bench_peer_t *peer, int on)
{
    if (peer->next) {
        peer->next->prev = peer->prev;
        peer->prev->next = peer->next;
        peer->next = NULL;
    }

    if (on) {
        peer->next = &bench_running;
        peer->prev = bench_running.prev;
        peer->prev->next = peer;
        bench_running.prev = peer;
    }
}


static void
bench_rest(bench_peer_t *peer)
{
    bench_run(peer, 0);
    bench_heap_remove(peer);
}


static void
bench_close(bench_peer_t *peer)
{
    if (peer->closed) {
        return;
    }

    if (peer->answering && bench_left_len < BENCH_STREAMS) {
        bench_left[bench_left_len].stream = peer->mode.stream;
        bench_left[bench_left_len++].time = bench_now();
    }

    if (bench_streams[peer->mode.stream] == peer) {
        bench_streams[peer->mode.stream] = NULL;
    }

    bench_rest(peer);
    close(peer->fd);
    peer->closed = 1;
    peer->next = bench_closed;
    bench_closed = peer;
}


/* not before no event of theirs is left */

static void
bench_free_closed(void)
{
    bench_peer_t  *peer;

    while ((peer = bench_closed) != NULL) {
        bench_closed = peer->next;
        free(peer->out);
        free(peer);
    }
}


static void
bench_events(bench_peer_t *peer, uint32_t events)
{
    struct epoll_event  ev;

    ev.events = events;
    ev.data.ptr = peer;
    epoll_ctl(bench_epoll, EPOLL_CTL_MOD, peer->fd, &ev);
}


static void
bench_flush(bench_peer_t *peer)
{
    ssize_t  n;

    n = send(peer->fd, peer->out + peer->out_sent,
             peer->out_len - peer->out_sent, MSG_NOSIGNAL);

    if (n == -1 && errno != EAGAIN) {
        bench_close(peer);
        return;
    }

    peer->out_sent += (n > 0) ? n : 0;

    if (peer->out_sent < peer->out_len) {

        if (!peer->blocked) {
            peer->blocked = 1;
            bench_rest(peer);
            bench_events(peer, EPOLLIN|EPOLLOUT);
        }

        return;
    }

    peer->out_len = 0;
    peer->out_sent = 0;

    if (peer->ended) {
        peer->answering = 0;
        peer->ended = 0;
        bench_rest(peer);
    }
}


/* the next write: one token, or as many as the mode has in one */

static void
bench_write(bench_peer_t *peer)
{
    unsigned       i;
    uint64_t       now;
    bench_mode_t  *mode;

    mode = &peer->mode;
    now = bench_now();

    for (i = 0; i < mode->batch && peer->n < mode->tokens; i++) {
        peer->out_len += bench_event_token(peer->out + peer->out_len, mode,
                                           peer->n++, now);
    }

    if (mode->whole) {
        peer->out_len += bench_event_end(peer->out + peer->out_len, mode);
        peer->ended = 1;
    }

    bench_flush(peer);

    if (peer->n == mode->tokens && peer->out_len == 0 && peer->answering) {
        peer->out_len = bench_event_end(peer->out, mode);
        peer->ended = 1;
        bench_flush(peer);
    }
}


static void
bench_continue(bench_peer_t *peer)
{
    if (peer->closed || peer->blocked || !peer->answering) {
        return;
    }

    if (peer->n == peer->mode.tokens) {
        peer->out_len = bench_event_end(peer->out, &peer->mode);
        peer->ended = 1;
        bench_flush(peer);

    } else if (peer->mode.every) {
        bench_heap_add(peer, peer->due + peer->mode.every);

    } else if (!peer->mode.step) {
        bench_run(peer, 1);
    }
}


static void
bench_answer(bench_peer_t *peer)
{
    size_t         size;
    bench_mode_t  *mode;

    mode = &peer->mode;
    size = (mode->batch + 8) * BENCH_EVENT_SIZE;

    if (peer->out_size < size) {
        free(peer->out);
        peer->out = malloc(size);
        peer->out_size = size;
    }

    peer->n = 0;
    peer->answering = 1;
    peer->ended = 0;
    bench_streams[mode->stream] = peer;

    peer->out_len = bench_event_header(peer->out);
    peer->out_len += bench_event_start(peer->out + peer->out_len, mode);

    if (!mode->whole) {
        bench_flush(peer);
    }

    if (!peer->closed && !peer->blocked) {
        bench_write(peer);
    }

    /* streams that began together shall not speak together */

    if (mode->every) {
        peer->due = bench_now()
                    - mode->every * ((mode->stream * 40503u) % 65536) / 65536;
    }

    bench_continue(peer);
}


static void
bench_tell_left(bench_peer_t *peer)
{
    char      head[128], *body;
    size_t    len;
    unsigned  i;

    body = malloc(bench_left_len * 40 + 1);
    len = 0;

    for (i = 0; i < bench_left_len; i++) {
        len += sprintf(body + len, "%u %llu\n", bench_left[i].stream,
                       (unsigned long long) bench_left[i].time);
    }

    bench_left_len = 0;
    i = sprintf(head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
                "Connection: close\r\n\r\n", len);

    if (send(peer->fd, head, i, MSG_NOSIGNAL) > 0 && len) {
        fcntl(peer->fd, F_SETFL, 0);
        (void) !send(peer->fd, body, len, MSG_NOSIGNAL);
    }

    free(body);
    bench_close(peer);
}


/* 0: not all of it is here */

static size_t
bench_request_size(bench_peer_t *peer)
{
    char    *end, *p;
    size_t  size;

    peer->request[peer->len] = '\0';
    end = strstr(peer->request, "\r\n\r\n");

    if (end == NULL) {
        return 0;
    }

    size = end + 4 - peer->request;
    *end = '\0';
    p = strcasestr(peer->request, "\r\ncontent-length:");
    *end = '\r';

    if (p) {
        size += strtoul(p + sizeof("\r\ncontent-length:") - 1, NULL, 10);
    }

    return size <= peer->len ? size : 0;
}


static int
bench_parse(bench_peer_t *peer)
{
    char          *p, *line;
    bench_mode_t  *mode;

    mode = &peer->mode;
    line = peer->request;
    p = strstr(line, " HTTP/1.1\r\n");

    if (p == NULL) {
        return -1;
    }

    *p++ = '\0';

    if (strstr(line, "/chat/completions")) {
        mode->dialect = BENCH_RAW_OPENAI;

    } else if (strstr(line, "/messages")) {
        mode->dialect = BENCH_RAW_ANTHROPIC;

    } else if (strstr(line, ":streamGenerateContent")) {
        mode->dialect = BENCH_RAW_GEMINI;
        p = line;

    } else {
        return -1;
    }

    line = strstr(p, "tokens-");
    p = strstr(peer->request + strlen(peer->request) + 1, "stream=");

    if (line == NULL || p == NULL || bench_mode(mode, line) == -1) {
        return -1;
    }

    mode->stream = strtoul(p + 7, NULL, 10);

    return mode->stream < BENCH_STREAMS ? 0 : -1;
}


static void
bench_step(bench_peer_t *peer)
{
    size_t         i;
    uint16_t       number;
    bench_peer_t  *stream;

    for (i = 0; i + 2 <= peer->len; i += 2) {
        memcpy(&number, peer->request + i, 2);
        stream = bench_streams[number % BENCH_STREAMS];

        if (stream && stream->answering && !stream->blocked) {
            bench_write(stream);
        }
    }

    peer->len -= i;
    memmove(peer->request, peer->request + i, peer->len);
}


static void
bench_request(bench_peer_t *peer)
{
    size_t  size;

    if (!peer->steps && peer->len >= 5
        && memcmp(peer->request, "STEP\n", 5) == 0)
    {
        peer->steps = 1;
        peer->len -= 5;
        memmove(peer->request, peer->request + 5, peer->len);
    }

    if (peer->steps) {
        bench_step(peer);
        return;
    }

    size = bench_request_size(peer);

    if (size == 0) {
        if (peer->len == BENCH_REQUEST_SIZE - 1) {
            bench_close(peer);
        }

        return;
    }

    if (strncmp(peer->request, "GET /left ", 10) == 0) {
        bench_tell_left(peer);
        return;
    }

    if (peer->answering || size != peer->len || bench_parse(peer) == -1) {
        fprintf(stderr, "bench: the provider cannot read a request: %.200s\n",
                peer->request);
        bench_close(peer);
        return;
    }

    peer->len = 0;
    bench_answer(peer);
}


static void
bench_read(bench_peer_t *peer)
{
    ssize_t  n;

    n = recv(peer->fd, peer->request + peer->len,
             BENCH_REQUEST_SIZE - 1 - peer->len, 0);

    if (n == -1 && errno == EAGAIN) {
        return;
    }

    if (n <= 0) {
        bench_close(peer);
        return;
    }

    peer->len += n;
    bench_request(peer);
}


static void
bench_accept(int listening)
{
    int                  fd;
    bench_peer_t        *peer;
    struct epoll_event   ev;

    while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) != -1) {

        peer = calloc(1, sizeof(bench_peer_t));

        if (peer == NULL) {
            close(fd);
            return;
        }

        peer->fd = fd;
        ev.events = EPOLLIN;
        ev.data.ptr = peer;
        epoll_ctl(bench_epoll, EPOLL_CTL_ADD, fd, &ev);
    }
}


static void
bench_event(bench_peer_t *peer, uint32_t events)
{
    if ((events & EPOLLOUT) && peer->blocked) {
        bench_flush(peer);

        if (!peer->closed && peer->out_len == 0) {
            peer->blocked = 0;
            bench_events(peer, EPOLLIN);
            bench_continue(peer);
        }
    }

    if (!peer->closed && (events & (EPOLLIN|EPOLLHUP|EPOLLERR))) {
        bench_read(peer);
    }
}


/* those whose time has come, and one write of each that does not wait */

static void
bench_speak(void)
{
    uint64_t       now;
    bench_peer_t  *peer, *next;

    now = bench_now();

    while (bench_heap_len && bench_heap[1]->due <= now) {
        peer = bench_heap[1];
        bench_heap_add(peer, peer->due + peer->mode.every);
        bench_write(peer);
    }

    for (peer = bench_running.next; peer != &bench_running; peer = next) {
        next = peer->next;
        bench_write(peer);
    }
}


static struct timespec *
bench_wait(struct timespec *ts)
{
    uint64_t  now, due;

    due = 0;

    if (bench_running.next == &bench_running) {

        if (bench_heap_len == 0) {
            return NULL;
        }

        now = bench_now();
        due = bench_heap[1]->due;
        due = (due > now) ? due - now : 0;
    }

    ts->tv_sec = due / 1000000000;
    ts->tv_nsec = due % 1000000000;

    return ts;
}


/* prints the port, and serves until it is ended by a signal */

int
bench_provider(int argc, char **argv)
{
    int                 i, n, fd, port;
    struct timespec     ts;
    struct epoll_event  ev, events[512];

    fd = bench_listen(argc > 0 ? atoi(argv[0]) : 0, &port);

    if (fd == -1) {
        return bench_fail("listen()");
    }

    fcntl(fd, F_SETFL, O_NONBLOCK);
    bench_epoll = epoll_create1(0);
    ev.events = EPOLLIN;
    ev.data.ptr = NULL;
    epoll_ctl(bench_epoll, EPOLL_CTL_ADD, fd, &ev);

    printf("port=%d congestion=%s\n", port, bench_congestion(fd));
    fflush(stdout);

    for ( ;; ) {
        n = epoll_pwait2(bench_epoll, events, 512, bench_wait(&ts), NULL);

        if (n == -1 && errno != EINTR) {
            return bench_fail("epoll_pwait2()");
        }

        for (i = 0; i < n; i++) {

            if (events[i].data.ptr == NULL) {
                bench_accept(fd);

            } else {
                bench_event(events[i].data.ptr, events[i].events);
            }
        }

        bench_speak();
        bench_free_closed();
    }
}
