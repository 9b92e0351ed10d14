
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>


uint64_t
bench_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}


int
bench_fail(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    return 2;
}


/*
 * Bbr paces what it sends, which adds milliseconds that are no gateway's.
 * What is accepted has the listening socket's.
 */

static int
bench_socket(struct sockaddr_in *sin, int port)
{
    int  fd, on;

    memset(sin, 0, sizeof(struct sockaddr_in));
    sin->sin_family = AF_INET;
    sin->sin_port = htons(port);
    sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd == -1) {
        return -1;
    }

    if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5) == -1) {
        (void) setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
    }

    on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(int));

    return fd;
}


const char *
bench_congestion(int fd)
{
    socklen_t    len;
    static char  name[16];

    len = sizeof(name);
    name[0] = '\0';
    (void) getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len);

    return name;
}


int
bench_listen(int port, int *bound)
{
    int                 fd;
    socklen_t           len;
    struct sockaddr_in  sin;

    fd = bench_socket(&sin, port);
    len = sizeof(sin);

    if (fd == -1 || bind(fd, (struct sockaddr *) &sin, len) == -1
        || listen(fd, 4096) == -1
        || getsockname(fd, (struct sockaddr *) &sin, &len) == -1)
    {
        return -1;
    }

    *bound = ntohs(sin.sin_port);

    return fd;
}


int
bench_connect(int port)
{
    int                 fd;
    struct sockaddr_in  sin;

    fd = bench_socket(&sin, port);

    if (fd == -1) {
        return -1;
    }

    if (connect(fd, (struct sockaddr *) &sin, sizeof(sin)) == -1) {
        close(fd);
        return -1;
    }

    return fd;
}


/* the sum of what stands behind a key in a file of /proc */

static uint64_t
bench_usage_file(pid_t pid, const char *file, const char *key)
{
    char                 path[64], line[256];
    FILE                *in;
    uint64_t             sum;
    unsigned long long   n;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, file);
    in = fopen(path, "r");

    if (in == NULL) {
        return 0;
    }

    sum = 0;

    while (fgets(line, sizeof(line), in)) {
        if (strncmp(line, key, strlen(key)) == 0
            && sscanf(line + strlen(key), " %llu", &n) == 1)
        {
            sum += n;
        }
    }

    fclose(in);

    return sum;
}


static void
bench_usage_ticks(bench_usage_t *u, pid_t pid)
{
    char                 path[64], text[1024], *p;
    FILE                *in;
    size_t               n;
    unsigned long long   user, system;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
    in = fopen(path, "r");

    if (in == NULL) {
        return;
    }

    n = fread(text, 1, sizeof(text) - 1, in);
    text[n] = '\0';
    fclose(in);

    p = strrchr(text, ')');

    if (p && sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u"
                    " %llu %llu", &user, &system) == 2)
    {
        u->user = user;
        u->system = system;
    }
}


void
bench_usage(bench_usage_t *u, pid_t pid)
{
    clockid_t        clock;
    struct timespec  ts;

    memset(u, 0, sizeof(bench_usage_t));
    u->time = bench_now();

    if (pid == 0) {
        return;
    }

    if (clock_getcpuclockid(pid, &clock) == 0
        && clock_gettime(clock, &ts) == 0)
    {
        u->cpu = (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
    }

    bench_usage_ticks(u, pid);

    u->interrupts = bench_usage_file(pid, "status",
                                     "nonvoluntary_ctxt_switches:");
    u->writes = bench_usage_file(pid, "io", "syscw:");
    u->memory = bench_usage_file(pid, "smaps_rollup", "Private_Dirty:");
}
