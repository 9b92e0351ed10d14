
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <run/ngx_http_aistream_live.h>

#include <ngx_event.h>


/* number of ids read from NGX_HTTP_AISTREAM_LIVE_RANDOM at once */
#define NGX_HTTP_AISTREAM_LIVE_IDS  32

#define NGX_HTTP_AISTREAM_LIVE_RANDOM  "/dev/urandom"


/* the list of a worker's entries, in shared memory */

typedef struct {
    ngx_pid_t                        pid;
    uint32_t                         first;     /* first entry; 0: none */
    ngx_atomic_t                     stops;     /* how often an entry was
                                                   marked as stopped */
} ngx_http_aistream_live_worker_t;


/* index 0 means no entry, so entries[0] is never used */

typedef struct {
    uint32_t                         used;      /* entries that are, or were,
                                                   used: 1 to this index */
    uint32_t                         free;      /* the first entry of those
                                                   that is unused; 0: none */
    ngx_atomic_t                     full;      /* when live_full() last
                                                   returned 1, in seconds */

    /* the first entry with a hash; 0: none */
    uint32_t                         hash[NGX_HTTP_AISTREAM_LIVE_MAX];
    ngx_http_aistream_live_worker_t  workers[NGX_MAX_PROCESSES];    /* by
                                                   process slot */

    ngx_http_aistream_live_entry_t   entries[NGX_HTTP_AISTREAM_LIVE_MAX + 1];
    u_char                           conversations[
                                         NGX_HTTP_AISTREAM_LIVE_MAX + 1]
                                       [NGX_HTTP_AISTREAM_LIVE_CONVERSATION];
} ngx_http_aistream_live_table_t;


/* the data of this worker, in its own memory */

typedef struct {
    ngx_http_aistream_live_table_t  *table;
    ngx_http_aistream_live_worker_t *worker;
    ngx_event_t                      timer;
    ngx_uint_t                       runs;      /* number of listed runs */
    ngx_atomic_uint_t                stops;     /* worker->stops when the
                                                   runs were last stopped */
    uint32_t                         next;      /* next entry, while runs
                                                   are being stopped */

    u_char                           ids[NGX_HTTP_AISTREAM_LIVE_IDS]
                                        [NGX_HTTP_AISTREAM_LIVE_ID];
    ngx_uint_t                       nids;      /* unused ids */
} ngx_http_aistream_live_process_t;


static ngx_int_t ngx_http_aistream_live_init(ngx_shm_zone_t *zone,
    void *data);
static ngx_http_aistream_live_entry_t *ngx_http_aistream_live_create(
    ngx_shm_zone_t *zone, u_char *id, ngx_http_aistream_live_names_t *names);
static ngx_http_aistream_live_entry_t *ngx_http_aistream_live_take(
    ngx_http_aistream_live_table_t *table);
static void ngx_http_aistream_live_link(ngx_http_aistream_live_table_t *table,
    ngx_http_aistream_live_entry_t *e);
static void ngx_http_aistream_live_free(ngx_http_aistream_live_table_t *table,
    ngx_http_aistream_live_entry_t *e);
static size_t ngx_http_aistream_live_name(u_char *dst, ngx_str_t *name,
    size_t max);
static u_char *ngx_http_aistream_live_id(ngx_log_t *log);
static ngx_uint_t ngx_http_aistream_live_full(
    ngx_http_aistream_live_table_t *table);
static ngx_uint_t ngx_http_aistream_live_dead(ngx_pid_t pid);
static void ngx_http_aistream_live_sweep(ngx_shm_zone_t *zone);
static void ngx_http_aistream_live_sweep_worker(ngx_shm_zone_t *zone,
    ngx_uint_t n, ngx_pid_t pid);
static void ngx_http_aistream_live_timer(ngx_event_t *ev);
static void ngx_http_aistream_live_stop_runs(void);


#define ngx_http_aistream_live_lock(zone)                                     \
    ngx_shmtx_lock(&((ngx_slab_pool_t *) (zone)->shm.addr)->mutex)

