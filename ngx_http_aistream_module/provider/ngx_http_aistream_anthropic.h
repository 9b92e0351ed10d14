
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Functions shared by the files of Anthropic's dialect: the names of events,
 * the reader that turns events into deltas, and the reader that passes them
 * through.
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


/* If an event has no type, its name is used; both should be equal. */

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


/* the dialect's read and passthrough handlers */
ngx_int_t ngx_http_aistream_anthropic_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data);
ngx_int_t ngx_http_aistream_anthropic_passthrough(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);

/* reads the stop reason of this object, if any; returns as the handlers do */
ngx_int_t ngx_http_aistream_anthropic_read_end(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);


/* the types of events, with their ngx_http_aistream_anthropic_event_e */
extern const ngx_http_aistream_word_t  ngx_http_aistream_anthropic_events[];

extern const ngx_http_aistream_count_t  ngx_http_aistream_anthropic_usage[];


#endif /* _NGX_HTTP_AISTREAM_ANTHROPIC_H_INCLUDED_ */
