
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Tests the memory of a request, in bytes, while its body is read, and while
 * the provider's response is awaited, for different bodies.
 */


#include <chat/ngx_http_aistream_request.h>
#include <provider/ngx_http_aistream_provider.h>

#include "ngx_http_aistream_unit.h"

#include <dlfcn.h>


#define NGX_HTTP_AISTREAM_UNIT_BODY  (1024 * 1024)

/* the pools, and their unused memory */
#define NGX_HTTP_AISTREAM_UNIT_SLOP  (16 * 1024)


typedef struct {
    const char                      *what;
    const char                      *head;
    const char                      *item;      /* repeated up to the size */
    const char                      *tail;
    ngx_int_t                        rc;
} ngx_http_aistream_unit_body_t;


static void ngx_http_aistream_unit_memory_body(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_body_t *b, size_t size, ngx_uint_t own);
static void ngx_http_aistream_unit_memory_waiting(
    ngx_http_aistream_unit_t *t, ngx_http_aistream_unit_body_t *b,
    ngx_http_aistream_chat_t *chat, size_t base);
static void ngx_http_aistream_unit_most(ngx_http_aistream_unit_t *t,
    const char *what, const char *when, size_t bytes, size_t most);


#define NGX_HTTP_AISTREAM_UNIT_CALLED                                         \
    "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"                   \
    "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","            \
    "\"id\":\"c\",\"name\":\"f\",\"input\":{\"a\":["

#define NGX_HTTP_AISTREAM_UNIT_RETURNED                                       \
    "]}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","        \
    "\"tool_use_id\":\"c\",\"content\":\"r\"}]}]}"

#define NGX_HTTP_AISTREAM_UNIT_PARTS                                          \
    "{\"messages\":[{\"role\":\"user\",\"content\":["

#define NGX_HTTP_AISTREAM_UNIT_END                                            \
    "{\"type\":\"text\",\"text\":\"q\"}]}]}"


static ngx_http_aistream_unit_body_t  ngx_http_aistream_unit_bodies[] = {

    { "a text", "{\"prompt\":\"", "a text of words. ", "\"}", NGX_OK },
    { "escapes", "{\"prompt\":\"", "\\n\\u00e9\\\"", "\"}", NGX_OK },
    { "backslashes", "{\"prompt\":\"", "\\\\", "\"}", NGX_OK },
    { "numbers that nobody asks for", "{\"prompt\":\"q\",\"x\":[", "1,",
      "1]}", NGX_OK },
    { "arrays that nobody asks for", "{\"prompt\":\"q\",\"x\":[", "[],",
      "1]}", NGX_OK },
    { "members", "{\"prompt\":\"q\"", ",\"a\":0", "}", NGX_DECLINED },
    { "members with escapes", "{\"prompt\":\"q\"", ",\"\\n\":0", "}",
      NGX_DECLINED },
    { "arguments of numbers", NGX_HTTP_AISTREAM_UNIT_CALLED, "1e300,",
      "1" NGX_HTTP_AISTREAM_UNIT_RETURNED, NGX_OK },
    { "arguments of strings", NGX_HTTP_AISTREAM_UNIT_CALLED, "\"\",",
      "1" NGX_HTTP_AISTREAM_UNIT_RETURNED, NGX_OK },
    { "texts in a row", NGX_HTTP_AISTREAM_UNIT_PARTS,
      "{\"type\":\"text\",\"text\":\"a\"},", NGX_HTTP_AISTREAM_UNIT_END,
      NGX_OK },
    { "texts in a row with escapes", NGX_HTTP_AISTREAM_UNIT_PARTS,
      "{\"type\":\"text\",\"text\":\"\\n\"},", NGX_HTTP_AISTREAM_UNIT_END,
      NGX_OK },
    { "parts that are left out", NGX_HTTP_AISTREAM_UNIT_PARTS,
      "{\"type\":\"data-\"},", NGX_HTTP_AISTREAM_UNIT_END, NGX_OK },
    { "texts and images", NGX_HTTP_AISTREAM_UNIT_PARTS,
      "{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image\",\"data\":\"A\"},",
      NGX_HTTP_AISTREAM_UNIT_END, NGX_DECLINED },
    { "elements that are none", "{\"messages\":[", "1,", "1]}",
      NGX_DECLINED },
    { "messages", "{\"messages\":[", "{\"role\":\"user\",\"content\":\"\"},",
      "{\"role\":\"user\",\"content\":\"q\"}]}", NGX_OK },
    { "tools", "{\"prompt\":\"q\",\"tools\":[", "{\"name\":\"a\"},",
      "{\"name\":\"b\"}]}", NGX_DECLINED },
    { "tools as a map", "{\"prompt\":\"q\",\"tools\":{", "\"a\":{},",
      "\"b\":{}}}", NGX_DECLINED },
    { "an envelope in a string", "{\"body\":\"{\\\"prompt\\\":\\\"",
      "\\\\n", "\\\"}\"}", NGX_OK },
    { NULL, NULL, NULL, NULL, 0 }
};


