
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Members that useChat() of the AI SDK sends:
 *
 *     {"id","messages","trigger":"submit-message"|"regenerate-message"}
 */


#include <chat/ngx_http_aistream_request_private.h>


void
ngx_http_aistream_request_ui(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t                  value;
    ngx_http_aistream_chat_t  *chat;
    ngx_http_aistream_json_t  *trigger;

    chat = rq->chat;
    trigger = ngx_http_aistream_json_get(json, "trigger");

    if (trigger) {
        chat->ui = 1;
        chat->regenerate =
            (ngx_http_aistream_json_string(trigger, &value) == NGX_OK
             && ngx_http_aistream_request_is(&value, "regenerate-message"));
    }

    /* version 4 has no trigger: regeneration is detected from the messages */

    chat->list = (ngx_http_aistream_json_string(
                      ngx_http_aistream_json_get(json, "id"), &chat->id)
                  == NGX_OK
                  && trigger == NULL);
}
