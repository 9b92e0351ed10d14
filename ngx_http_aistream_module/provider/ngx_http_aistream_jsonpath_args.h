
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Arguments of a tool call in pieces, each with a JSONPath, as sent by Vertex
 * if streamed arguments were requested:
 *
 *     [{"jsonPath":"$.a.b[0].c","stringValue":"16 ","willContinue":true}]
 *     [{"jsonPath":"$.a.b[0].c","stringValue":"oz"}]
 *
 * The pieces are in the order of the resulting JSON text, so the text is
 * written as they are received: {"a":{"b":[{"c":"16 oz
 */


#ifndef _NGX_HTTP_AISTREAM_JSONPATH_ARGS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_JSONPATH_ARGS_H_INCLUDED_


#include <provider/ngx_http_aistream_tool_call.h>


/* reads the list; NGX_DECLINED: a path cannot follow the one before */
ngx_int_t ngx_http_aistream_jsonpath_read(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_http_aistream_scan_t *s);

/* closes all open strings, objects and lists */
ngx_int_t ngx_http_aistream_jsonpath_end(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call);


#endif /* _NGX_HTTP_AISTREAM_JSONPATH_ARGS_H_INCLUDED_ */
