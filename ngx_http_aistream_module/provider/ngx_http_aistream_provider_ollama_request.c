
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The request: {"model":"m","messages":[{"role":"user","content":"...",
 * "images":["..."]}],"stream":true,"tools":[...],"format":...,"options":{}}.
 *
 * A text is one string; arguments of a tool call are an object; results are
 * matched to tool calls by name and order.
 */


#include <provider/ngx_http_aistream_provider_request.h>


#define ngx_http_aistream_ollama_image(part)                                  \
    ((part)->type == NGX_HTTP_AISTREAM_PART_FILE && (part)->url.len == 0      \
     && ngx_strncmp((part)->media_type.data, "image/", 6) == 0)


static void ngx_http_aistream_ollama_create_message(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message);
static void ngx_http_aistream_ollama_create_text(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message,
    ngx_http_aistream_part_e type, const char *key);
static void ngx_http_aistream_ollama_create_images(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message);
static void ngx_http_aistream_ollama_create_tool_calls(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message);
static void ngx_http_aistream_ollama_create_results(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message);
static void ngx_http_aistream_ollama_create_options(
    ngx_http_aistream_create_t *cr);
static void ngx_http_aistream_ollama_create_tools(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat);


/* in "options" */

static const ngx_http_aistream_provider_field_t
    ngx_http_aistream_ollama_fields[] =
{
    { .id = NGX_HTTP_AISTREAM_FIELD_TOP_K, .name = "top_k" },
    { .id = NGX_HTTP_AISTREAM_FIELD_FREQUENCY_PENALTY,
      .name = "frequency_penalty" },
    { .id = NGX_HTTP_AISTREAM_FIELD_PRESENCE_PENALTY,
      .name = "presence_penalty" },
    { .name = NULL }
};


