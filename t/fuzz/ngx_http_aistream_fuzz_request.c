
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Fuzzes the conversion of a client's body to a chat, and of the chat to every
 * provider's request.  Input: flags, then the body.
 */


#include <provider/ngx_http_aistream_provider.h>
#include <chat/ngx_http_aistream_request.h>

#include "ngx_http_aistream_fuzz.h"

#include <sanitizer/allocator_interface.h>


#define NGX_HTTP_AISTREAM_FUZZ_MESSAGE       1
#define NGX_HTTP_AISTREAM_FUZZ_SMALL         2
#define NGX_HTTP_AISTREAM_FUZZ_PROMPT        4
#define NGX_HTTP_AISTREAM_FUZZ_SIGNS         8
#define NGX_HTTP_AISTREAM_FUZZ_WRITABLE     16
#define NGX_HTTP_AISTREAM_FUZZ_ANY          32
#define NGX_HTTP_AISTREAM_FUZZ_PARTIAL      64

/* pools, the initial arrays of a chat, and the alignment of allocations */
#define NGX_HTTP_AISTREAM_FUZZ_SLOP         16384


static void ngx_http_aistream_fuzz_chat(ngx_http_aistream_chat_t *chat);
static void ngx_http_aistream_fuzz_part(ngx_http_aistream_message_t *m,
    ngx_http_aistream_part_t *p);
static void ngx_http_aistream_fuzz_results(ngx_http_aistream_message_t *m,
    ngx_http_aistream_message_t *next);
static void ngx_http_aistream_fuzz_text(ngx_str_t *text);
static void ngx_http_aistream_fuzz_create(ngx_http_aistream_chat_t *chat,
    ngx_str_t *model);


static ngx_str_t  ngx_http_aistream_fuzz_names[] = {
    ngx_string("openai"),
    ngx_string("responses"),
    ngx_string("anthropic"),
    ngx_string("gemini"),
    ngx_string("ollama")
};


void
ngx_http_aistream_fuzz_one(ngx_pool_t *pool, u_char *data, size_t size)
{
    size_t                              bytes;
    ngx_int_t                           rc;
    ngx_str_t                           body, error;
    ngx_uint_t                          flags;
    ngx_http_aistream_chat_t            chat;
    ngx_http_aistream_dropped_t         dropped;
    ngx_http_aistream_request_rules_t   rules;

    /*
     * set in the configuration, not by the client; the second needs no
     * escaping
     */

    static ngx_str_t  model = ngx_string("gemini-2.5/\"flash\"");
    static ngx_str_t                 signs = ngx_string("gemini-3");
    static ngx_http_aistream_urls_t  any = {
        NGX_HTTP_AISTREAM_URLS_ANY, NULL, NULL
    };
    static ngx_http_aistream_urls_t  https = {
        NGX_HTTP_AISTREAM_URLS_HTTPS, NULL, NULL
    };

    if (size == 0) {
        return;
    }

    flags = data[0];
    body.len = size - 1;
    body.data = ngx_pnalloc(pool, size);

    ngx_http_aistream_fuzz_assert(body.data);

    /* an exact copy, so that reads after its end are found */

    ngx_memcpy(body.data, data + 1, body.len);
    body.data[body.len] = 'x';

    ngx_memzero(&chat, sizeof(ngx_http_aistream_chat_t));

    ngx_memzero(&dropped, sizeof(ngx_http_aistream_dropped_t));

    dropped.pool = pool;

    chat.pool = pool;
    chat.size = body.len;
    chat.dropped = &dropped;

    if (flags & NGX_HTTP_AISTREAM_FUZZ_PROMPT) {
        ngx_str_set(&chat.system, "Be \"kind\".");
    }

    ngx_memzero(&rules, sizeof(ngx_http_aistream_request_rules_t));

    rules.messages = (flags & NGX_HTTP_AISTREAM_FUZZ_SMALL) ? 2 : 1000;
    rules.partial = (flags & NGX_HTTP_AISTREAM_FUZZ_PARTIAL) ? 1 : 0;
    rules.agents = rules.partial;
    rules.anthropic = rules.partial;
    rules.writable = (flags & NGX_HTTP_AISTREAM_FUZZ_WRITABLE) ? 1 : 0;
    rules.urls = (flags & NGX_HTTP_AISTREAM_FUZZ_ANY) ? &any : &https;

    bytes = __sanitizer_get_current_allocated_bytes();

    if (flags & NGX_HTTP_AISTREAM_FUZZ_MESSAGE) {
        rc = ngx_http_aistream_request_message_only(&chat, &body, &error);

        if (rc == NGX_OK && body.len == 0) {
            return;
        }

    } else {
        rc = ngx_http_aistream_request_parse(&chat, &body, &rules, &error);

        bytes = __sanitizer_get_current_allocated_bytes() - bytes;

        ngx_http_aistream_fuzz_assert(bytes < body.len
                                            + NGX_HTTP_AISTREAM_REQUEST_FLOOR
                                            + NGX_HTTP_AISTREAM_FUZZ_SLOP);

        if (rc == NGX_OK && rules.partial) {
            rc = ngx_http_aistream_request_repair(&chat, &error);
        }
    }

    ngx_http_aistream_fuzz_assert(rc == NGX_OK || rc == NGX_DECLINED);

    if (rc == NGX_DECLINED) {
        ngx_http_aistream_fuzz_assert(error.len);
        ngx_http_aistream_fuzz_text(&error);
        return;
    }

    ngx_http_aistream_fuzz_chat(&chat);
    ngx_http_aistream_fuzz_create(&chat,
                                  flags & NGX_HTTP_AISTREAM_FUZZ_SIGNS
                                  ? &signs : &model);

    ngx_http_aistream_fuzz_assert(dropped.names.len
                                  <= NGX_HTTP_AISTREAM_DROPPED_MAX);
}


