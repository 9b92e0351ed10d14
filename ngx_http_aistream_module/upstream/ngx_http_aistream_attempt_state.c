
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_state.h>
#include <upstream/ngx_http_aistream_attempt.h>


/* the bit of a state in the mask of the states that may follow */

#define ngx_http_aistream_attempt_bit(state)                                  \
    (1 << NGX_HTTP_AISTREAM_ATTEMPT_##state)

static const ngx_http_aistream_state_t
    ngx_http_aistream_attempt_states[] =
{

    [NGX_HTTP_AISTREAM_ATTEMPT_IDLE] = {
        "idle", ngx_http_aistream_attempt_bit(WAITING)
    },

    [NGX_HTTP_AISTREAM_ATTEMPT_WAITING] = {
        "waiting", ngx_http_aistream_attempt_bit(STREAMING)
                   |ngx_http_aistream_attempt_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_ATTEMPT_STREAMING] = {
        "streaming", ngx_http_aistream_attempt_bit(ENDING)
                     |ngx_http_aistream_attempt_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_ATTEMPT_ENDING] = {
        "ending", ngx_http_aistream_attempt_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_ATTEMPT_ENDED] = {
        "ended", ngx_http_aistream_attempt_bit(WAITING)
    }
};


ngx_int_t
ngx_http_aistream_attempt_set_state(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_attempt_state_e state)
{
    if (ngx_http_aistream_state_change(at->parent->connection->log, "attempt",
                                       ngx_http_aistream_attempt_states,
                                       at->state, state)
        != NGX_OK)
    {
        at->error = NGX_HTTP_AISTREAM_E_INTERNAL;
        return NGX_ERROR;
    }

    at->state = state;

    return NGX_OK;
}
