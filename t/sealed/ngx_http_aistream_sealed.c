
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What a configuration has allocated becomes read-only before the first event
 * is served: a write to it ends the process, and is reported.  Preloaded, and
 * called by a module that is built with the names below for nginx's.
 */


#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>


#define NGX_HTTP_AISTREAM_SEALED_SIZE  (256 * 1024 * 1024)
#define NGX_HTTP_AISTREAM_SEALED_PAGE  4096


extern void *ngx_palloc(void *pool, size_t size);
extern void *ngx_pnalloc(void *pool, size_t size);
extern void *ngx_pcalloc(void *pool, size_t size);

static void *ngx_http_aistream_sealed_take(size_t size);
static void ngx_http_aistream_sealed(void);
static void ngx_http_aistream_sealed_written(int signo, siginfo_t *info,
    void *context);


static char        *ngx_http_aistream_sealed_start;
static size_t       ngx_http_aistream_sealed_used;
static int          ngx_http_aistream_sealed_done;

/* nginx gives its workers no environment, and writes titles over its own */
static const char  *ngx_http_aistream_sealed_report;
static const char  *ngx_http_aistream_sealed_control;


__attribute__((constructor)) static void
ngx_http_aistream_sealed_init(void)
{
    const char  *report;

    report = getenv("AISTREAM_SEALED_REPORT");

    ngx_http_aistream_sealed_report = report ? strdup(report) : "/dev/null";
    ngx_http_aistream_sealed_control = getenv("AISTREAM_SEALED_CONTROL");
}


void *
ngx_palloc_sealed(void *pool, size_t size)
{
    void  *p;

    p = ngx_http_aistream_sealed_take(size);

    return p ? p : ngx_palloc(pool, size);
}


void *
ngx_pnalloc_sealed(void *pool, size_t size)
{
    void  *p;

    p = ngx_http_aistream_sealed_take(size);

    return p ? p : ngx_pnalloc(pool, size);
}


void *
ngx_pcalloc_sealed(void *pool, size_t size)
{
    void  *p;

    p = ngx_http_aistream_sealed_take(size);

    return p ? p : ngx_pcalloc(pool, size);
}


/* zeroes, which are never given back; NULL: it is no configuration's */

static void *
ngx_http_aistream_sealed_take(size_t size)
{
    char  *p;

    if (ngx_http_aistream_sealed_done) {
        return NULL;
    }

    if (ngx_http_aistream_sealed_start == NULL) {
        p = mmap(NULL, NGX_HTTP_AISTREAM_SEALED_SIZE, PROT_READ|PROT_WRITE,
                 MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0);

        if (p == MAP_FAILED) {
            return NULL;
        }

        ngx_http_aistream_sealed_start = p;
    }

    size = (size + 15) & ~(size_t) 15;

    if (size > NGX_HTTP_AISTREAM_SEALED_SIZE - ngx_http_aistream_sealed_used) {
        return NULL;
    }

    p = ngx_http_aistream_sealed_start + ngx_http_aistream_sealed_used;
    ngx_http_aistream_sealed_used += size;

    return p;
}


/* the first wait for events: a process that serves has been set up */

int
epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
    static int  (*next)(int, struct epoll_event *, int, int);

    if (!ngx_http_aistream_sealed_done) {
        ngx_http_aistream_sealed_done = 1;
        *(void **) &next = dlsym(RTLD_NEXT, "epoll_wait");

        if (ngx_http_aistream_sealed_start) {
            ngx_http_aistream_sealed();
        }
    }

    return next(fd, events, n, timeout);
}


static void
ngx_http_aistream_sealed(void)
{
    int               fd;
    size_t            size;
    struct sigaction  sa = { .sa_sigaction = ngx_http_aistream_sealed_written,
                             .sa_flags = SA_SIGINFO|SA_RESETHAND };

    size = (ngx_http_aistream_sealed_used + NGX_HTTP_AISTREAM_SEALED_PAGE - 1)
           & ~(size_t) (NGX_HTTP_AISTREAM_SEALED_PAGE - 1);

    if (mprotect(ngx_http_aistream_sealed_start, size, PROT_READ) != 0) {
        abort();
    }

    sigaction(SIGSEGV, &sa, NULL);

    fd = open(ngx_http_aistream_sealed_report, O_WRONLY|O_CREAT|O_APPEND,
              0666);

    if (fd != -1) {
        dprintf(fd, "sealed: %zu bytes\n", ngx_http_aistream_sealed_used);
        close(fd);
    }

    if (ngx_http_aistream_sealed_control) {
        *(volatile char *) ngx_http_aistream_sealed_start = 1;
    }
}


/* the instruction is run again, and then ends the process */

static void
ngx_http_aistream_sealed_written(int signo, siginfo_t *info, void *context)
{
    int     fd;
    char   *p;

    p = info->si_addr;

    if (p < ngx_http_aistream_sealed_start
        || p >= ngx_http_aistream_sealed_start + ngx_http_aistream_sealed_used)
    {
        return;
    }

    fd = open(ngx_http_aistream_sealed_report, O_WRONLY|O_APPEND);

    if (fd != -1) {
        dprintf(fd, "written: byte %zu, by process %d\n",
                (size_t) (p - ngx_http_aistream_sealed_start), (int) getpid());
        close(fd);
    }
}