#define ngx_http_aistream_live_unlock(zone)                                   \
    ngx_shmtx_unlock(&((ngx_slab_pool_t *) (zone)->shm.addr)->mutex)


static ngx_http_aistream_live_process_t  ngx_http_aistream_live;


ngx_shm_zone_t *
ngx_http_aistream_live_zone(ngx_conf_t *cf, void *tag)
{
    size_t           size;
    ngx_shm_zone_t  *zone;

    static ngx_str_t  name = ngx_string("aistream_live");

    /* 16 pages for the slab allocator's own data */

    size = ngx_align(sizeof(ngx_http_aistream_live_table_t), ngx_pagesize)
           + 16 * ngx_pagesize;

    zone = ngx_shared_memory_add(cf, &name, size, tag);
    if (zone == NULL) {
        return NULL;
    }

    zone->init = ngx_http_aistream_live_init;

    return zone;
}


static ngx_int_t
ngx_http_aistream_live_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t                 *pool;
    ngx_http_aistream_live_table_t  *table;

    pool = (ngx_slab_pool_t *) zone->shm.addr;

    if (data || zone->shm.exists) {
        zone->data = pool->data;
        return NGX_OK;
    }

    table = ngx_slab_alloc(pool, sizeof(ngx_http_aistream_live_table_t));
    if (table == NULL) {
        return NGX_ERROR;
    }

    /*
     * Entries are zeroed when they are taken: the memory pages of entries that
     * were never taken are not touched.
     */

    ngx_memzero(table, offsetof(ngx_http_aistream_live_table_t, entries));

    pool->data = table;
    zone->data = table;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_live_add(ngx_shm_zone_t *zone,
    ngx_http_aistream_live_t *run, ngx_http_aistream_live_stop_pt stop,
    ngx_http_aistream_live_names_t *names, ngx_log_t *log)
{
    u_char                            *id;
    ngx_http_aistream_live_entry_t    *e;
    ngx_http_aistream_live_process_t  *process;

    id = ngx_http_aistream_live_id(log);
    if (id == NULL) {
        return NGX_DECLINED;
    }

    e = ngx_http_aistream_live_create(zone, id, names);

    if (e == NULL && ngx_http_aistream_live_full(zone->data)) {
        ngx_http_aistream_live_sweep(zone);

        e = ngx_http_aistream_live_create(zone, id, names);

        if (e == NULL) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "aistream: table of %ui live runs is full, "
                          "run is not listed",
                          (ngx_uint_t) NGX_HTTP_AISTREAM_LIVE_MAX);
        }
    }

    if (e == NULL) {
        return NGX_DECLINED;
    }

    run->entry = e;
    run->stop = stop;
    e->run = run;

    process = &ngx_http_aistream_live;
    process->runs++;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, log, 0,
                   "aistream live run added, %ui of this worker",
                   process->runs);

    if (!process->timer.timer_set) {
        process->timer.handler = ngx_http_aistream_live_timer;
        process->timer.data = process;
        process->timer.log = ngx_cycle->log;
        process->timer.cancelable = 1;

        ngx_add_timer(&process->timer, NGX_HTTP_AISTREAM_LIVE_INTERVAL);
    }

    return NGX_OK;
}


void
ngx_http_aistream_live_remove(ngx_shm_zone_t *zone,
    ngx_http_aistream_live_t *run)
{
    ngx_http_aistream_live_entry_t    *e;
    ngx_http_aistream_live_table_t    *table;
    ngx_http_aistream_live_process_t  *process;

    e = run->entry;

    if (e == NULL) {
        return;
    }

    run->entry = NULL;

    table = zone->data;
    process = &ngx_http_aistream_live;

    if (process->next == (uint32_t) (e - table->entries)) {
        process->next = e->next;
    }

    ngx_http_aistream_live_lock(zone);
    ngx_http_aistream_live_free(table, e);
    ngx_http_aistream_live_unlock(zone);

    process->runs--;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, process->timer.log, 0,
                   "aistream live run removed, %ui of this worker",
                   process->runs);

    if (process->runs == 0 && process->timer.timer_set) {
        ngx_del_timer(&process->timer);
    }
}


