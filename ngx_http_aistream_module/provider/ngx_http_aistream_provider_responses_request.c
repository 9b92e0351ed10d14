
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The request: {"model":"...","instructions":"...","input":[...]}; the input
 * is a list of messages, tool calls and their outputs.  The provider is asked
 * to store nothing, so the whole conversation is sent.
 */


#include <provider/ngx_http_aistream_provider_request.h>


static void ngx_http_aistream_responses_create_message(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message);
static void ngx_http_aistream_responses_create_content(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part,
    ngx_uint_t assistant);
static void ngx_http_aistream_responses_create_item(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part,
    ngx_uint_t files);
static void ngx_http_aistream_responses_create_tools(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat);
static void ngx_http_aistream_responses_create_text(
    ngx_http_aistream_create_t *cr);
static void ngx_http_aistream_responses_create_format(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat);


static const ngx_http_aistream_provider_field_t
    ngx_http_aistream_responses_fields[] =
{
    { .id = NGX_HTTP_AISTREAM_FIELD_METADATA, .name = "metadata" },
    { .id = NGX_HTTP_AISTREAM_FIELD_USER, .name = "user" },
    { .id = NGX_HTTP_AISTREAM_FIELD_SAFETY_IDENTIFIER,
      .name = "safety_identifier" },
    { .id = NGX_HTTP_AISTREAM_FIELD_USER_ID, .name = "safety_identifier",
      .public = 1 },
    { .name = NULL }
};


/* in "text" */

static const ngx_http_aistream_provider_field_t
    ngx_http_aistream_responses_text_fields[] =
{
    { .id = NGX_HTTP_AISTREAM_FIELD_VERBOSITY, .name = "verbosity" },
    { .name = NULL }
};


static const ngx_http_aistream_provider_field_t
    ngx_http_aistream_responses_tool_fields[] =
{
    { .id = NGX_HTTP_AISTREAM_FIELD_PARALLEL_TOOL_CALLS,
      .name = "parallel_tool_calls" },
    { .name = NULL }
};


void
ngx_http_aistream_responses_create(ngx_http_aistream_create_t *cr)
{
    ngx_uint_t                     i;
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_message_t   *m;
    ngx_http_aistream_json_out_t  *out;

    out = &cr->out;
    chat = cr->chat;

    cr->written = ngx_http_aistream_field_bit(TOP_P)
                  |ngx_http_aistream_field_bit(TOOL_CHOICE)
                  |ngx_http_aistream_field_bit(FORMAT);

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add(out, "model", cr->model);

    if (chat->system.len) {
        ngx_http_aistream_json_out_add(out, "instructions", &chat->system);
    }

    ngx_http_aistream_json_out_begin(out, "input", '[');

    m = chat->messages.elts;

    for (i = 0; i < chat->messages.nelts; i++) {
        ngx_http_aistream_responses_create_message(out, &m[i]);
    }

    ngx_http_aistream_json_out_end(out, ']');

    ngx_http_aistream_json_out_literal(out, ",\"stream\":true");

    if (cr->options->public) {
        ngx_http_aistream_json_out_literal(out, ",\"stream_options\":{"
                                           "\"include_obfuscation\":false}");
    }

    ngx_http_aistream_json_out_literal(out, ",\"store\":false");

    if (chat->temperature.set) {
        ngx_http_aistream_json_out_add_number(out, "temperature",
                                              chat->temperature.value);
    }

    if (chat->top_p.set) {
        ngx_http_aistream_json_out_add_number(out, "top_p",
                                              chat->top_p.value);
    }

    if (chat->max_tokens) {
        ngx_http_aistream_json_out_add_number(out, "max_output_tokens",
                                              chat->max_tokens);
    }

    if (chat->tools.nelts) {
        ngx_http_aistream_responses_create_tools(out, chat);
        ngx_http_aistream_provider_fields(cr,
                                     ngx_http_aistream_responses_tool_fields);
    }

    ngx_http_aistream_provider_fields(cr, ngx_http_aistream_responses_fields);

    if (chat->format != NGX_HTTP_AISTREAM_FORMAT_TEXT
        || ngx_http_aistream_provider_field(cr,
                                            NGX_HTTP_AISTREAM_FIELD_VERBOSITY))
    {
        ngx_http_aistream_responses_create_text(cr);
    }

    ngx_http_aistream_json_out_end(out, '}');
}


