
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What the files of Anthropic's dialect share: one turns its events into
 * deltas, one passes them on, and both know what they are called.
 */


#ifndef _NGX_HTTP_AISTREAM_ANTHROPIC_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ANTHROPIC_H_INCLUDED_


#include <provider/ngx_http_aistream_provider.h>


typedef enum {
    sw_other = 0,
    sw_message_start,
    sw_block_start,
    sw_block_delta,
    sw_block_stop,
    sw_message_delta,
    sw_message_stop,
    sw_ping,
    sw_error
} ngx_http_aistream_anthropic_event_e;


/* of an event without a type its name, which should be the same */

static ngx_inline ngx_int_t
ngx_http_aistream_anthropic_type(ngx_http_aistream_scan_t *s, ngx_str_t *name,
    ngx_str_t *type)
{
    if (ngx_http_aistream_scan_string(s, type) == NGX_OK) {
        return NGX_OK;
    }

    *type = *name;

    return name->len ? NGX_OK : NGX_DECLINED;
}


/* the ngx_http_aistream_provider_read_pt, and _pass_pt, of the dialect */
ngx_int_t ngx_http_aistream_anthropic_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data);
ngx_int_t ngx_http_aistream_anthropic_passthrough(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);

/* the stop reason in this object, if there is one; returns as they do */
ngx_int_t ngx_http_aistream_anthropic_read_end(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);


/* events by their types, ngx_http_aistream_anthropic_event_e */
extern const ngx_http_aistream_word_t  ngx_http_aistream_anthropic_events[];

extern const ngx_http_aistream_count_t  ngx_http_aistream_anthropic_usage[];


#endif /* _NGX_HTTP_AISTREAM_ANTHROPIC_H_INCLUDED_ */
