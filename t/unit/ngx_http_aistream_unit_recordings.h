
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What the files that replay the recordings share: what one is to give
 * (expect), what it gives (reading), and whether that is the same (recordings).
 */


#ifndef _NGX_HTTP_AISTREAM_UNIT_RECORDINGS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UNIT_RECORDINGS_H_INCLUDED_


#include <client/ngx_http_aistream_client.h>
#include <provider/ngx_http_aistream_provider.h>
#include <stream/ngx_http_aistream_events.h>

#include "ngx_http_aistream_unit.h"


/* how many there are, and those whose lines are looked at */
#define NGX_HTTP_AISTREAM_UNIT_CLIENTS  10
#define NGX_HTTP_AISTREAM_UNIT_DATA     0
#define NGX_HTTP_AISTREAM_UNIT_NDJSON   6

/* a writing for each client, and four that are checked */
#define NGX_HTTP_AISTREAM_UNIT_ROOM     (NGX_HTTP_AISTREAM_UNIT_CLIENTS + 4)


/* what a reading gives, and what it should */

typedef struct {
    ngx_str_t                        text;
    ngx_str_t                        reasoning;
    ngx_str_t                        refusal;
    ngx_str_t                        calls;     /* id name arguments\n ... */
    ngx_str_t                        finish;
    ngx_http_aistream_usage_t        usage;
    ngx_uint_t                       error;
} ngx_http_aistream_unit_transcript_t;


typedef struct {
    ngx_str_t                            bytes;
    const ngx_http_aistream_provider_t  *provider;
    ngx_http_aistream_unit_transcript_t  answer;
    ngx_uint_t                           generated; /* ids are not given */

    /* room for what is written: of the whole reading, of the others */
    u_char                              *room[2];
    size_t                               size;      /* for each writing */
} ngx_http_aistream_unit_recording_t;


typedef struct {
    ngx_http_aistream_sink_t         sink;      /* first */

    ngx_pool_t                      *pool;
    ngx_http_aistream_unit_recording_t  *rec;
    uint32_t                         high;
    ngx_http_aistream_unit_transcript_t  answer;
    ngx_http_aistream_events_t       events;
    ngx_http_aistream_reader_t       reader;

    ngx_chain_t                     *free;
    ngx_http_aistream_out_t          out[NGX_HTTP_AISTREAM_UNIT_CLIENTS];
    ngx_http_aistream_writer_t       writer[NGX_HTTP_AISTREAM_UNIT_CLIENTS];
    ngx_str_t                        output[NGX_HTTP_AISTREAM_UNIT_CLIENTS];
} ngx_http_aistream_unit_reading_t;


/*
 * The recording at this path, and what the .expect.json beside it says: all of
 * it in the pool.  Its room and size are left to the caller.  NGX_ERROR: one
 * of the two files cannot be read, or tells no format that there is.
 */
ngx_int_t ngx_http_aistream_unit_load(ngx_pool_t *pool, char *path,
    ngx_http_aistream_unit_recording_t *rec);

/*
 * First the bytes before the cut, then the rest in steps of so many.  The
 * reading is in the pool; its strings are in rec->room[0], over those of an
 * earlier one.
 */
ngx_http_aistream_unit_reading_t *ngx_http_aistream_unit_read(
    ngx_pool_t *pool, ngx_http_aistream_unit_recording_t *rec, size_t cut,
    size_t step);


#endif /* _NGX_HTTP_AISTREAM_UNIT_RECORDINGS_H_INCLUDED_ */
