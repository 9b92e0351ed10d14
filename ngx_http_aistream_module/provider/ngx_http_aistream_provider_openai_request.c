
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The request: {"model":"...","messages":[...],"stream":true,...}.  It uses
 * the simplest forms, which compatible services support best: strings instead
 * of lists, and no fields that were not requested.
 */


#include <provider/ngx_http_aistream_provider_request.h>


static void ngx_http_aistream_openai_create_message(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message,
    ngx_http_aistream_options_t *options);
static void ngx_http_aistream_openai_create_reasoning(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message,
    ngx_str_t *field);
static void ngx_http_aistream_openai_create_content(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message);
static void ngx_http_aistream_openai_create_file(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part);
static void ngx_http_aistream_openai_create_tool_calls(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message);
static void ngx_http_aistream_openai_create_results(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message);
static void ngx_http_aistream_openai_create_result_files(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part,
    ngx_uint_t n);
static void ngx_http_aistream_openai_create_options(
    ngx_http_aistream_create_t *cr);
static void ngx_http_aistream_openai_create_tools(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat);
static void ngx_http_aistream_openai_create_format(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat);


static const ngx_http_aistream_provider_field_t
    ngx_http_aistream_openai_fields[] =
{
    { .id = NGX_HTTP_AISTREAM_FIELD_TOP_K, .name = "top_k", .compatible = 1 },
    { .id = NGX_HTTP_AISTREAM_FIELD_FREQUENCY_PENALTY,
      .name = "frequency_penalty" },
    { .id = NGX_HTTP_AISTREAM_FIELD_PRESENCE_PENALTY,
      .name = "presence_penalty" },
    { .id = NGX_HTTP_AISTREAM_FIELD_LOGIT_BIAS, .name = "logit_bias" },
    { .id = NGX_HTTP_AISTREAM_FIELD_LOGPROBS, .name = "logprobs",
      .passthrough = 1 },
    { .id = NGX_HTTP_AISTREAM_FIELD_TOP_LOGPROBS, .name = "top_logprobs",
      .passthrough = 1 },
    { .id = NGX_HTTP_AISTREAM_FIELD_VERBOSITY, .name = "verbosity" },
    { .id = NGX_HTTP_AISTREAM_FIELD_METADATA, .name = "metadata" },
    { .id = NGX_HTTP_AISTREAM_FIELD_USER, .name = "user" },
    { .id = NGX_HTTP_AISTREAM_FIELD_SAFETY_IDENTIFIER,
      .name = "safety_identifier" },
    { .id = NGX_HTTP_AISTREAM_FIELD_USER_ID, .name = "safety_identifier",
      .public = 1 },
    { .name = NULL }
};


/* the API rejects it in requests without tools */

static const ngx_http_aistream_provider_field_t
    ngx_http_aistream_openai_tool_fields[] =
{
    { .id = NGX_HTTP_AISTREAM_FIELD_PARALLEL_TOOL_CALLS,
      .name = "parallel_tool_calls" },
    { .name = NULL }
};