/* checks the guarantees in chat.h */

static void
ngx_http_aistream_fuzz_chat(ngx_http_aistream_chat_t *chat)
{
    ngx_str_t                    *stop;
    ngx_uint_t                    i, j;
    ngx_http_aistream_tool_t     *tool;
    ngx_http_aistream_message_t  *m;

    m = chat->messages.elts;

    ngx_http_aistream_fuzz_assert(chat->messages.nelts);

    for (i = 0; i < chat->messages.nelts; i++) {
        ngx_http_aistream_fuzz_assert(m[i].parts.nelts);

        for (j = 0; j < m[i].parts.nelts; j++) {
            ngx_http_aistream_fuzz_part(&m[i],
                     (ngx_http_aistream_part_t *) m[i].parts.elts + j);
        }

        ngx_http_aistream_fuzz_results(&m[i],
                            i + 1 < chat->messages.nelts ? &m[i + 1] : NULL);
    }

    ngx_http_aistream_fuzz_text(&chat->client_system);
    ngx_http_aistream_fuzz_text(&chat->model);
    ngx_http_aistream_fuzz_text(&chat->choice_name);
    ngx_http_aistream_fuzz_text(&chat->format_name);

    stop = chat->stop.elts;

    for (i = 0; i < chat->stop.nelts; i++) {
        ngx_http_aistream_fuzz_text(&stop[i]);
    }

    tool = chat->tools.elts;

    for (i = 0; i < chat->tools.nelts; i++) {
        ngx_http_aistream_fuzz_assert(tool[i].name.len);
        ngx_http_aistream_fuzz_text(&tool[i].name);
        ngx_http_aistream_fuzz_text(&tool[i].description);
        ngx_http_aistream_fuzz_assert(tool[i].parameters.len == 0
                     || ngx_http_aistream_fuzz_json(tool[i].parameters.data,
                                                    tool[i].parameters.len));
    }
}