/* takes an unused entry and fills it in; NULL: the table is full */

static ngx_http_aistream_live_entry_t *
ngx_http_aistream_live_create(ngx_shm_zone_t *zone, u_char *id,
    ngx_http_aistream_live_names_t *names)
{
    ngx_http_aistream_live_entry_t    *e;
    ngx_http_aistream_live_table_t    *table;
    ngx_http_aistream_live_worker_t   *worker;
    ngx_http_aistream_live_process_t  *process;

    table = zone->data;
    worker = &table->workers[ngx_process_slot];
    process = &ngx_http_aistream_live;

    if (process->worker != worker) {

        /* the previous worker of this slot may have been killed */

        ngx_http_aistream_live_sweep_worker(zone, ngx_process_slot,
                                            worker->pid);
        worker->pid = ngx_pid;

        process->table = table;
        process->worker = worker;
        process->stops = worker->stops;
    }

    ngx_http_aistream_live_lock(zone);

    e = ngx_http_aistream_live_take(table);

    if (e) {
        ngx_memcpy(e->id, id, NGX_HTTP_AISTREAM_LIVE_ID);

        if (names->owner) {
            ngx_memcpy(e->owner, names->owner, NGX_HTTP_AISTREAM_LIVE_OWNER);
        }

        e->start = names->start;
        e->model_len = ngx_http_aistream_live_name(e->model, &names->model,
                                                NGX_HTTP_AISTREAM_LIVE_MODEL);
        e->conversation_len = ngx_http_aistream_live_name(
                                table->conversations[e - table->entries],
                                &names->conversation,
                                NGX_HTTP_AISTREAM_LIVE_CONVERSATION);

        ngx_http_aistream_live_link(table, e);
    }

    ngx_http_aistream_live_unlock(zone);

    return e;
}


static ngx_http_aistream_live_entry_t *
ngx_http_aistream_live_take(ngx_http_aistream_live_table_t *table)
{
    ngx_http_aistream_live_entry_t  *e;

    if (table->free) {
        e = &table->entries[table->free];
        table->free = e->hash_next;

    } else if (table->used < NGX_HTTP_AISTREAM_LIVE_MAX) {
        e = &table->entries[++table->used];

    } else {
        return NULL;
    }

    ngx_memzero(e, sizeof(ngx_http_aistream_live_entry_t));

    return e;
}


static ngx_inline uint32_t *
ngx_http_aistream_live_hash(ngx_http_aistream_live_table_t *table, u_char *id)
{
    uint32_t  hash;

    /* ids are random, so their bytes are a hash */

    ngx_memcpy(&hash, id, sizeof(uint32_t));

    return &table->hash[hash % NGX_HTTP_AISTREAM_LIVE_MAX];
}


static void
ngx_http_aistream_live_link(ngx_http_aistream_live_table_t *table,
    ngx_http_aistream_live_entry_t *e)
{
    uint32_t                         n, *hash;
    ngx_http_aistream_live_worker_t  *worker;

    n = e - table->entries;
    hash = ngx_http_aistream_live_hash(table, e->id);
    worker = &table->workers[ngx_process_slot];

    e->pid = ngx_pid;
    e->worker = ngx_process_slot;

    e->next = worker->first;

    if (e->next) {
        table->entries[e->next].prev = n;
    }

    worker->first = n;

    e->hash_next = *hash;
    *hash = n;
}


