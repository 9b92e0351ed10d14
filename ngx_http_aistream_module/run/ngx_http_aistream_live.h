
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The live runs of all workers: a table in shared memory.  A run makes one
 * answer: to a request, or to a turn of a WebSocket.
 *
 * Size.  The zone "aistream_live" has NGX_HTTP_AISTREAM_LIVE_MAX entries and
 * survives a reload.  If the table is full, a run has no entry: it is not
 * listed and cannot be stopped.
 *
 * Ownership.  An entry belongs to the worker that added it.  Links and names
 * are written under the zone's lock, which is held for one addition, removal,
 * lookup or copy, or to remove all entries of a killed worker; "deltas" and
 * "series" are written without the lock, by the entry's worker.  Entries of a
 * killed worker are removed when the table is read, when it is full, and by the
 * next worker in the same process slot.
 *
 * Stopping.  One worker cannot wake another: ngx_http_aistream_live_stop()
 * marks the entry, and a timer of the run's worker finds the mark.  A worker
 * has this timer only while it has runs; the timer does not delay the exit of
 * a worker.
 */


#ifndef _NGX_HTTP_AISTREAM_LIVE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_LIVE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* number of entries, 288 bytes each; unused memory pages are not touched */
#define NGX_HTTP_AISTREAM_LIVE_MAX           8192

/* milliseconds between two checks for stopped runs */
#define NGX_HTTP_AISTREAM_LIVE_INTERVAL      40

/* bytes of an id and of an owner */
#define NGX_HTTP_AISTREAM_LIVE_ID            16
#define NGX_HTTP_AISTREAM_LIVE_OWNER         16

/* bytes of names; longer ones are cut at a UTF-8 character */
#define NGX_HTTP_AISTREAM_LIVE_MODEL         64
#define NGX_HTTP_AISTREAM_LIVE_CONVERSATION  128


typedef struct ngx_http_aistream_live_s  ngx_http_aistream_live_t;

/*
 * Called from a timer of the run's own worker, at least once after the run was
 * marked as stopped.  It may remove this run and other runs, and add new runs.
 */
typedef void (*ngx_http_aistream_live_stop_pt)(ngx_http_aistream_live_t *run);


typedef struct {
    u_char                           id[NGX_HTTP_AISTREAM_LIVE_ID];
    u_char                           owner[NGX_HTTP_AISTREAM_LIVE_OWNER];
    ngx_pid_t                        pid;       /* 0: the entry is unused */
    uint32_t                         worker;    /* the process slot */

    ngx_atomic_t                     deltas;    /* of the answer so far */
    ngx_atomic_t                     series;    /* of the metrics */
    ngx_atomic_t                     stopped;   /* 1: marked as stopped */
    ngx_msec_t                       start;     /* by ngx_current_msec */

    /*
     * Indices of other entries, 0: none.  "hash_next" is the next entry with
     * the same hash or, in an unused entry, the next unused one.
     */
    uint32_t                         hash_next;
    uint32_t                         next;      /* of the same worker */
    uint32_t                         prev;

    uint16_t                         model_len;
    uint16_t                         conversation_len;
    u_char                           model[NGX_HTTP_AISTREAM_LIVE_MODEL];

    ngx_http_aistream_live_t        *run;       /* valid in its worker only */
} ngx_http_aistream_live_entry_t;


/* a member of a run (see run.h); zeroed before ngx_http_aistream_live_add() */

struct ngx_http_aistream_live_s {
    ngx_http_aistream_live_entry_t  *entry;     /* NULL: not listed */
    ngx_http_aistream_live_stop_pt   stop;
};


/* the names of a new run; they are copied */

typedef struct {
    u_char                          *owner;     /* NULL: none */
    ngx_str_t                        conversation;  /* the id; may be empty */
    ngx_str_t                        model;     /* the alias */
    ngx_msec_t                       start;
} ngx_http_aistream_live_names_t;


/* a copy of an entry with the id of its conversation */

typedef struct {
    ngx_http_aistream_live_entry_t   entry;
    u_char                           conversation[
                                       NGX_HTTP_AISTREAM_LIVE_CONVERSATION];
} ngx_http_aistream_live_copy_t;


/*
 * Adds the zone to the configuration; "tag" is that of
 * ngx_shared_memory_add().  Returns NULL after an error, which is logged.
 */
ngx_shm_zone_t *ngx_http_aistream_live_zone(ngx_conf_t *cf, void *tag);

/*
 * Adds the run to the table.  The run must be removed before its memory is
 * freed.  Returns NGX_DECLINED if the run was not added, and logs the reason;
 * a full table is logged at most once per second.
 */
ngx_int_t ngx_http_aistream_live_add(ngx_shm_zone_t *zone,
    ngx_http_aistream_live_t *run, ngx_http_aistream_live_stop_pt stop,
    ngx_http_aistream_live_names_t *names, ngx_log_t *log);

/* removes the run from the table; does nothing if it has no entry */
void ngx_http_aistream_live_remove(ngx_shm_zone_t *zone,
    ngx_http_aistream_live_t *run);

/*
 * Marks the run with this id, of any worker, as stopped: its worker then calls
 * the run's stop().  Returns NGX_DECLINED if the run was not found.
 */
ngx_int_t ngx_http_aistream_live_stop(ngx_shm_zone_t *zone, u_char *id);

/*
 * Copies the next used entry.  *n is the position in the table: 0 before the
 * first call, and unchanged by the caller.  Returns NGX_DONE if no used entry
 * is left.
 */
ngx_int_t ngx_http_aistream_live_next(ngx_shm_zone_t *zone, ngx_uint_t *n,
    ngx_http_aistream_live_copy_t *copy);

/*
 * Returns the number of runs in the table, and sets series[i] to the number of
 * those of series i of the metrics; "max" is the number of series.
 */
ngx_uint_t ngx_http_aistream_live_count(ngx_shm_zone_t *zone,
    ngx_uint_t *series, ngx_uint_t max);


/* set members of the run's entry, if any; called by the run's worker only */

static ngx_inline void
ngx_http_aistream_live_set_deltas(ngx_http_aistream_live_t *run, ngx_uint_t n)
{
    if (run->entry) {
        run->entry->deltas = n;
    }
}


static ngx_inline void
ngx_http_aistream_live_set_series(ngx_http_aistream_live_t *run, ngx_uint_t n)
{
    if (run->entry) {
        run->entry->series = n;
    }
}


#endif /* _NGX_HTTP_AISTREAM_LIVE_H_INCLUDED_ */
