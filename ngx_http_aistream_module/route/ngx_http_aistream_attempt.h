
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * From the outcome of one try to the next one, or to giving up.  Decides
 * only: whoever asks starts the try.
 */


#ifndef _NGX_HTTP_AISTREAM_ATTEMPT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ATTEMPT_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * The first target of the chain that does not rest.  NGX_DECLINED: all of
 * them do, and attempt.error says so.
 */
ngx_int_t ngx_http_aistream_attempt_first(ngx_http_aistream_ctx_t *ctx);

/* the answer has begun: its target is well */
void ngx_http_aistream_attempt_succeeded(ngx_http_aistream_ctx_t *ctx);

/*
 * After a try that ended with "error".  NGX_OK: ctx->attempt.target is to be
 * tried now; NGX_AGAIN: after ctx->backoff milliseconds; NGX_DECLINED: no
 * other try can help.
 */
ngx_int_t ngx_http_aistream_attempt_next(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error);

/* no answer, and no failure of the target: if it was a probe, another may */
void ngx_http_aistream_attempt_left(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_ATTEMPT_H_INCLUDED_ */
