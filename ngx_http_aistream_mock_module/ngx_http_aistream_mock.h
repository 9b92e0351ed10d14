
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A location that behaves as a provider does, on the wire: for demos, tests
 * and load runs.  Nothing here knows the rest of the module, which meets it
 * as it meets any provider, through a connection.
 */


#ifndef _NGX_HTTP_AISTREAM_MOCK_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_MOCK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <json/ngx_http_aistream_json.h>


/* bytes; a token is cut so that its event fits */
#define NGX_HTTP_AISTREAM_MOCK_EVENT  1024
#define NGX_HTTP_AISTREAM_MOCK_TOKEN  16


typedef struct ngx_http_aistream_mock_ctx_s  ngx_http_aistream_mock_ctx_t;


typedef struct {
    ngx_str_t                        name;
    ngx_str_t                        media_type;    /* of a stream */

    /* an event is a line, and an answer is a stream unless it is refused */
    unsigned                         lines:1;

    /*
     * Writes the next event to p, which has room for one; returns the end,
     * or p behind the last.
     */
    u_char                        *(*event)(ngx_http_aistream_mock_ctx_t *ctx,
                                            u_char *p);

    /* the answer to a request that wants no stream; the body of an error */
    void                           (*buffered)(
                                            ngx_http_aistream_mock_ctx_t *ctx,
                                            ngx_http_aistream_json_out_t *out);
    void                           (*error)(ngx_http_aistream_json_out_t *out,
                                            ngx_uint_t status);
} ngx_http_aistream_mock_dialect_t;


typedef struct {
    const ngx_http_aistream_mock_dialect_t  *dialect;
    ngx_http_complex_value_t                *text;
    ngx_http_complex_value_t                *file;
    ngx_msec_t                               delay;
    ngx_uint_t                               status;
} ngx_http_aistream_mock_loc_conf_t;


struct ngx_http_aistream_mock_ctx_s {
    ngx_http_request_t              *request;

    /* what the request asked for */
    ngx_str_t                        model;
    ngx_uint_t                       input_tokens;

    /* what is answered, and how far it is */
    ngx_str_t                        text;
    u_char                          *pos;
    ngx_uint_t                       state;         /* the dialect's own */
    ngx_uint_t                       output_tokens;

    ngx_str_t                        file;          /* instead of a text */

    ngx_event_t                      event;
    ngx_chain_t                     *free;
    ngx_chain_t                     *busy;

    unsigned                         stream:1;
    unsigned                         include_usage:1;
    unsigned                         done:1;
};


ngx_int_t ngx_http_aistream_mock_handler(ngx_http_request_t *r);

/*
 * Begins to answer with a stream, which goes on by events: NGX_AGAIN.  Else
 * as a content handler returns.
 */
ngx_int_t ngx_http_aistream_mock_stream(ngx_http_aistream_mock_ctx_t *ctx);

/* one more header of the answer; the strings must outlive it */
ngx_int_t ngx_http_aistream_mock_header(ngx_http_request_t *r,
    const char *name, const char *value);

/*
 * The next token of the text: white space and the word behind it, whole
 * UTF-8 sequences.  NGX_DONE at the end.
 */
ngx_int_t ngx_http_aistream_mock_token(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_str_t *token);


extern ngx_module_t  ngx_http_aistream_mock_module;

extern const ngx_http_aistream_mock_dialect_t  ngx_http_aistream_mock_openai;
extern const ngx_http_aistream_mock_dialect_t
    ngx_http_aistream_mock_responses;
extern const ngx_http_aistream_mock_dialect_t
    ngx_http_aistream_mock_anthropic;
extern const ngx_http_aistream_mock_dialect_t  ngx_http_aistream_mock_gemini;
extern const ngx_http_aistream_mock_dialect_t  ngx_http_aistream_mock_ollama;


#endif /* _NGX_HTTP_AISTREAM_MOCK_H_INCLUDED_ */
