
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Every recording is read by its provider's reader and written by all writers:
 * as a whole, byte by byte and, if it is short, cut at every byte.
 */


#include <glob.h>

#include <json/ngx_http_aistream_scan.h>

#include "ngx_http_aistream_unit_recordings.h"


#define NGX_HTTP_AISTREAM_UNIT_SHORT    16384
#define NGX_HTTP_AISTREAM_UNIT_DAMAGED  200


static void ngx_http_aistream_unit_recording(ngx_http_aistream_unit_t *t,
    char *path);
static void ngx_http_aistream_unit_damaged(ngx_http_aistream_unit_t *t,
    char *path, ngx_http_aistream_unit_recording_t *rec);
static ngx_uint_t ngx_http_aistream_unit_lines(ngx_str_t *text,
    size_t skip);
static void ngx_http_aistream_unit_compare(ngx_http_aistream_unit_t *t,
    char *path, ngx_http_aistream_unit_transcript_t *got,
    ngx_http_aistream_unit_transcript_t *e);
static ngx_uint_t ngx_http_aistream_unit_same(
    ngx_http_aistream_unit_reading_t *got,
    ngx_http_aistream_unit_reading_t *whole);


void
ngx_http_aistream_unit_recordings(ngx_http_aistream_unit_t *t)
{
    size_t  i, n;
    glob_t  found;
    u_char  pattern[NGX_MAX_PATH];

    static const char  *framings[] = { "sse", "ndjson" };

    for (n = 0; n < sizeof(framings) / sizeof(framings[0]); n++) {

        ngx_sprintf(pattern, "%V/*/*.%s%Z", &t->fixtures,
                    framings[n]);

        if (glob((char *) pattern, 0, NULL, &found) != 0) {
            ngx_http_aistream_unit_number(t, "recordings", 0, 1);
            return;
        }

        for (i = 0; i < found.gl_pathc; i++) {
            ngx_http_aistream_unit_recording(t, found.gl_pathv[i]);
        }

        globfree(&found);
    }

#if (NGX_HTTP_AISTREAM_NO_TEMPLATE)
    printf("# skip: events match: the template is compiled out\n");
    ngx_http_aistream_unit_number(t, "events are parsed", t->matched, 0);
#else
    ngx_http_aistream_unit_number(t, "events match", t->matched > 10000, 1);
#endif
}


static void
ngx_http_aistream_unit_recording(ngx_http_aistream_unit_t *t, char *path)
{
    size_t                              cut;
    ngx_int_t                           same, cuts;
    ngx_pool_t                         *pool, *one;
    ngx_http_aistream_unit_reading_t   *whole, *split;
    ngx_http_aistream_unit_recording_t  rec;

    pool = ngx_create_pool(65536, t->pool->log);

    if (pool == NULL
        || ngx_http_aistream_unit_load(pool, path, &rec) != NGX_OK)
    {
        ngx_http_aistream_unit_number(t, path, 0, 1);
        return;
    }

    rec.size = 6 * rec.bytes.len + 65536;
    rec.room[0] = ngx_palloc(pool, NGX_HTTP_AISTREAM_UNIT_ROOM * rec.size);
    rec.room[1] = ngx_palloc(pool, NGX_HTTP_AISTREAM_UNIT_ROOM * rec.size);

    whole = ngx_http_aistream_unit_read(pool, &rec, rec.bytes.len, 1);
    rec.room[0] = rec.room[1];

    ngx_http_aistream_unit_compare(t, path, &whole->answer, &rec.answer);

    split = ngx_http_aistream_unit_read(pool, &rec, 0, 1);
    ngx_http_aistream_unit_number(t, path,
                             ngx_http_aistream_unit_same(split, whole), 1);

    same = 0;
    cuts = 0;

    for (cut = 1;
         cut < rec.bytes.len && rec.bytes.len <= NGX_HTTP_AISTREAM_UNIT_SHORT;
         cut++)
    {
        one = ngx_create_pool(4096, t->pool->log);
        if (one == NULL) {
            break;
        }

        split = ngx_http_aistream_unit_read(one, &rec, cut, rec.bytes.len);
        same += ngx_http_aistream_unit_same(split, whole);
        cuts++;

        ngx_destroy_pool(one);
    }

    ngx_http_aistream_unit_number(t, path, same, cuts);

    if (cuts) {
        ngx_http_aistream_unit_damaged(t, path, &rec);
    }

    ngx_http_aistream_unit_differ(t, path, rec.provider, &rec.bytes);
    ngx_http_aistream_unit_template(t, path, rec.provider, &rec.bytes);

    ngx_destroy_pool(pool);
}