/* adds consecutive texts and files as a message; other parts are items */

static void
ngx_http_aistream_responses_create_message(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message)
{
    ngx_uint_t                 i, open, files, assistant;
    ngx_http_aistream_part_t  *part;

    part = message->parts.elts;
    assistant = (message->role == NGX_HTTP_AISTREAM_ASSISTANT);
    open = 0;

    for (i = 0; i < message->parts.nelts; i++) {

        switch (part[i].type) {

        case NGX_HTTP_AISTREAM_PART_TEXT:
        case NGX_HTTP_AISTREAM_PART_FILE:

            if (!open) {
                open = 1;
                ngx_http_aistream_json_out_begin(out, NULL, '{');
                ngx_http_aistream_json_out_add_word(out, "role",
                                          assistant ? "assistant" : "user");
                ngx_http_aistream_json_out_begin(out, "content", '[');
            }

            ngx_http_aistream_responses_create_content(out, &part[i],
                                                       assistant);
            break;

        case NGX_HTTP_AISTREAM_PART_REASONING:
            break;

        default:

            if (open) {
                open = 0;
                ngx_http_aistream_json_out_literal(out, "]}");
            }

            files = ngx_http_aistream_provider_files(&part[i],
                                                 message->parts.nelts - i);
            ngx_http_aistream_responses_create_item(out, &part[i], files);
            i += files;
            break;
        }
    }

    if (open) {
        ngx_http_aistream_json_out_literal(out, "]}");
    }
}


