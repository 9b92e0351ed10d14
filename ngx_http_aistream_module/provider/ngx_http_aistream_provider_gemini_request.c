
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The request: {"contents":[{"role":"user","parts":[...]}],
 * "systemInstruction":{...},"generationConfig":{...},"tools":[...]}.
 *
 * Roles alternate; all results of a turn's tool calls are in one content.
 */


#include <provider/ngx_http_aistream_provider_request.h>


/*
 * Gemini 3 requires a signature on the first tool call of a turn.  This value
 * is documented by Google for tool calls of other models.
 */
#define NGX_HTTP_AISTREAM_GEMINI_UNSIGNED  "skip_thought_signature_validator"


static void ngx_http_aistream_gemini_create_contents(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat,
    ngx_uint_t signs);
static void ngx_http_aistream_gemini_create_part(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part);
static void ngx_http_aistream_gemini_create_file(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part);
static void ngx_http_aistream_gemini_create_tool_call(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part,
    ngx_uint_t sign);
static ngx_uint_t ngx_http_aistream_gemini_create_result(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part,
    ngx_uint_t n, ngx_uint_t files);
static void ngx_http_aistream_gemini_create_result_files(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message);
static void ngx_http_aistream_gemini_create_config(
    ngx_http_aistream_create_t *cr);
static void ngx_http_aistream_gemini_create_tools(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat);


/* in "generationConfig" */

static const ngx_http_aistream_provider_field_t
    ngx_http_aistream_gemini_fields[] =
{
    { .id = NGX_HTTP_AISTREAM_FIELD_TOP_K, .name = "topK" },
    { .id = NGX_HTTP_AISTREAM_FIELD_FREQUENCY_PENALTY,
      .name = "frequencyPenalty" },
    { .id = NGX_HTTP_AISTREAM_FIELD_PRESENCE_PENALTY,
      .name = "presencePenalty" },
    { .name = NULL }
};


