
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <upstream/ngx_http_aistream_attempt.h>


/* a state, and those that may follow, a bit each */

#define ngx_http_aistream_attempt_bit(state)                                  \
    (1 << NGX_HTTP_AISTREAM_ATTEMPT_##state)

static const struct {
    const char  *name;
    ngx_uint_t   next;
} ngx_http_aistream_attempt_states[] = {

    [NGX_HTTP_AISTREAM_ATTEMPT_IDLE] = {
        "idle", ngx_http_aistream_attempt_bit(WAITING)
    },

    [NGX_HTTP_AISTREAM_ATTEMPT_WAITING] = {
        "waiting", ngx_http_aistream_attempt_bit(STREAMING)
                   |ngx_http_aistream_attempt_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_ATTEMPT_STREAMING] = {
        "streaming", ngx_http_aistream_attempt_bit(LINGERING)
                     |ngx_http_aistream_attempt_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_ATTEMPT_LINGERING] = {
        "lingering", ngx_http_aistream_attempt_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_ATTEMPT_ENDED] = {
        "ended", ngx_http_aistream_attempt_bit(WAITING)
    }
};


ngx_int_t
ngx_http_aistream_attempt_set_state(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_attempt_state_e state)
{
    ngx_log_t   *log;
    ngx_uint_t   from;

    log = at->host->connection->log;
    from = at->state;

    if (!(ngx_http_aistream_attempt_states[from].next & (1 << state))) {
        ngx_log_error(NGX_LOG_ALERT, log, 0,
                      "aistream: attempt cannot go from %s to %s",
                      ngx_http_aistream_attempt_states[from].name,
                      ngx_http_aistream_attempt_states[state].name);
        at->error = NGX_HTTP_AISTREAM_E_INTERNAL;
        return NGX_ERROR;
    }

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, log, 0,
                   "aistream attempt: %s to %s, upstream \"%V\"",
                   ngx_http_aistream_attempt_states[from].name,
                   ngx_http_aistream_attempt_states[state].name,
                   &at->target->upstream->host);

    at->state = state;

    return NGX_OK;
}