static void
ngx_http_aistream_live_free(ngx_http_aistream_live_table_t *table,
    ngx_http_aistream_live_entry_t *e)
{
    uint32_t  n, *p;

    n = e - table->entries;
    p = ngx_http_aistream_live_hash(table, e->id);

    while (*p && *p != n) {
        p = &table->entries[*p].hash_next;
    }

    if (*p) {
        *p = e->hash_next;
    }

    if (e->next) {
        table->entries[e->next].prev = e->prev;
    }

    if (e->prev) {
        table->entries[e->prev].next = e->next;

    } else {
        table->workers[e->worker].first = e->next;
    }

    e->pid = 0;
    e->hash_next = table->free;
    table->free = n;
}


static size_t
ngx_http_aistream_live_name(u_char *dst, ngx_str_t *name, size_t max)
{
    size_t  len;

    len = name->len;

    if (len > max) {
        len = max;

        while (len && (name->data[len] & 0xc0) == 0x80) {
            len--;
        }
    }

    if (len) {
        ngx_memcpy(dst, name->data, len);
    }

    return len;
}


/* returns an unpredictable id; NULL: an error, which is logged */

static u_char *
ngx_http_aistream_live_id(ngx_log_t *log)
{
    ssize_t                            n;
    ngx_fd_t                           fd;
    ngx_http_aistream_live_process_t  *process;

    process = &ngx_http_aistream_live;

    if (process->nids) {
        return process->ids[--process->nids];
    }

    fd = ngx_open_file(NGX_HTTP_AISTREAM_LIVE_RANDOM, NGX_FILE_RDONLY,
                       NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_log_error(NGX_LOG_CRIT, log, ngx_errno,
                      ngx_open_file_n " \"%s\" failed",
                      NGX_HTTP_AISTREAM_LIVE_RANDOM);
        return NULL;
    }

    n = ngx_read_fd(fd, process->ids, sizeof(process->ids));

    if (n != (ssize_t) sizeof(process->ids)) {
        ngx_log_error(NGX_LOG_CRIT, log, n == -1 ? ngx_errno : 0,
                      ngx_read_fd_n " \"%s\" failed",
                      NGX_HTTP_AISTREAM_LIVE_RANDOM);

    } else {
        process->nids = NGX_HTTP_AISTREAM_LIVE_IDS;
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, log, ngx_errno,
                      ngx_close_file_n " \"%s\" failed",
                      NGX_HTTP_AISTREAM_LIVE_RANDOM);
    }

    return process->nids ? process->ids[--process->nids] : NULL;
}


/*
 * Called if the table is full.  Returns 1 at most once per second: the caller
 * then removes entries of dead workers, or logs that the table is full.
 */

static ngx_uint_t
ngx_http_aistream_live_full(ngx_http_aistream_live_table_t *table)
{
    ngx_atomic_uint_t  now, last;

    now = ngx_time();
    last = table->full;

    return now != last && ngx_atomic_cmp_set(&table->full, last, now);
}


/* whether the worker with this pid has exited */

static ngx_uint_t
ngx_http_aistream_live_dead(ngx_pid_t pid)
{
    return pid != ngx_pid && kill(pid, 0) == -1 && ngx_errno == NGX_ESRCH;
}


/* removes entries of dead workers; they are detected without the lock */

static void
ngx_http_aistream_live_sweep(ngx_shm_zone_t *zone)
{
    ngx_pid_t                         pid;
    ngx_uint_t                        i;
    ngx_http_aistream_live_table_t   *table;
    ngx_http_aistream_live_worker_t  *worker;

    table = zone->data;

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {
        worker = &table->workers[i];
        pid = worker->pid;

        if (pid && worker->first && ngx_http_aistream_live_dead(pid)) {
            ngx_http_aistream_live_sweep_worker(zone, i, pid);
        }
    }
}


/*
 * Removes the entries of the worker with this pid in the process slot n, unless
 * another process has the slot now.
 */

static void
ngx_http_aistream_live_sweep_worker(ngx_shm_zone_t *zone, ngx_uint_t n,
    ngx_pid_t pid)
{
    ngx_http_aistream_live_table_t   *table;
    ngx_http_aistream_live_worker_t  *worker;

    table = zone->data;
    worker = &table->workers[n];

    ngx_http_aistream_live_lock(zone);

    while (worker->pid == pid && worker->first) {
        ngx_http_aistream_live_free(table, &table->entries[worker->first]);
    }

    ngx_http_aistream_live_unlock(zone);
}