static size_t  *ngx_http_aistream_unit_used_now;
static size_t  *ngx_http_aistream_unit_used_most;


void
ngx_http_aistream_unit_memory(ngx_http_aistream_unit_t *t)
{
    ngx_http_aistream_unit_body_t  *b;

    ngx_http_aistream_unit_used_now = dlsym(RTLD_DEFAULT,
                                            "ngx_http_aistream_unit_used");
    ngx_http_aistream_unit_used_most = dlsym(RTLD_DEFAULT,
                                             "ngx_http_aistream_unit_peak");

    ngx_http_aistream_unit_number(t, "bytes are counted",
                                  ngx_http_aistream_unit_used_now != NULL, 1);

    if (ngx_http_aistream_unit_used_now == NULL) {
        return;
    }

    for (b = ngx_http_aistream_unit_bodies; b->what; b++) {
        ngx_http_aistream_unit_memory_body(t, b, NGX_HTTP_AISTREAM_UNIT_BODY,
                                           0);
        ngx_http_aistream_unit_memory_body(t, b, NGX_HTTP_AISTREAM_UNIT_BODY,
                                           1);
        ngx_http_aistream_unit_memory_body(t, b, 1024, 1);
    }
}


static void
ngx_http_aistream_unit_memory_body(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_body_t *b, size_t size, ngx_uint_t own)
{
    u_char                             *p;
    size_t                              base, len;
    ngx_int_t                           rc;
    ngx_str_t                           body, error;
    ngx_pool_t                         *pool;
    ngx_http_aistream_chat_t           *chat;
    ngx_http_aistream_request_rules_t   rules;

    base = *ngx_http_aistream_unit_used_now;
    len = ngx_strlen(b->item);

    pool = ngx_create_pool(4096, t->pool->log);
    if (pool == NULL) {
        return;
    }

    body.data = ngx_pnalloc(pool, size);
    chat = ngx_pcalloc(pool, sizeof(ngx_http_aistream_chat_t));

    if (body.data == NULL || chat == NULL) {
        return;
    }

    p = ngx_cpymem(body.data, b->head, ngx_strlen(b->head));

    while (p + len + ngx_strlen(b->tail) < body.data + size) {
        p = ngx_cpymem(p, b->item, len);
    }

    p = ngx_cpymem(p, b->tail, ngx_strlen(b->tail));
    body.len = p - body.data;

    ngx_memzero(&rules, sizeof(ngx_http_aistream_request_rules_t));

    rules.messages = 100000;
    rules.writable = own;

    chat->pool = pool;
    chat->size = body.len;

    *ngx_http_aistream_unit_used_most = *ngx_http_aistream_unit_used_now;

    rc = ngx_http_aistream_request_parse(chat, &body, &rules, &error);

    if (size > 1024) {
        ngx_http_aistream_unit_number(t, b->what, rc, b->rc);
    }

    ngx_http_aistream_unit_most(t, b->what, "read",
                                *ngx_http_aistream_unit_used_most - base,
                                8 * body.len
                                + NGX_HTTP_AISTREAM_REQUEST_FLOOR);

    if (rc == NGX_OK) {
        ngx_http_aistream_unit_memory_waiting(t, b, chat, base);
    }

    ngx_destroy_pool(pool);
}


static void
ngx_http_aistream_unit_memory_waiting(ngx_http_aistream_unit_t *t,
    ngx_http_aistream_unit_body_t *b, ngx_http_aistream_chat_t *chat,
    size_t base)
{
    ngx_str_t                            text, *name;
    ngx_http_aistream_create_t           cr;
    ngx_http_aistream_options_t          options;
    const ngx_http_aistream_provider_t  *provider;

    static ngx_str_t  names[] = {
        ngx_string("openai"), ngx_string("responses"),
        ngx_string("anthropic"), ngx_string("gemini"), ngx_null_string
    };
    static ngx_str_t  model = ngx_string("m");

    for (name = names; name->len; name++) {
        provider = ngx_http_aistream_provider(name);
        options = provider->options;

        cr.chat = chat;
        cr.model = &model;
        cr.options = &options;
        cr.passthrough = 0;

        if (ngx_http_aistream_provider_body(provider, &cr, &text) != NGX_OK) {
            t->failed++;
            continue;
        }

        ngx_http_aistream_unit_most(t, b->what, "waited for",
                                    *ngx_http_aistream_unit_used_now - base,
                                    3 * chat->size
                                    + NGX_HTTP_AISTREAM_REQUEST_FLOOR);

        (void) ngx_pfree(chat->pool, text.data);
    }
}


static void
ngx_http_aistream_unit_most(ngx_http_aistream_unit_t *t, const char *what,
    const char *when, size_t bytes, size_t most)
{
    if (bytes <= most + NGX_HTTP_AISTREAM_UNIT_SLOP) {
        t->passed++;
        return;
    }

    t->failed++;

    printf("not ok: %s, while it is %s: %lu bytes, at most %lu\n", what, when,
           (unsigned long) bytes, (unsigned long) most);
}