static void
ngx_http_aistream_fuzz_part(ngx_http_aistream_message_t *m,
    ngx_http_aistream_part_t *p)
{
    ngx_http_aistream_fuzz_text(&p->text);
    ngx_http_aistream_fuzz_text(&p->id);
    ngx_http_aistream_fuzz_text(&p->name);
    ngx_http_aistream_fuzz_text(&p->media_type);
    ngx_http_aistream_fuzz_text(&p->url);
    ngx_http_aistream_fuzz_text(&p->signature);
    ngx_http_aistream_fuzz_text(&p->origin);

    switch (p->type) {

    case NGX_HTTP_AISTREAM_PART_TEXT:
        ngx_http_aistream_fuzz_assert(p->text.len);
        break;

    case NGX_HTTP_AISTREAM_PART_REASONING:
        ngx_http_aistream_fuzz_assert(p->text.len || p->signature.len);
        break;

    case NGX_HTTP_AISTREAM_PART_FILE:
        ngx_http_aistream_fuzz_assert(p->url.len || p->text.len);
        break;

    case NGX_HTTP_AISTREAM_PART_TOOL_CALL:
        ngx_http_aistream_fuzz_assert(p->text.len && p->text.data[0] == '{');
        ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_json(
                                               p->text.data, p->text.len));
        break;

    default:
        ngx_http_aistream_fuzz_assert(p->type
                                      == NGX_HTTP_AISTREAM_PART_RESULT);
        ngx_http_aistream_fuzz_assert(m->role == NGX_HTTP_AISTREAM_TOOL);
        ngx_http_aistream_fuzz_assert(!p->object
                       || ngx_http_aistream_fuzz_json(p->text.data,
                                                      p->text.len));
        break;
    }
}


/* each tool call has its result in the next message, in the same order */

static void
ngx_http_aistream_fuzz_results(ngx_http_aistream_message_t *m,
    ngx_http_aistream_message_t *next)
{
    ngx_uint_t                 i, n;
    ngx_http_aistream_part_t  *call, *result;

    if (m->role != NGX_HTTP_AISTREAM_ASSISTANT) {
        return;
    }

    call = m->parts.elts;
    n = 0;

    for (i = 0; i < m->parts.nelts; i++) {

        if (call[i].type != NGX_HTTP_AISTREAM_PART_TOOL_CALL) {
            continue;
        }

        ngx_http_aistream_fuzz_assert(next
                                      && next->role == NGX_HTTP_AISTREAM_TOOL
                                      && n < next->parts.nelts);

        result = next->parts.elts;

        ngx_http_aistream_fuzz_assert(call[i].id.len == result[n].id.len
                && memcmp(call[i].id.data, result[n].id.data,
                          call[i].id.len)
                   == 0);
        for (n++; n < next->parts.nelts
                  && result[n].type == NGX_HTTP_AISTREAM_PART_FILE;
             n++)
        {
            /* void */
        }
    }

    ngx_http_aistream_fuzz_assert(next == NULL
                                  || next->role != NGX_HTTP_AISTREAM_TOOL
                                  || next->parts.nelts == n);
}


static void
ngx_http_aistream_fuzz_text(ngx_str_t *text)
{
    ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_utf8(text));
    ngx_http_aistream_fuzz_assert(text->len == 0
                                  || memchr(text->data, 0, text->len)
                                     == NULL);
}


static void
ngx_http_aistream_fuzz_create(ngx_http_aistream_chat_t *chat,
    ngx_str_t *model)
{
    size_t                               i;
    ngx_int_t                            rc;
    ngx_str_t                            path, text;
    ngx_http_aistream_options_t          options;
    ngx_http_aistream_create_t           cr;
    const ngx_http_aistream_provider_t  *provider;

    for (i = 0;
         i < sizeof(ngx_http_aistream_fuzz_names) / sizeof(ngx_str_t);
         i++)
    {
        provider = ngx_http_aistream_provider(
                                           &ngx_http_aistream_fuzz_names[i]);
        options = provider->options;
        options.public = (chat->size & 1);

        if (chat->size & 2) {
            ngx_str_set(&options.reasoning, "reasoning_content");
        }

        rc = provider->path(chat->pool, model, &path);
        ngx_http_aistream_fuzz_assert(rc == NGX_OK && path.len);

        cr.chat = chat;
        cr.model = model;
        cr.options = &options;
        cr.passthrough = chat->size & 1;

        rc = ngx_http_aistream_provider_body(provider, &cr, &text);
        ngx_http_aistream_fuzz_assert(rc == NGX_OK);

        ngx_http_aistream_fuzz_assert(text.len && text.data[0] == '{');
        ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_json(text.data,
                                                                  text.len));
    }
}
