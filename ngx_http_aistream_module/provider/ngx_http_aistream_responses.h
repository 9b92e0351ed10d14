
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The content of a response, which comes in deltas and again, complete, when a
 * text, a part, an item or the response is done.  The complete form is used
 * for content that had no deltas.
 */


#ifndef _NGX_HTTP_AISTREAM_RESPONSES_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RESPONSES_H_INCLUDED_


#include <provider/ngx_http_aistream_provider.h>


/*
 * Reads a string of type TEXT, REASONING or REFUSAL at this place.  All
 * functions below return as ngx_http_aistream_provider_read_pt does.
 */
ngx_int_t ngx_http_aistream_responses_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_delta_e type,
    ngx_int_t item, ngx_int_t part, ngx_http_aistream_scan_t *s);

/* reads the event of a text of this type, a part or arguments that are done */
ngx_int_t ngx_http_aistream_responses_done(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_int_t item, ngx_int_t part,
    ngx_str_t *data);

/* reads an item that was added or is done */
ngx_int_t ngx_http_aistream_responses_item(ngx_http_aistream_reader_t *reader,
    ngx_int_t index, ngx_http_aistream_scan_t *s, ngx_uint_t done);

/* reads the items of a response, if any */
ngx_int_t ngx_http_aistream_responses_output(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);


#endif /* _NGX_HTTP_AISTREAM_RESPONSES_H_INCLUDED_ */