void
ngx_http_aistream_ollama_create(ngx_http_aistream_create_t *cr)
{
    ngx_uint_t                     i;
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_message_t   *m;
    ngx_http_aistream_json_out_t  *out;

    out = &cr->out;
    chat = cr->chat;

    cr->written = ngx_http_aistream_field_bit(TOP_P)
                  |ngx_http_aistream_field_bit(SEED)
                  |ngx_http_aistream_field_bit(STOP)
                  |ngx_http_aistream_field_bit(FORMAT);

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add(out, "model", cr->model);
    ngx_http_aistream_json_out_begin(out, "messages", '[');

    if (chat->system.len) {
        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add_word(out, "role", "system");
        ngx_http_aistream_json_out_add(out, "content", &chat->system);
        ngx_http_aistream_json_out_end(out, '}');
    }

    m = chat->messages.elts;

    for (i = 0; i < chat->messages.nelts; i++) {

        if (m[i].role == NGX_HTTP_AISTREAM_TOOL) {
            ngx_http_aistream_ollama_create_results(out, &m[i]);

        } else {
            ngx_http_aistream_ollama_create_message(out, &m[i]);
        }
    }

    ngx_http_aistream_json_out_end(out, ']');
    ngx_http_aistream_json_out_add_true(out, "stream");

    /* Ollama has no tool_choice, so no tool or only the chosen one is sent. */

    if (chat->choice != NGX_HTTP_AISTREAM_CHOICE_REQUIRED) {
        cr->written |= ngx_http_aistream_field_bit(TOOL_CHOICE);
    }

    if (chat->tools.nelts && chat->choice != NGX_HTTP_AISTREAM_CHOICE_NONE) {
        ngx_http_aistream_ollama_create_tools(out, chat);
    }

    if (chat->format == NGX_HTTP_AISTREAM_FORMAT_JSON) {
        ngx_http_aistream_json_out_add_word(out, "format", "json");

    } else if (chat->format == NGX_HTTP_AISTREAM_FORMAT_SCHEMA) {
        ngx_http_aistream_json_out_add_json(out, "format",
                                            &chat->format_schema);
    }

    ngx_http_aistream_ollama_create_options(cr);

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_ollama_create_message(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message)
{
    ngx_http_aistream_json_out_begin(out, NULL, '{');

    if (message->role == NGX_HTTP_AISTREAM_ASSISTANT) {
        ngx_http_aistream_json_out_add_word(out, "role", "assistant");
        ngx_http_aistream_ollama_create_text(out, message,
                                             NGX_HTTP_AISTREAM_PART_REASONING,
                                             "thinking");

    } else {
        ngx_http_aistream_json_out_add_word(out, "role", "user");
    }

    ngx_http_aistream_ollama_create_text(out, message,
                                         NGX_HTTP_AISTREAM_PART_TEXT,
                                         "content");
    ngx_http_aistream_ollama_create_images(out, message);
    ngx_http_aistream_ollama_create_tool_calls(out, message);

    ngx_http_aistream_json_out_end(out, '}');
}


/*
 * joins the message's parts of that type into one string, with empty lines
 * between them
 */

static void
ngx_http_aistream_ollama_create_text(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message, ngx_http_aistream_part_e type,
    const char *key)
{
    ngx_uint_t                 i, texts;
    ngx_http_aistream_part_t  *part;

    part = message->parts.elts;
    texts = 0;

    for (i = 0; i < message->parts.nelts; i++) {

        if (part[i].type != type || part[i].text.len == 0) {
            continue;
        }

        if (texts++ == 0) {
            ngx_http_aistream_json_out_begin(out, key, '"');

        } else {
            ngx_http_aistream_json_out_literal(out, "\\n\\n");
        }

        ngx_http_aistream_json_out_escaped(out, &part[i].text);
    }

    if (texts) {
        ngx_http_aistream_json_out_end(out, '"');

    } else if (type == NGX_HTTP_AISTREAM_PART_TEXT) {
        ngx_http_aistream_json_out_add_word(out, key, "");
    }
}


/* Only images are supported, and only as data. */

static void
ngx_http_aistream_ollama_create_images(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message)
{
    ngx_uint_t                 i, images;
    ngx_http_aistream_part_t  *part;

    part = message->parts.elts;
    images = 0;

    for (i = 0; i < message->parts.nelts; i++) {

        if (!ngx_http_aistream_ollama_image(&part[i])) {
            continue;
        }

        if (images++ == 0) {
            ngx_http_aistream_json_out_begin(out, "images", '[');
        }

        ngx_http_aistream_json_out_add(out, NULL, &part[i].text);
    }

    if (images) {
        ngx_http_aistream_json_out_end(out, ']');
    }
}


static void
ngx_http_aistream_ollama_create_tool_calls(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message)
{
    ngx_uint_t                 i, calls;
    ngx_http_aistream_part_t  *part;

    part = message->parts.elts;
    calls = 0;

    for (i = 0; i < message->parts.nelts; i++) {

        if (part[i].type != NGX_HTTP_AISTREAM_PART_TOOL_CALL) {
            continue;
        }

        if (calls == 0) {
            ngx_http_aistream_json_out_begin(out, "tool_calls", '[');
        }

        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add_word(out, "type", "function");
        ngx_http_aistream_json_out_begin(out, "function", '{');
        ngx_http_aistream_json_out_add_number(out, "index", calls++);
        ngx_http_aistream_json_out_add(out, "name", &part[i].name);
        ngx_http_aistream_json_out_add_json(out, "arguments", &part[i].text);
        ngx_http_aistream_json_out_literal(out, "}}");
    }

    if (calls) {
        ngx_http_aistream_json_out_end(out, ']');
    }
}


/*
 * Results are sent in the order of the tool calls, and their images in a
 * message after them.
 */

static void
ngx_http_aistream_ollama_create_results(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message)
{
    ngx_uint_t                 i, n, images;
    ngx_http_aistream_part_t  *part;

    part = message->parts.elts;
    n = message->parts.nelts;
    images = 0;

    for (i = 0; i < n; i++) {

        if (part[i].type != NGX_HTTP_AISTREAM_PART_RESULT) {
            images += ngx_http_aistream_ollama_image(&part[i]);
            continue;
        }

        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add_word(out, "role", "tool");
        ngx_http_aistream_json_out_add(out, "tool_name", &part[i].name);

        if (part[i].text.len == 0
            && i + 1 < n && ngx_http_aistream_ollama_image(&part[i + 1]))
        {
            ngx_http_aistream_json_out_add_word(out, "content",
                                                "(the next message has it)");

        } else {
            ngx_http_aistream_json_out_add(out, "content", &part[i].text);
        }

        ngx_http_aistream_json_out_end(out, '}');
    }

    if (images) {
        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add_word(out, "role", "user");
        ngx_http_aistream_json_out_add_word(out, "content",
                                            "(what the tools returned)");
        ngx_http_aistream_ollama_create_images(out, message);
        ngx_http_aistream_json_out_end(out, '}');
    }
}


static void
ngx_http_aistream_ollama_create_options(ngx_http_aistream_create_t *cr)
{
    ngx_str_t                     *stop;
    ngx_uint_t                     i;
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_json_out_t  *out;

    out = &cr->out;
    chat = cr->chat;

    ngx_http_aistream_json_out_begin(out, "options", '{');

    if (chat->temperature.set) {
        ngx_http_aistream_json_out_add_number(out, "temperature",
                                              chat->temperature.value);
    }

    if (chat->top_p.set) {
        ngx_http_aistream_json_out_add_number(out, "top_p",
                                              chat->top_p.value);
    }

    if (chat->seed.set) {
        ngx_http_aistream_json_out_add_number(out, "seed", chat->seed.value);
    }

    if (chat->max_tokens) {
        ngx_http_aistream_json_out_add_number(out, "num_predict",
                                              chat->max_tokens);
    }

    if (chat->stop.nelts) {
        ngx_http_aistream_json_out_begin(out, "stop", '[');

        stop = chat->stop.elts;

        for (i = 0; i < chat->stop.nelts; i++) {
            ngx_http_aistream_json_out_add(out, NULL, &stop[i]);
        }

        ngx_http_aistream_json_out_end(out, ']');
    }

    ngx_http_aistream_provider_fields(cr, ngx_http_aistream_ollama_fields);

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_ollama_create_tools(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat)
{
    ngx_uint_t                 i;
    ngx_http_aistream_tool_t  *tool;

    static ngx_str_t  empty = ngx_string("{\"type\":\"object\","
                                         "\"properties\":{}}");

    ngx_http_aistream_json_out_begin(out, "tools", '[');

    tool = chat->tools.elts;

    for (i = 0; i < chat->tools.nelts; i++) {

        if (chat->choice == NGX_HTTP_AISTREAM_CHOICE_NAMED
            && (tool[i].name.len != chat->choice_name.len
                || ngx_memcmp(tool[i].name.data, chat->choice_name.data,
                              tool[i].name.len)
                   != 0))
        {
            continue;
        }

        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add_word(out, "type", "function");
        ngx_http_aistream_json_out_begin(out, "function", '{');
        ngx_http_aistream_json_out_add(out, "name", &tool[i].name);

        if (tool[i].description.len) {
            ngx_http_aistream_json_out_add(out, "description",
                                           &tool[i].description);
        }

        if (tool[i].parameters.len) {
            ngx_http_aistream_provider_schema(out, "parameters", &tool[i], 1);

        } else {
            ngx_http_aistream_json_out_add_json(out, "parameters", &empty);
        }

        ngx_http_aistream_json_out_literal(out, "}}");
    }

    ngx_http_aistream_json_out_end(out, ']');
}
