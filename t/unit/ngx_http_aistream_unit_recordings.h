
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Declarations shared by the files that replay recordings: the expected result
 * (expect), the result (reading), and the comparison (recordings).
 */


#ifndef _NGX_HTTP_AISTREAM_UNIT_RECORDINGS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UNIT_RECORDINGS_H_INCLUDED_


#include <client/ngx_http_aistream_client.h>
#include <provider/ngx_http_aistream_provider.h>
#include <stream/ngx_http_aistream_events.h>

#include "ngx_http_aistream_unit.h"


/* the number of clients, and of those whose lines are checked */
#define NGX_HTTP_AISTREAM_UNIT_CLIENTS  10
#define NGX_HTTP_AISTREAM_UNIT_DATA     0
#define NGX_HTTP_AISTREAM_UNIT_NDJSON   6

/* one writer per client, and four that are checked */
#define NGX_HTTP_AISTREAM_UNIT_ROOM     (NGX_HTTP_AISTREAM_UNIT_CLIENTS + 4)


/* the result of a reading, and the expected one */

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
    ngx_uint_t                           generated; /* ids are generated */

    /* memory for the output: of the whole reading, and of the others */
    u_char                              *room[2];
    size_t                               size;      /* of each writer */
} ngx_http_aistream_unit_recording_t;


typedef struct {
    ngx_http_aistream_sink_t         sink;      /* must be first */

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
 * Loads the recording with this path and its .expect.json into the pool;
 * memory and size are set by the caller.  NGX_ERROR: a file cannot be read, or
 * has an unknown format.
 */
ngx_int_t ngx_http_aistream_unit_load(ngx_pool_t *pool, char *path,
    ngx_http_aistream_unit_recording_t *rec);

/*
 * Reads the bytes before the cut, then the remaining ones in steps.  The
 * reading is allocated from the pool; its strings are in rec->room[0] and
 * replace those of an earlier one.
 */
ngx_http_aistream_unit_reading_t *ngx_http_aistream_unit_read(
    ngx_pool_t *pool, ngx_http_aistream_unit_recording_t *rec, size_t cut,
    size_t step);


#endif /* _NGX_HTTP_AISTREAM_UNIT_RECORDINGS_H_INCLUDED_ */