static void
ngx_http_aistream_responses_create_content(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part, ngx_uint_t assistant)
{
    const char  *name;

    if (part->type == NGX_HTTP_AISTREAM_PART_FILE
        && ngx_http_aistream_openai_create_audio(out, part))
    {
        return;
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');

    if (part->type == NGX_HTTP_AISTREAM_PART_TEXT) {
        ngx_http_aistream_json_out_add_word(out, "type",
                                  assistant ? "output_text" : "input_text");
        ngx_http_aistream_json_out_add(out, "text", &part->text);
        ngx_http_aistream_json_out_end(out, '}');
        return;
    }

    if (ngx_strncmp(part->media_type.data, "image/", 6) == 0) {
        ngx_http_aistream_json_out_add_word(out, "type", "input_image");
        name = "image_url";

    } else {
        ngx_http_aistream_json_out_add_word(out, "type", "input_file");
        name = part->url.len ? "file_url" : "file_data";

        /* a file sent as data must have a name, whose extension is its type */

        if (part->url.len == 0) {
            if (part->name.len) {
                ngx_http_aistream_json_out_add(out, "filename", &part->name);

            } else {
                ngx_http_aistream_json_out_add_word(out, "filename",
                                                    "file.pdf");
            }
        }
    }

    if (part->url.len) {
        ngx_http_aistream_json_out_add(out, name, &part->url);

    } else {
        ngx_http_aistream_json_out_add_data_url(out, name, &part->media_type,
                                                &part->text);
    }

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_responses_create_item(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part, ngx_uint_t files)
{
    ngx_uint_t  i;

    ngx_http_aistream_json_out_begin(out, NULL, '{');

    if (part->type == NGX_HTTP_AISTREAM_PART_TOOL_CALL) {
        ngx_http_aistream_json_out_add_word(out, "type", "function_call");
        ngx_http_aistream_json_out_add(out, "call_id", &part->id);
        ngx_http_aistream_json_out_add(out, "name", &part->name);
        ngx_http_aistream_json_out_add(out, "arguments", &part->text);

    } else {
        ngx_http_aistream_json_out_add_word(out, "type",
                                            "function_call_output");
        ngx_http_aistream_json_out_add(out, "call_id", &part->id);

        if (files == 0) {
            ngx_http_aistream_json_out_add(out, "output", &part->text);

        } else {
            ngx_http_aistream_json_out_begin(out, "output", '[');

            if (part->text.len) {
                ngx_http_aistream_json_out_begin(out, NULL, '{');
                ngx_http_aistream_json_out_add_word(out, "type", "input_text");
                ngx_http_aistream_json_out_add(out, "text", &part->text);
                ngx_http_aistream_json_out_end(out, '}');
            }

            for (i = 1; i <= files; i++) {
                ngx_http_aistream_responses_create_content(out, &part[i], 0);
            }

            ngx_http_aistream_json_out_end(out, ']');
        }
    }

    ngx_http_aistream_json_out_end(out, '}');
}


/* "strict" is true by default in this API */

static void
ngx_http_aistream_responses_create_tools(ngx_http_aistream_json_out_t *out,
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
    static ngx_str_t    empty = ngx_string("{\"type\":\"object\","
                                           "\"properties\":{}}");

    ngx_http_aistream_json_out_begin(out, "tools", '[');

    tool = chat->tools.elts;

    for (i = 0; i < chat->tools.nelts; i++) {
        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add_word(out, "type", "function");
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

        if (tool[i].strict) {
            ngx_http_aistream_json_out_add_true(out, "strict");

        } else {
            ngx_http_aistream_json_out_literal(out, ",\"strict\":false");
        }

        ngx_http_aistream_json_out_end(out, '}');
    }

    ngx_http_aistream_json_out_end(out, ']');

    switch (chat->choice) {

    case NGX_HTTP_AISTREAM_CHOICE_UNSET:
        break;

    case NGX_HTTP_AISTREAM_CHOICE_NAMED:
        ngx_http_aistream_json_out_begin(out, "tool_choice", '{');
        ngx_http_aistream_json_out_add_word(out, "type", "function");
        ngx_http_aistream_json_out_add(out, "name", &chat->choice_name);
        ngx_http_aistream_json_out_end(out, '}');
        break;

    default:
        ngx_http_aistream_json_out_add_word(out, "tool_choice",
                                            choices[chat->choice]);
        break;
    }
}


static void
ngx_http_aistream_responses_create_text(ngx_http_aistream_create_t *cr)
{
    ngx_http_aistream_json_out_begin(&cr->out, "text", '{');

    if (cr->chat->format != NGX_HTTP_AISTREAM_FORMAT_TEXT) {
        ngx_http_aistream_responses_create_format(&cr->out, cr->chat);
    }

    ngx_http_aistream_provider_fields(cr,
                                     ngx_http_aistream_responses_text_fields);

    ngx_http_aistream_json_out_end(&cr->out, '}');
}


static void
ngx_http_aistream_responses_create_format(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat)
{
    ngx_http_aistream_json_out_begin(out, "format", '{');

    if (chat->format == NGX_HTTP_AISTREAM_FORMAT_JSON) {
        ngx_http_aistream_json_out_add_word(out, "type", "json_object");

    } else {
        ngx_http_aistream_json_out_add_word(out, "type", "json_schema");
        ngx_http_aistream_json_out_add(out, "name", &chat->format_name);
        ngx_http_aistream_json_out_add_json(out, "schema",
                                            &chat->format_schema);

        if (chat->format_strict) {
            ngx_http_aistream_json_out_add_true(out, "strict");

        } else {
            ngx_http_aistream_json_out_literal(out, ",\"strict\":false");
        }
    }

    ngx_http_aistream_json_out_end(out, '}');
}