/*
 * The lines for a client are valid JSON whatever a provider sends: bytes of
 * the recording are replaced, in the same way in every run.
 */

static void
ngx_http_aistream_unit_damaged(ngx_http_aistream_unit_t *t, char *path,
    ngx_http_aistream_unit_recording_t *rec)
{
    u_char                            *damaged;
    uint32_t                           random;
    ngx_int_t                          good, n;
    ngx_str_t                          bytes;
    ngx_uint_t                         i;
    ngx_pool_t                        *pool;
    ngx_http_aistream_unit_reading_t  *r;

    static u_char  bad[] = "\"\\{}[],:\n\r\0\x80\xff udtn01-";

    bytes = rec->bytes;
    random = 1;
    good = 0;

    for (n = 0; n < NGX_HTTP_AISTREAM_UNIT_DAMAGED; n++) {

        pool = ngx_create_pool(65536, t->pool->log);
        if (pool == NULL) {
            break;
        }

        damaged = ngx_pnalloc(pool, bytes.len);
        ngx_memcpy(damaged, bytes.data, bytes.len);

        for (i = 0; i < 3; i++) {
            random = random * 1664525 + 1013904223;
            damaged[(random >> 8) % bytes.len] =
                                      bad[(random >> 3) % (sizeof(bad) - 1)];
        }

        rec->bytes.data = damaged;

        r = ngx_http_aistream_unit_read(pool, rec, bytes.len / 2, 1);

        good += ngx_http_aistream_unit_lines(
                            &r->output[NGX_HTTP_AISTREAM_UNIT_NDJSON], 0)
                && ngx_http_aistream_unit_lines(
                            &r->output[NGX_HTTP_AISTREAM_UNIT_DATA], 2);

        ngx_destroy_pool(pool);
    }

    rec->bytes = bytes;

    ngx_http_aistream_unit_number(t, path, good,
                                  NGX_HTTP_AISTREAM_UNIT_DAMAGED);
}


static ngx_uint_t
ngx_http_aistream_unit_lines(ngx_str_t *text, size_t skip)
{
    u_char  *p, *lf, *last;

    p = text->data;
    last = p + text->len;

    for ( /* void */ ; p < last; p = lf + 1) {

        lf = ngx_strlchr(p, last, LF);

        if (lf == NULL || (size_t) (lf - p) <= skip
            || ngx_http_aistream_scan_compact(p, p + skip, lf - p - skip)
               == NULL)
        {
            return 0;
        }
    }

    return 1;
}


static void
ngx_http_aistream_unit_compare(ngx_http_aistream_unit_t *t, char *path,
    ngx_http_aistream_unit_transcript_t *got,
    ngx_http_aistream_unit_transcript_t *e)
{
    ngx_http_aistream_unit_equal(t, path, &got->text, &e->text);
    ngx_http_aistream_unit_equal(t, path, &got->reasoning, &e->reasoning);
    ngx_http_aistream_unit_equal(t, path, &got->refusal, &e->refusal);
    ngx_http_aistream_unit_number(t, path, got->error, e->error);
    ngx_http_aistream_unit_equal(t, path, &got->finish, &e->finish);

    /* an error may come before the end of a tool call, or before the usage */

    if (e->error) {
        return;
    }

    ngx_http_aistream_unit_equal(t, path, &got->calls, &e->calls);
    ngx_http_aistream_unit_number(t, path, got->usage.input, e->usage.input);
    ngx_http_aistream_unit_number(t, path, got->usage.output,
                                  e->usage.output);
    ngx_http_aistream_unit_number(t, path, got->usage.cached,
                                  e->usage.cached);
    ngx_http_aistream_unit_number(t, path, got->usage.reasoning,
                                  e->usage.reasoning);
}


static ngx_uint_t
ngx_http_aistream_unit_same(ngx_http_aistream_unit_reading_t *got,
    ngx_http_aistream_unit_reading_t *whole)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_AISTREAM_UNIT_CLIENTS; i++) {
        if (got->output[i].len != whole->output[i].len
            || ngx_memcmp(got->output[i].data, whole->output[i].data,
                          got->output[i].len)
               != 0)
        {
            return 0;
        }
    }

    return got->answer.error == whole->answer.error
           && got->answer.text.len == whole->answer.text.len
           && ngx_memcmp(got->answer.text.data, whole->answer.text.data,
                         got->answer.text.len)
              == 0;
}
