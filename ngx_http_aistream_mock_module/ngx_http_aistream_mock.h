
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A location that emulates a provider, for demos, tests and benchmarks.  It
 * does not depend on the other module, which connects to it as to any other
 * provider.
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

    /* an event is a line, and answers are always streams, except errors */
    unsigned                         lines:1;

    /*
     * Writes the next event to p, which has space for one; returns the end, or
     * p after the last event.
     */
    u_char                        *(*event)(ngx_http_aistream_mock_ctx_t *ctx,
                                            u_char *p);

    /* writes a response that is not a stream; the body of an error */
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

    /* from the request */
    ngx_str_t                        model;
    ngx_uint_t                       input_tokens;

    /* the answer, and the position in it */
    ngx_str_t                        text;
    u_char                          *pos;
    ngx_uint_t                       state;         /* of the dialect */
    ngx_uint_t                       output_tokens;

    ngx_str_t                        file;          /* instead of text */

    ngx_event_t                      event;
    ngx_chain_t                     *free;
    ngx_chain_t                     *busy;

    unsigned                         stream:1;
    unsigned                         include_usage:1;
    unsigned                         done:1;
};


ngx_int_t ngx_http_aistream_mock_handler(ngx_http_request_t *r);

/*
 * Starts a stream, which is continued by events: NGX_AGAIN.  Otherwise returns
 * the code for the content handler.
 */
ngx_int_t ngx_http_aistream_mock_stream(ngx_http_aistream_mock_ctx_t *ctx);

/* adds a header to the response; the strings must outlive it */
ngx_int_t ngx_http_aistream_mock_header(ngx_http_request_t *r,
    const char *name, const char *value);

/*
 * Returns the next token of the text: white space and a word, complete UTF-8
 * sequences.  NGX_DONE: the end.
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
