
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_LIVE_JSON_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_LIVE_JSON_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Writes the member "runs" of the status page: the number of live runs, in all
 * and for each upstream and model.  A run before its first attempt is counted
 * with an empty upstream and model.  Owners, conversations and ids are not
 * shown.
 */
void ngx_http_aistream_live_json(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_main_conf_t *amcf);


#endif /* _NGX_HTTP_AISTREAM_LIVE_JSON_H_INCLUDED_ */