void
ngx_http_aistream_gemini_create(ngx_http_aistream_create_t *cr)
{
    ngx_str_t                     *model;
    ngx_uint_t                     signs;
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_json_out_t  *out;

    out = &cr->out;
    chat = cr->chat;
    model = cr->model;

    cr->written = ngx_http_aistream_field_bit(TOP_P)
                  |ngx_http_aistream_field_bit(SEED)
                  |ngx_http_aistream_field_bit(STOP)
                  |ngx_http_aistream_field_bit(TOOL_CHOICE)
                  |ngx_http_aistream_field_bit(FORMAT);

    signs = (ngx_strncmp(model->data, "gemini-1", 8) != 0
             && ngx_strncmp(model->data, "gemini-2", 8) != 0);

    ngx_http_aistream_json_out_begin(out, NULL, '{');

    if (chat->system.len) {
        ngx_http_aistream_json_out_begin(out, "systemInstruction", '{');
        ngx_http_aistream_json_out_begin(out, "parts", '[');
        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add(out, "text", &chat->system);
        ngx_http_aistream_json_out_literal(out, "}]}");
    }

    ngx_http_aistream_gemini_create_contents(out, chat, signs);
    ngx_http_aistream_gemini_create_config(cr);

    if (chat->tools.nelts) {
        ngx_http_aistream_gemini_create_tools(out, chat);
    }

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_gemini_create_contents(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat, ngx_uint_t signs)
{
    ngx_uint_t                    i, n, model, open, sign, files;
    ngx_http_aistream_part_t     *part;
    ngx_http_aistream_message_t  *m;

    ngx_http_aistream_json_out_begin(out, "contents", '[');

    m = chat->messages.elts;
    open = 0;
    model = 0;

    for (i = 0; i < chat->messages.nelts; i++) {

        if (open && model != (m[i].role == NGX_HTTP_AISTREAM_ASSISTANT)) {
            ngx_http_aistream_json_out_literal(out, "]}");
            open = 0;
        }

        if (!open) {
            model = (m[i].role == NGX_HTTP_AISTREAM_ASSISTANT);
            open = 1;

            ngx_http_aistream_json_out_begin(out, NULL, '{');
            ngx_http_aistream_json_out_add_word(out, "role",
                                                model ? "model" : "user");
            ngx_http_aistream_json_out_begin(out, "parts", '[');
        }

        part = m[i].parts.elts;
        sign = signs;
        files = 0;

        for (n = 0; n < m[i].parts.nelts; n++) {

            if (part[n].type == NGX_HTTP_AISTREAM_PART_TOOL_CALL) {
                ngx_http_aistream_gemini_create_tool_call(out, &part[n], sign);
                sign = 0;

            } else if (m[i].role == NGX_HTTP_AISTREAM_TOOL) {
                files += ngx_http_aistream_gemini_create_result(out, &part[n],
                                             m[i].parts.nelts - n, signs);

            } else if (part[n].type != NGX_HTTP_AISTREAM_PART_REASONING) {
                ngx_http_aistream_gemini_create_part(out, &part[n]);
            }
        }

        if (files) {
            ngx_http_aistream_gemini_create_result_files(out, &m[i]);
        }
    }

    ngx_http_aistream_json_out_literal(out, "]}]");
}


static void
ngx_http_aistream_gemini_create_part(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part)
{
    ngx_http_aistream_json_out_begin(out, NULL, '{');

    switch (part->type) {

    case NGX_HTTP_AISTREAM_PART_FILE:
        ngx_http_aistream_gemini_create_file(out, part);
        break;

    default:
        ngx_http_aistream_json_out_add(out, "text", &part->text);
        break;
    }

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_gemini_create_file(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part)
{
    if (part->url.len) {
        ngx_http_aistream_json_out_begin(out, "fileData", '{');
        ngx_http_aistream_json_out_add(out, "mimeType", &part->media_type);
        ngx_http_aistream_json_out_add(out, "fileUri", &part->url);

    } else {
        ngx_http_aistream_json_out_begin(out, "inlineData", '{');
        ngx_http_aistream_json_out_add(out, "mimeType", &part->media_type);
        ngx_http_aistream_json_out_add(out, "data", &part->text);
    }

    ngx_http_aistream_json_out_end(out, '}');
}


/* Ids are not sent because some versions of the service reject the field. */

static void
ngx_http_aistream_gemini_create_tool_call(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part, ngx_uint_t sign)
{
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_begin(out, "functionCall", '{');
    ngx_http_aistream_json_out_add(out, "name", &part->name);
    ngx_http_aistream_json_out_add_json(out, "args", &part->text);
    ngx_http_aistream_json_out_end(out, '}');

    if (part->signature.len
        && (part->origin.len == 0
            || ngx_http_aistream_scan_is(&part->origin, "gemini")))
    {
        ngx_http_aistream_json_out_add(out, "thoughtSignature",
                                       &part->signature);

    } else if (sign) {
        ngx_http_aistream_json_out_add_word(out, "thoughtSignature",
                                          NGX_HTTP_AISTREAM_GEMINI_UNSIGNED);
    }

    ngx_http_aistream_json_out_end(out, '}');
}


/*
 * A response must be an object.  Since Gemini 3 it contains the files; for
 * older models the number of files that must follow is returned.
 */

static ngx_uint_t
ngx_http_aistream_gemini_create_result(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part, ngx_uint_t n, ngx_uint_t signs)
{
    ngx_uint_t  i, files;

    if (part->type == NGX_HTTP_AISTREAM_PART_FILE) {
        return !signs || part->url.len;
    }

    files = ngx_http_aistream_provider_files(part, n);

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_begin(out, "functionResponse", '{');
    ngx_http_aistream_json_out_add(out, "name", &part->name);

    if (part->object && !part->failed) {
        ngx_http_aistream_json_out_add_json(out, "response", &part->text);

    } else {
        ngx_http_aistream_json_out_begin(out, "response", '{');
        ngx_http_aistream_json_out_add(out, part->failed ? "error" : "output",
                                       &part->text);
        ngx_http_aistream_json_out_end(out, '}');
    }

    if (signs && files) {
        ngx_http_aistream_json_out_begin(out, "parts", '[');

        for (i = 1; i <= files; i++) {
            if (part[i].url.len == 0) {
                ngx_http_aistream_gemini_create_part(out, &part[i]);
            }
        }

        ngx_http_aistream_json_out_end(out, ']');
    }

    ngx_http_aistream_json_out_literal(out, "}}");

    return 0;
}


/*
 * adds the files as a separate content, since the one with responses may
 * contain nothing else
 */

static void
ngx_http_aistream_gemini_create_result_files(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message)
{
    ngx_uint_t                 i;
    ngx_http_aistream_part_t  *part;

    ngx_http_aistream_json_out_literal(out, "]},{\"role\":\"user\","
                                            "\"parts\":[");

    part = message->parts.elts;

    for (i = 0; i < message->parts.nelts; i++) {
        if (part[i].type == NGX_HTTP_AISTREAM_PART_FILE) {
            ngx_http_aistream_gemini_create_part(out, &part[i]);
        }
    }
}


static void
ngx_http_aistream_gemini_create_config(ngx_http_aistream_create_t *cr)
{
    ngx_str_t                     *stop;
    ngx_uint_t                     i;
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_json_out_t  *out;

    out = &cr->out;
    chat = cr->chat;

    ngx_http_aistream_json_out_begin(out, "generationConfig", '{');

    if (chat->temperature.set) {
        ngx_http_aistream_json_out_add_number(out, "temperature",
                                              chat->temperature.value);
    }

    if (chat->top_p.set) {
        ngx_http_aistream_json_out_add_number(out, "topP", chat->top_p.value);
    }

    if (chat->seed.set) {
        ngx_http_aistream_json_out_add_number(out, "seed", chat->seed.value);
    }

    if (chat->max_tokens) {
        ngx_http_aistream_json_out_add_number(out, "maxOutputTokens",
                                              chat->max_tokens);
    }

    if (chat->stop.nelts) {
        ngx_http_aistream_json_out_begin(out, "stopSequences", '[');

        stop = chat->stop.elts;

        for (i = 0; i < chat->stop.nelts; i++) {
            ngx_http_aistream_json_out_add(out, NULL, &stop[i]);
        }

        ngx_http_aistream_json_out_end(out, ']');
    }

    if (chat->format != NGX_HTTP_AISTREAM_FORMAT_TEXT) {
        ngx_http_aistream_json_out_add_word(out, "responseMimeType",
                                            "application/json");
    }

    if (chat->format == NGX_HTTP_AISTREAM_FORMAT_SCHEMA) {
        ngx_http_aistream_json_out_add_json(out, "responseJsonSchema",
                                            &chat->format_schema);
    }

    ngx_http_aistream_provider_fields(cr, ngx_http_aistream_gemini_fields);

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_gemini_create_tools(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat)
{
    ngx_uint_t                 i;
    ngx_http_aistream_tool_t  *tool;

    static const char  *modes[] = {
        [NGX_HTTP_AISTREAM_CHOICE_UNSET] = NULL,
        [NGX_HTTP_AISTREAM_CHOICE_AUTO] = "AUTO",
        [NGX_HTTP_AISTREAM_CHOICE_NONE] = "NONE",
        [NGX_HTTP_AISTREAM_CHOICE_REQUIRED] = "ANY",
        [NGX_HTTP_AISTREAM_CHOICE_NAMED] = "ANY"
    };

    ngx_http_aistream_json_out_begin(out, "tools", '[');
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_begin(out, "functionDeclarations", '[');

    tool = chat->tools.elts;

    for (i = 0; i < chat->tools.nelts; i++) {
        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add(out, "name", &tool[i].name);

        if (tool[i].description.len) {
            ngx_http_aistream_json_out_add(out, "description",
                                           &tool[i].description);
        }

        if (tool[i].parameters.len) {
            ngx_http_aistream_provider_schema(out, "parametersJsonSchema",
                                              &tool[i], 0);
        }

        ngx_http_aistream_json_out_end(out, '}');
    }

    ngx_http_aistream_json_out_literal(out, "]}]");

    if (chat->choice == NGX_HTTP_AISTREAM_CHOICE_UNSET) {
        return;
    }

    ngx_http_aistream_json_out_begin(out, "toolConfig", '{');
    ngx_http_aistream_json_out_begin(out, "functionCallingConfig", '{');
    ngx_http_aistream_json_out_add_word(out, "mode", modes[chat->choice]);

    if (chat->choice == NGX_HTTP_AISTREAM_CHOICE_NAMED) {
        ngx_http_aistream_json_out_begin(out, "allowedFunctionNames", '[');
        ngx_http_aistream_json_out_add(out, NULL, &chat->choice_name);
        ngx_http_aistream_json_out_end(out, ']');
    }

    ngx_http_aistream_json_out_literal(out, "}}");
}