ngx_int_t
ngx_http_aistream_live_stop(ngx_shm_zone_t *zone, u_char *id)
{
    uint32_t                         n;
    ngx_pid_t                        pid;
    ngx_uint_t                       worker;
    ngx_http_aistream_live_entry_t  *e;
    ngx_http_aistream_live_table_t  *table;

    table = zone->data;
    worker = 0;
    pid = 0;

    ngx_http_aistream_live_lock(zone);

    for (n = *ngx_http_aistream_live_hash(table, id); n; n = e->hash_next) {
        e = &table->entries[n];

        if (ngx_memcmp(e->id, id, NGX_HTTP_AISTREAM_LIVE_ID) == 0) {
            pid = e->pid;
            worker = e->worker;

            e->stopped = 1;
            (void) ngx_atomic_fetch_add(&table->workers[worker].stops, 1);
            break;
        }
    }

    ngx_http_aistream_live_unlock(zone);

    if (pid == 0) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_live_dead(pid)) {
        ngx_http_aistream_live_sweep_worker(zone, worker, pid);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_live_next(ngx_shm_zone_t *zone, ngx_uint_t *n,
    ngx_http_aistream_live_copy_t *copy)
{
    ngx_http_aistream_live_entry_t  *e;
    ngx_http_aistream_live_table_t  *table;

    table = zone->data;

    if (*n == 0) {
        ngx_http_aistream_live_sweep(zone);
    }

    while (*n < table->used) {
        e = &table->entries[++*n];

        if (e->pid == 0) {
            continue;
        }

        ngx_http_aistream_live_lock(zone);

        copy->entry = *e;
        ngx_memcpy(copy->conversation, table->conversations[*n],
                   e->conversation_len);

        ngx_http_aistream_live_unlock(zone);

        if (copy->entry.pid) {
            return NGX_OK;
        }
    }

    return NGX_DONE;
}


ngx_uint_t
ngx_http_aistream_live_count(ngx_shm_zone_t *zone, ngx_uint_t *series,
    ngx_uint_t max)
{
    ngx_uint_t                       i, n, s;
    ngx_http_aistream_live_entry_t  *e;
    ngx_http_aistream_live_table_t  *table;

    table = zone->data;

    ngx_http_aistream_live_sweep(zone);

    ngx_memzero(series, max * sizeof(ngx_uint_t));
    n = 0;

    for (i = 1; i <= table->used; i++) {
        e = &table->entries[i];
        s = e->series;

        if (e->pid && s < max) {
            series[s]++;
            n++;
        }
    }

    return n;
}


static void
ngx_http_aistream_live_timer(ngx_event_t *ev)
{
    ngx_atomic_uint_t                  stops;
    ngx_http_aistream_live_process_t  *process;

    process = ev->data;
    stops = process->worker->stops;

    if (stops != process->stops) {
        process->stops = stops;
        ngx_memory_barrier();

        ngx_http_aistream_live_stop_runs();
    }

    if (process->runs && !ev->timer_set) {
        ngx_add_timer(ev, NGX_HTTP_AISTREAM_LIVE_INTERVAL);
    }
}


/*
 * Calls stop() of the marked runs.  Only this worker changes its list, so the
 * list is read without the lock.  stop() may remove any entry:
 * ngx_http_aistream_live_remove() then updates process->next.
 */

static void
ngx_http_aistream_live_stop_runs(void)
{
    uint32_t                           n;
    ngx_http_aistream_live_entry_t    *e;
    ngx_http_aistream_live_process_t  *process;

    process = &ngx_http_aistream_live;

    for (n = process->worker->first; n; n = process->next) {
        e = &process->table->entries[n];
        process->next = e->next;

        if (e->stopped) {
            e->run->stop(e->run);
        }
    }
}