void
ngx_http_aistream_openai_create(ngx_http_aistream_create_t *cr)
{
    ngx_uint_t                     i;
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_message_t   *m;
    ngx_http_aistream_options_t   *options;
    ngx_http_aistream_json_out_t  *out;

    out = &cr->out;
    chat = cr->chat;
    options = cr->options;

    cr->written = ngx_http_aistream_field_bit(TOP_P)
                  |ngx_http_aistream_field_bit(SEED)
                  |ngx_http_aistream_field_bit(STOP)
                  |ngx_http_aistream_field_bit(TOOL_CHOICE)
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
        ngx_http_aistream_openai_create_message(out, &m[i], options);
    }

    ngx_http_aistream_json_out_end(out, ']');
    ngx_http_aistream_json_out_add_true(out, "stream");

    /* the public service only: compatible ones may reject unknown fields */

    ngx_http_aistream_json_out_literal(out, ",\"stream_options\":{"
                                            "\"include_usage\":true");

    if (options->public) {
        ngx_http_aistream_json_out_literal(out,
                                           ",\"include_obfuscation\":false");
    }

    ngx_http_aistream_json_out_end(out, '}');

    ngx_http_aistream_openai_create_options(cr);

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_openai_create_message(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message, ngx_http_aistream_options_t *options)
{
    if (message->role == NGX_HTTP_AISTREAM_TOOL) {
        ngx_http_aistream_openai_create_results(out, message);
        return;
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');

    if (message->role == NGX_HTTP_AISTREAM_ASSISTANT) {
        ngx_http_aistream_json_out_add_word(out, "role", "assistant");
        ngx_http_aistream_openai_create_content(out, message);

        if (options->reasoning.len) {
            ngx_http_aistream_openai_create_reasoning(out, message,
                                                      &options->reasoning);
        }

        ngx_http_aistream_openai_create_tool_calls(out, message);

    } else {
        ngx_http_aistream_json_out_add_word(out, "role", "user");
        ngx_http_aistream_openai_create_content(out, message);
    }

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_openai_create_reasoning(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message, ngx_str_t *field)
{
    ngx_uint_t                 i, open;
    ngx_http_aistream_part_t  *part;

    part = message->parts.elts;
    open = 0;

    for (i = 0; i < message->parts.nelts; i++) {

        if (part[i].type != NGX_HTTP_AISTREAM_PART_REASONING
            || part[i].text.len == 0)
        {
            continue;
        }

        if (!open) {
            open = 1;
            ngx_http_aistream_json_out_begin(out, (char *) field->data, '"');
        }

        ngx_http_aistream_json_out_escaped(out, &part[i].text);
    }

    if (open) {
        ngx_http_aistream_json_out_end(out, '"');
    }
}


/* A list is used only if a string is not enough: many services reject it. */

static void
ngx_http_aistream_openai_create_content(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message)
{
    ngx_uint_t                 i, n;
    ngx_http_aistream_part_t  *part, *only;

    part = message->parts.elts;
    only = NULL;
    n = 0;

    for (i = 0; i < message->parts.nelts; i++) {
        if (part[i].type == NGX_HTTP_AISTREAM_PART_TEXT
            || part[i].type == NGX_HTTP_AISTREAM_PART_FILE)
        {
            only = &part[i];
            n++;
        }
    }

    if (n == 0) {
        ngx_http_aistream_json_out_literal(out, ",\"content\":null");
        return;
    }

    if (n == 1 && only->type == NGX_HTTP_AISTREAM_PART_TEXT) {
        ngx_http_aistream_json_out_add(out, "content", &only->text);
        return;
    }

    ngx_http_aistream_json_out_begin(out, "content", '[');

    for (i = 0; i < message->parts.nelts; i++) {

        if (part[i].type == NGX_HTTP_AISTREAM_PART_FILE) {
            ngx_http_aistream_openai_create_file(out, &part[i]);

        } else if (part[i].type == NGX_HTTP_AISTREAM_PART_TEXT) {
            ngx_http_aistream_json_out_begin(out, NULL, '{');
            ngx_http_aistream_json_out_add_word(out, "type", "text");
            ngx_http_aistream_json_out_add(out, "text", &part[i].text);
            ngx_http_aistream_json_out_end(out, '}');
        }
    }

    ngx_http_aistream_json_out_end(out, ']');
}


static void
ngx_http_aistream_openai_create_file(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part)
{
    ngx_uint_t  image;

    if (ngx_http_aistream_openai_create_audio(out, part)) {
        return;
    }

    image = (ngx_strncmp(part->media_type.data, "image/", 6) == 0);

    ngx_http_aistream_json_out_begin(out, NULL, '{');

    if (image) {
        ngx_http_aistream_json_out_add_word(out, "type", "image_url");
        ngx_http_aistream_json_out_begin(out, "image_url", '{');

    } else {
        ngx_http_aistream_json_out_add_word(out, "type", "file");
        ngx_http_aistream_json_out_begin(out, "file", '{');

        if (part->name.len) {
            ngx_http_aistream_json_out_add(out, "filename", &part->name);

        } else {
            ngx_http_aistream_json_out_add_word(out, "filename", "file");
        }
    }

    if (part->url.len) {
        ngx_http_aistream_json_out_add(out, image ? "url" : "file_data",
                                       &part->url);

    } else {
        ngx_http_aistream_json_out_add_data_url(out,
                                                image ? "url" : "file_data",
                                                &part->media_type,
                                                &part->text);
    }

    ngx_http_aistream_json_out_end(out, '}');
    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_openai_create_tool_calls(ngx_http_aistream_json_out_t *out,
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

        if (calls++ == 0) {
            ngx_http_aistream_json_out_begin(out, "tool_calls", '[');
        }

        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add(out, "id", &part[i].id);
        ngx_http_aistream_json_out_add_word(out, "type", "function");
        ngx_http_aistream_json_out_begin(out, "function", '{');
        ngx_http_aistream_json_out_add(out, "name", &part[i].name);
        ngx_http_aistream_json_out_add(out, "arguments", &part[i].text);
        ngx_http_aistream_json_out_end(out, '}');
        ngx_http_aistream_json_out_end(out, '}');
    }

    if (calls) {
        ngx_http_aistream_json_out_end(out, ']');
    }
}


/*
 * Results contain text only, so files are sent in a message after all of them.
 */

static void
ngx_http_aistream_openai_create_results(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message)
{
    ngx_uint_t                 i, n, files;
    ngx_http_aistream_part_t  *part;

    part = message->parts.elts;
    n = message->parts.nelts;
    files = 0;

    for (i = 0; i < n; i++) {

        if (part[i].type != NGX_HTTP_AISTREAM_PART_RESULT) {
            files++;
            continue;
        }

        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add_word(out, "role", "tool");
        ngx_http_aistream_json_out_add(out, "tool_call_id", &part[i].id);

        if (part[i].text.len == 0
            && ngx_http_aistream_provider_files(&part[i], n - i))
        {
            ngx_http_aistream_json_out_add_word(out, "content",
                                            "(the next message has it)");

        } else {
            ngx_http_aistream_json_out_add(out, "content", &part[i].text);
        }

        ngx_http_aistream_json_out_end(out, '}');
    }

    if (files) {
        ngx_http_aistream_openai_create_result_files(out, part, n);
    }
}


static void
ngx_http_aistream_openai_create_result_files(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part,
    ngx_uint_t n)
{
    ngx_uint_t  i;

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "role", "user");
    ngx_http_aistream_json_out_begin(out, "content", '[');

    for (i = 0; i < n; i++) {

        if (part[i].type == NGX_HTTP_AISTREAM_PART_FILE) {
            ngx_http_aistream_openai_create_file(out, &part[i]);
            continue;
        }

        if (ngx_http_aistream_provider_files(&part[i], n - i)) {
            ngx_http_aistream_json_out_begin(out, NULL, '{');
            ngx_http_aistream_json_out_add_word(out, "type", "text");
            ngx_http_aistream_json_out_begin(out, "text", '"');
            ngx_http_aistream_json_out_literal(out, "(result of ");
            ngx_http_aistream_json_out_escaped(out, &part[i].name);
            ngx_http_aistream_json_out_literal(out, ")\"}");
        }
    }

    ngx_http_aistream_json_out_literal(out, "]}");
}


static void
ngx_http_aistream_openai_create_options(ngx_http_aistream_create_t *cr)
{
    ngx_str_t                     *stop;
    ngx_uint_t                     i;
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_json_out_t  *out;

    out = &cr->out;
    chat = cr->chat;

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
        ngx_http_aistream_json_out_add_number(out,
                                         (char *) cr->options->max_tokens.data,
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

    if (chat->tools.nelts) {
        ngx_http_aistream_openai_create_tools(out, chat);
        ngx_http_aistream_provider_fields(cr,
                                        ngx_http_aistream_openai_tool_fields);
    }

    ngx_http_aistream_provider_fields(cr, ngx_http_aistream_openai_fields);

    if (chat->format != NGX_HTTP_AISTREAM_FORMAT_TEXT) {
        ngx_http_aistream_openai_create_format(out, chat);
    }
}


static void
ngx_http_aistream_openai_create_tools(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat)
{
    ngx_uint_t                 i;
    ngx_http_aistream_tool_t  *tool;

    static const char  *choices[] = {
        [NGX_HTTP_AISTREAM_CHOICE_UNSET] = NULL,
        [NGX_HTTP_AISTREAM_CHOICE_AUTO] = "auto",
        [NGX_HTTP_AISTREAM_CHOICE_NONE] = "none",
        [NGX_HTTP_AISTREAM_CHOICE_REQUIRED] = "required"
    };

    ngx_http_aistream_json_out_begin(out, "tools", '[');

    tool = chat->tools.elts;

    for (i = 0; i < chat->tools.nelts; i++) {
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
        }

        if (tool[i].strict) {
            ngx_http_aistream_json_out_add_true(out, "strict");
        }

        ngx_http_aistream_json_out_end(out, '}');
        ngx_http_aistream_json_out_end(out, '}');
    }

    ngx_http_aistream_json_out_end(out, ']');

    switch (chat->choice) {

    case NGX_HTTP_AISTREAM_CHOICE_UNSET:
        break;

    case NGX_HTTP_AISTREAM_CHOICE_NAMED:
        ngx_http_aistream_json_out_begin(out, "tool_choice", '{');
        ngx_http_aistream_json_out_add_word(out, "type", "function");
        ngx_http_aistream_json_out_begin(out, "function", '{');
        ngx_http_aistream_json_out_add(out, "name", &chat->choice_name);
        ngx_http_aistream_json_out_end(out, '}');
        ngx_http_aistream_json_out_end(out, '}');
        break;

    default:
        ngx_http_aistream_json_out_add_word(out, "tool_choice",
                                            choices[chat->choice]);
        break;
    }
}


static void
ngx_http_aistream_openai_create_format(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat)
{
    ngx_http_aistream_json_out_begin(out, "response_format", '{');

    if (chat->format == NGX_HTTP_AISTREAM_FORMAT_JSON) {
        ngx_http_aistream_json_out_add_word(out, "type", "json_object");

    } else {
        ngx_http_aistream_json_out_add_word(out, "type", "json_schema");
        ngx_http_aistream_json_out_begin(out, "json_schema", '{');
        ngx_http_aistream_json_out_add(out, "name", &chat->format_name);
        ngx_http_aistream_json_out_add_json(out, "schema",
                                            &chat->format_schema);

        if (chat->format_strict) {
            ngx_http_aistream_json_out_add_true(out, "strict");
        }

        ngx_http_aistream_json_out_end(out, '}');
    }

    ngx_http_aistream_json_out_end(out, '}');
}
