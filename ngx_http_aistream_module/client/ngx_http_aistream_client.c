
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <client/ngx_http_aistream_client.h>


/* the paths that clients' libraries append to their base URL */

typedef struct {
    ngx_str_t                            end;
    const ngx_http_aistream_client_t    *client;
} ngx_http_aistream_path_t;


static const ngx_http_aistream_client_t  *ngx_http_aistream_clients[] = {
    &ngx_http_aistream_client_data_stream,
    &ngx_http_aistream_client_ui,
    &ngx_http_aistream_client_sse_json,
    &ngx_http_aistream_client_openai,
    &ngx_http_aistream_client_anthropic,
    &ngx_http_aistream_client_text,
    &ngx_http_aistream_client_ndjson,
    &ngx_http_aistream_client_json,
    NULL
};


/* the protocol is chosen when the body has been parsed */

static const ngx_http_aistream_client_t  ngx_http_aistream_client_auto = {
    .name = ngx_string("auto")
};


static ngx_http_aistream_path_t  ngx_http_aistream_paths[] = {
    { ngx_string("/chat/completions"), &ngx_http_aistream_client_openai },
    { ngx_string("/v1/messages"), &ngx_http_aistream_client_anthropic },

    { ngx_string("/v1/messages/count_tokens"),
      &ngx_http_aistream_client_anthropic },

    { ngx_null_string, NULL }
};


const ngx_http_aistream_client_t *
ngx_http_aistream_client(ngx_str_t *name)
{
    const ngx_http_aistream_client_t  **p;

    for (p = ngx_http_aistream_clients; *p; p++) {
        if ((*p)->name.len == name->len
            && ngx_strncmp((*p)->name.data, name->data, name->len) == 0)
        {
            return *p;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_aistream_client_names(ngx_array_t *names)
{
    ngx_str_t                          *name;
    const ngx_http_aistream_client_t  **p;

    for (p = ngx_http_aistream_clients; *p; p++) {
        name = ngx_array_push(names);
        if (name == NULL) {
            return NGX_ERROR;
        }

        *name = (*p)->name;
    }

    return NGX_OK;
}


const ngx_http_aistream_client_t *
ngx_http_aistream_client_first(ngx_http_aistream_client_hints_t *hints)
{
    const ngx_http_aistream_client_t  *client;

    client = ngx_http_aistream_client(&hints->protocol);

    if (client) {
        return client;
    }

    /* OpenAI's library sends "Accept: application/json" for streams, too */

    client = ngx_http_aistream_client_of_path(&hints->uri);

    if (client) {
        return client;
    }

    if (hints->accept.len == sizeof("application/json") - 1
        && ngx_strncasecmp(hints->accept.data, (u_char *) "application/json",
                           hints->accept.len)
           == 0)
    {
        return &ngx_http_aistream_client_json;
    }

    return hints->get ? &ngx_http_aistream_client_sse_json
                      : &ngx_http_aistream_client_auto;
}


const ngx_http_aistream_client_t *
ngx_http_aistream_client_refine(const ngx_http_aistream_client_t *client,
    ngx_http_aistream_chat_t *chat)
{
    if (client != &ngx_http_aistream_client_auto) {

        /* programs stream only if "stream" is true */

        return (client->unstreamed && !chat->stream) ? client->unstreamed
                                                     : client;
    }

    if (chat->no_stream) {
        return &ngx_http_aistream_client_json;
    }

    return chat->ui ? &ngx_http_aistream_client_ui
                    : &ngx_http_aistream_client_data_stream;
}


const ngx_http_aistream_client_t *
ngx_http_aistream_client_of_path(ngx_str_t *uri)
{
    ngx_http_aistream_path_t  *path;

    for (path = ngx_http_aistream_paths; path->end.len; path++) {
        if (uri->len >= path->end.len
            && ngx_memcmp(uri->data + uri->len - path->end.len,
                          path->end.data, path->end.len)
               == 0)
        {
            return path->client;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_aistream_writer_init(ngx_http_aistream_writer_t *w,
    const ngx_http_aistream_client_t *client, ngx_http_aistream_out_t *out)
{
    w->client = client;
    w->out = out;

    if (client->state_size == 0) {
        return NGX_OK;
    }

    w->state = ngx_pcalloc(out->pool, client->state_size);

    return w->state ? NGX_OK : NGX_ERROR;
}


void
ngx_http_aistream_writer_reset(ngx_http_aistream_writer_t *w)
{
    ngx_memzero(w->state, w->client->state_size);
}
