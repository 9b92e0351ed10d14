
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What an answer of Responses says: in deltas, and once more when a text, a
 * part, an item and the response are done.  What had no deltas is said then.
 */


#ifndef _NGX_HTTP_AISTREAM_RESPONSES_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RESPONSES_H_INCLUDED_


#include <provider/ngx_http_aistream_provider.h>


/* each returns as ngx_http_aistream_provider_read_pt does */

/* TEXT, REASONING or REFUSAL at this place, a string */
ngx_int_t ngx_http_aistream_responses_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_delta_e type,
    ngx_int_t item, ngx_int_t part, ngx_http_aistream_scan_t *s);

/* the event of a text of this type, a part or arguments that are done */
ngx_int_t ngx_http_aistream_responses_done(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_int_t item, ngx_int_t part,
    ngx_str_t *data);

/* an item that is added or done */
ngx_int_t ngx_http_aistream_responses_item(ngx_http_aistream_reader_t *reader,
    ngx_int_t index, ngx_http_aistream_scan_t *s, ngx_uint_t done);

/* the items of a response, if there are any */
ngx_int_t ngx_http_aistream_responses_output(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);


#endif /* _NGX_HTTP_AISTREAM_RESPONSES_H_INCLUDED_ */
