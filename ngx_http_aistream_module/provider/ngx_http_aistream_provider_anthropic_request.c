
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The request: {"model":"...","max_tokens":N,"system":"...","messages":[...]}.
 * Content is a list of blocks, which include tool calls and their results.
 */


#include <provider/ngx_http_aistream_provider_request.h>


/*
 * sent if the configuration removes the default, since the field is mandatory
 */
#define NGX_HTTP_AISTREAM_ANTHROPIC_MAX_TOKENS  4096


static void ngx_http_aistream_anthropic_create_messages(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat);
static void ngx_http_aistream_anthropic_create_begin(
    ngx_http_aistream_json_out_t *out);
static void ngx_http_aistream_anthropic_create_content(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message,
    ngx_uint_t used, ngx_uint_t last);
static size_t ngx_http_aistream_anthropic_trimmed(ngx_str_t *text);
static ngx_uint_t ngx_http_aistream_anthropic_used(
    ngx_http_aistream_message_t *message);
static ngx_uint_t ngx_http_aistream_anthropic_blank(
    ngx_http_aistream_part_t *part);
static ngx_uint_t ngx_http_aistream_anthropic_blank_text(ngx_str_t *text);
static void ngx_http_aistream_anthropic_create_part(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part);
static void ngx_http_aistream_anthropic_create_text(
    ngx_http_aistream_json_out_t *out, ngx_str_t *text);
static void ngx_http_aistream_anthropic_create_result(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part,
    ngx_uint_t files);
static void ngx_http_aistream_anthropic_create_file(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part);
static void ngx_http_aistream_anthropic_create_id(
    ngx_http_aistream_json_out_t *out, const char *key, ngx_str_t *id);
static void ngx_http_aistream_anthropic_create_options(
    ngx_http_aistream_create_t *cr);
static void ngx_http_aistream_anthropic_create_stop(
    ngx_http_aistream_create_t *cr);
static void ngx_http_aistream_anthropic_create_user(
    ngx_http_aistream_create_t *cr);
static void ngx_http_aistream_anthropic_create_tools(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat);
static void ngx_http_aistream_anthropic_create_choice(
    ngx_http_aistream_create_t *cr);


static const ngx_http_aistream_provider_field_t
    ngx_http_aistream_anthropic_fields[] =
{
    { .id = NGX_HTTP_AISTREAM_FIELD_TOP_K, .name = "top_k" },
    { .name = NULL }
};


void
ngx_http_aistream_anthropic_create(ngx_http_aistream_create_t *cr)
{
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_json_out_t  *out;

    out = &cr->out;
    chat = cr->chat;

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add(out, "model", cr->model);

    ngx_http_aistream_json_out_add_number(out, "max_tokens",
                    chat->max_tokens ? chat->max_tokens
                                     : NGX_HTTP_AISTREAM_ANTHROPIC_MAX_TOKENS);

    if (chat->system.len) {
        ngx_http_aistream_json_out_add(out, "system", &chat->system);
    }

    ngx_http_aistream_anthropic_create_messages(out, chat);

    ngx_http_aistream_json_out_add_true(out, "stream");

    ngx_http_aistream_anthropic_create_options(cr);

    ngx_http_aistream_json_out_end(out, '}');
}


/*
 * Roles must alternate, starting with the user's, so consecutive messages of a
 * role are merged.
 */

static void
ngx_http_aistream_anthropic_create_messages(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat)
{
    ngx_uint_t                    i, used, assistant, open, any;
    ngx_http_aistream_message_t  *m;

    ngx_http_aistream_json_out_begin(out, "messages", '[');

    m = chat->messages.elts;
    open = 0;
    any = 0;
    assistant = 0;

    for (i = 0; i < chat->messages.nelts; i++) {

        used = ngx_http_aistream_anthropic_used(&m[i]);

        /* the last message is sent even if it is blank */

        if (used == 0
            && (i + 1 < chat->messages.nelts
                || m[i].role == NGX_HTTP_AISTREAM_ASSISTANT))
        {
            continue;
        }

        if (open && assistant != (m[i].role == NGX_HTTP_AISTREAM_ASSISTANT)) {
            ngx_http_aistream_json_out_literal(out, "]}");
            open = 0;
        }

        if (!open) {
            assistant = (m[i].role == NGX_HTTP_AISTREAM_ASSISTANT);
            open = 1;

            if (assistant && !any) {
                ngx_http_aistream_anthropic_create_begin(out);
            }

            any = 1;

            ngx_http_aistream_json_out_begin(out, NULL, '{');
            ngx_http_aistream_json_out_add_word(out, "role",
                                          assistant ? "assistant" : "user");
            ngx_http_aistream_json_out_begin(out, "content", '[');
        }

        ngx_http_aistream_anthropic_create_content(out, &m[i], used,
                                          i + 1 == chat->messages.nelts);
    }

    if (open) {
        ngx_http_aistream_json_out_literal(out, "]}");

    } else {
        ngx_http_aistream_anthropic_create_begin(out);
    }

    ngx_http_aistream_json_out_end(out, ']');
}


/* adds a user's message before an assistant's one that comes first */

static void
ngx_http_aistream_anthropic_create_begin(ngx_http_aistream_json_out_t *out)
{
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "role", "user");
    ngx_http_aistream_json_out_add_word(out, "content", "(begin)");
    ngx_http_aistream_json_out_end(out, '}');
}


/*
 * "used" is the number of parts to send; if none, all are sent, even blank
 * ones
 */

static void
ngx_http_aistream_anthropic_create_content(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message, ngx_uint_t used, ngx_uint_t last)
{
    ngx_str_t                  text;
    ngx_uint_t                 n, end, files;
    ngx_http_aistream_part_t  *part;

    part = message->parts.elts;
    end = used ? used : message->parts.nelts;

    for (n = 0; n < end; n++) {

        if (used && ngx_http_aistream_anthropic_blank(&part[n])) {
            continue;
        }

        if (part[n].type == NGX_HTTP_AISTREAM_PART_RESULT) {
            files = ngx_http_aistream_provider_files(&part[n], end - n);
            ngx_http_aistream_anthropic_create_result(out, &part[n], files);
            n += files;
            continue;
        }

        /* the API rejects a final assistant text that ends with white space */

        if (last && n + 1 == end
            && message->role == NGX_HTTP_AISTREAM_ASSISTANT
            && part[n].type == NGX_HTTP_AISTREAM_PART_TEXT)
        {
            text = part[n].text;
            text.len = ngx_http_aistream_anthropic_trimmed(&text);

            ngx_http_aistream_anthropic_create_text(out, &text);
            continue;
        }

        ngx_http_aistream_anthropic_create_part(out, &part[n]);
    }
}


/* returns the length without trailing white space, Unicode's included */

static size_t
ngx_http_aistream_anthropic_trimmed(ngx_str_t *text)
{
    size_t       len;
    u_char      *p;
    ngx_str_t   *space;

    static ngx_str_t  spaces[] = {
        ngx_string(" "), ngx_string("\n"), ngx_string("\r"),
        ngx_string("\t"), ngx_string("\v"), ngx_string("\f"),
        ngx_string("\x1c"), ngx_string("\x1d"), ngx_string("\x1e"),
        ngx_string("\x1f"), ngx_string("\xc2\x85"), ngx_string("\xc2\xa0"),
        ngx_string("\xe1\x9a\x80"), ngx_string("\xe2\x80\x80"),
        ngx_string("\xe2\x80\x81"), ngx_string("\xe2\x80\x82"),
        ngx_string("\xe2\x80\x83"), ngx_string("\xe2\x80\x84"),
        ngx_string("\xe2\x80\x85"), ngx_string("\xe2\x80\x86"),
        ngx_string("\xe2\x80\x87"), ngx_string("\xe2\x80\x88"),
        ngx_string("\xe2\x80\x89"), ngx_string("\xe2\x80\x8a"),
        ngx_string("\xe2\x80\xa8"), ngx_string("\xe2\x80\xa9"),
        ngx_string("\xe2\x80\xaf"), ngx_string("\xe2\x81\x9f"),
        ngx_string("\xe3\x80\x80"),
        ngx_null_string
    };

    len = text->len;

    /* avoids decoding if the text ends with an ASCII character */

    if (len && text->data[len - 1] > ' ' && text->data[len - 1] < 0x7f) {
        return len;
    }

    for (space = spaces; space->len; /* void */ ) {
        p = text->data + len - space->len;

        if (len >= space->len
            && ngx_memcmp(p, space->data, space->len) == 0)
        {
            len -= space->len;
            space = spaces;

        } else {
            space++;
        }
    }

    return len;
}


/*
 * returns the number of parts up to the last one that may end a message, since
 * thinking may not
 */

static ngx_uint_t
ngx_http_aistream_anthropic_used(ngx_http_aistream_message_t *message)
{
    ngx_uint_t                 n;
    ngx_http_aistream_part_t  *part;

    part = message->parts.elts;

    for (n = message->parts.nelts; n; n--) {
        if (part[n - 1].type != NGX_HTTP_AISTREAM_PART_REASONING
            && !ngx_http_aistream_anthropic_blank(&part[n - 1]))
        {
            break;
        }
    }

    return n;
}


/* The models generate blank texts, but the API rejects them. */

static ngx_uint_t
ngx_http_aistream_anthropic_blank(ngx_http_aistream_part_t *part)
{
    return part->type == NGX_HTTP_AISTREAM_PART_TEXT
           && ngx_http_aistream_anthropic_blank_text(&part->text);
}


static ngx_uint_t
ngx_http_aistream_anthropic_blank_text(ngx_str_t *text)
{
    return ngx_http_aistream_anthropic_trimmed(text) == 0;
}


static void
ngx_http_aistream_anthropic_create_part(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part)
{
    if (part->type == NGX_HTTP_AISTREAM_PART_REASONING
        && (part->signature.len == 0
            || (part->origin.len
                && !ngx_http_aistream_scan_is(&part->origin, "anthropic"))))
    {
        return;
    }

    if (part->type == NGX_HTTP_AISTREAM_PART_TEXT) {
        ngx_http_aistream_anthropic_create_text(out, &part->text);
        return;
    }

    if (part->type == NGX_HTTP_AISTREAM_PART_FILE) {
        ngx_http_aistream_anthropic_create_file(out, part);
        return;
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');

    switch (part->type) {

    case NGX_HTTP_AISTREAM_PART_REASONING:

        if (part->redacted) {
            ngx_http_aistream_json_out_add_word(out, "type",
                                                "redacted_thinking");
            ngx_http_aistream_json_out_add(out, "data", &part->signature);

        } else {
            ngx_http_aistream_json_out_add_word(out, "type", "thinking");
            ngx_http_aistream_json_out_add(out, "thinking", &part->text);
            ngx_http_aistream_json_out_add(out, "signature",
                                           &part->signature);
        }

        break;

    case NGX_HTTP_AISTREAM_PART_TOOL_CALL:
        ngx_http_aistream_json_out_add_word(out, "type", "tool_use");
        ngx_http_aistream_anthropic_create_id(out, "id", &part->id);
        ngx_http_aistream_json_out_add(out, "name", &part->name);
        ngx_http_aistream_json_out_add_json(out, "input", &part->text);
        break;

    default:
        break;
    }

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_anthropic_create_text(ngx_http_aistream_json_out_t *out,
    ngx_str_t *text)
{
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "text");
    ngx_http_aistream_json_out_add(out, "text", text);
    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_anthropic_create_result(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part, ngx_uint_t files)
{
    ngx_uint_t  i;

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "tool_result");
    ngx_http_aistream_anthropic_create_id(out, "tool_use_id", &part->id);

    if (files == 0) {
        ngx_http_aistream_json_out_add(out, "content", &part->text);

    } else {
        ngx_http_aistream_json_out_begin(out, "content", '[');

        if (!ngx_http_aistream_anthropic_blank_text(&part->text)) {
            ngx_http_aistream_anthropic_create_text(out, &part->text);
        }

        for (i = 1; i <= files; i++) {
            ngx_http_aistream_anthropic_create_file(out, &part[i]);
        }

        ngx_http_aistream_json_out_end(out, ']');
    }

    if (part->failed) {
        ngx_http_aistream_json_out_add_true(out, "is_error");
    }

    ngx_http_aistream_json_out_end(out, '}');
}


/* Images, PDF files and URLs are sent; other files are replaced by a note. */

static void
ngx_http_aistream_anthropic_create_file(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part)
{
    ngx_uint_t  image;

    image = (ngx_strncmp(part->media_type.data, "image/", 6) == 0);

    if (!image && part->url.len == 0
        && !ngx_http_aistream_scan_is(&part->media_type, "application/pdf"))
    {
        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add_word(out, "type", "text");
        ngx_http_aistream_json_out_begin(out, "text", '"');
        ngx_http_aistream_json_out_literal(out, "(a file of type ");
        ngx_http_aistream_json_out_escaped(out, &part->media_type);
        ngx_http_aistream_json_out_literal(out,
                                       ", which cannot be read here)\"}");
        return;
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type",
                                        image ? "image" : "document");

    ngx_http_aistream_json_out_begin(out, "source", '{');

    if (part->url.len) {
        ngx_http_aistream_json_out_add_word(out, "type", "url");
        ngx_http_aistream_json_out_add(out, "url", &part->url);

    } else {
        ngx_http_aistream_json_out_add_word(out, "type", "base64");
        ngx_http_aistream_json_out_add(out, "media_type", &part->media_type);
        ngx_http_aistream_json_out_add(out, "data", &part->text);
    }

    ngx_http_aistream_json_out_literal(out, "}}");
}


/* The API accepts letters, digits, "_" and "-" only in ids. */

static void
ngx_http_aistream_anthropic_create_id(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_str_t *id)
{
    u_char  *p, ch;

    ngx_http_aistream_json_out_add(out, key, id);

    if (out->failed) {
        return;
    }

    /* characters that JSON escapes are replaced, too */

    for (p = out->pos - 2; *p != '"' || p[-1] == '\\'; p--) {
        ch = *p | 0x20;

        if (!((ch >= 'a' && ch <= 'z') || (*p >= '0' && *p <= '9')
              || *p == '-'))
        {
            *p = '_';
        }
    }
}


static void
ngx_http_aistream_anthropic_create_options(ngx_http_aistream_create_t *cr)
{
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_json_out_t  *out;

    out = &cr->out;
    chat = cr->chat;

    /* the range of temperature is 0..1, and 0..2 in other APIs */

    if (chat->temperature.set) {
        ngx_http_aistream_json_out_add_number(out, "temperature",
                                          ngx_min(chat->temperature.value, 1));

    } else if (chat->top_p.set) {

        /* later models reject top_p with temperature */

        ngx_http_aistream_json_out_add_number(out, "top_p",
                                              chat->top_p.value);
        cr->written |= ngx_http_aistream_field_bit(TOP_P);
    }

    if (chat->stop.nelts) {
        ngx_http_aistream_anthropic_create_stop(cr);
    }

    if (chat->tools.nelts) {
        ngx_http_aistream_anthropic_create_tools(out, chat);
        ngx_http_aistream_anthropic_create_choice(cr);
    }

    if (chat->fields.nelts) {
        ngx_http_aistream_provider_fields(cr,
                                          ngx_http_aistream_anthropic_fields);
        ngx_http_aistream_anthropic_create_user(cr);
    }

    if (chat->format == NGX_HTTP_AISTREAM_FORMAT_SCHEMA) {
        ngx_http_aistream_json_out_begin(out, "output_config", '{');
        ngx_http_aistream_json_out_begin(out, "format", '{');
        ngx_http_aistream_json_out_add_word(out, "type", "json_schema");
        ngx_http_aistream_json_out_add_json(out, "schema",
                                            &chat->format_schema);
        ngx_http_aistream_json_out_literal(out, "}}");
    }

    /* the API has no form for JSON without a schema */

    if (chat->format != NGX_HTTP_AISTREAM_FORMAT_JSON) {
        cr->written |= ngx_http_aistream_field_bit(FORMAT);
    }
}


/* the API rejects blank stop sequences */

static void
ngx_http_aistream_anthropic_create_stop(ngx_http_aistream_create_t *cr)
{
    ngx_str_t                     *stop;
    ngx_uint_t                     i, n, open;
    ngx_http_aistream_json_out_t  *out;

    out = &cr->out;
    stop = cr->chat->stop.elts;
    n = cr->chat->stop.nelts;
    open = 0;

    cr->written |= ngx_http_aistream_field_bit(STOP);

    for (i = 0; i < n; i++) {

        if (ngx_http_aistream_anthropic_blank_text(&stop[i])) {
            cr->written &= ~ngx_http_aistream_field_bit(STOP);
            continue;
        }

        if (!open) {
            ngx_http_aistream_json_out_begin(out, "stop_sequences", '[');
            open = 1;
        }

        ngx_http_aistream_json_out_add(out, NULL, &stop[i]);
    }

    if (open) {
        ngx_http_aistream_json_out_end(out, ']');
    }
}


/* the API has one id of the user */

static void
ngx_http_aistream_anthropic_create_user(ngx_http_aistream_create_t *cr)
{
    ngx_uint_t                  i;
    ngx_http_aistream_field_t  *field;

    static const ngx_http_aistream_field_e  ids[] = {
        NGX_HTTP_AISTREAM_FIELD_USER_ID,
        NGX_HTTP_AISTREAM_FIELD_SAFETY_IDENTIFIER,
        NGX_HTTP_AISTREAM_FIELD_USER
    };

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {

        field = ngx_http_aistream_provider_field(cr, ids[i]);

        if (field) {
            ngx_http_aistream_json_out_begin(&cr->out, "metadata", '{');
            ngx_http_aistream_json_out_add_json(&cr->out, "user_id",
                                                &field->json);
            ngx_http_aistream_json_out_end(&cr->out, '}');

            cr->written |= (uint64_t) 1 << field->id;
            return;
        }
    }
}


static void
ngx_http_aistream_anthropic_create_tools(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat)
{
    ngx_uint_t                 i;
    ngx_http_aistream_tool_t  *tool;

    static ngx_str_t  empty = ngx_string("{\"type\":\"object\"}");

    ngx_http_aistream_json_out_begin(out, "tools", '[');

    tool = chat->tools.elts;

    for (i = 0; i < chat->tools.nelts; i++) {
        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add(out, "name", &tool[i].name);

        if (tool[i].description.len) {
            ngx_http_aistream_json_out_add(out, "description",
                                           &tool[i].description);
        }

        if (tool[i].parameters.len) {
            ngx_http_aistream_provider_schema(out, "input_schema", &tool[i],
                                              0);

        } else {
            ngx_http_aistream_json_out_add_json(out, "input_schema", &empty);
        }

        if (tool[i].strict) {
            ngx_http_aistream_json_out_add_true(out, "strict");
        }

        ngx_http_aistream_json_out_end(out, '}');
    }

    ngx_http_aistream_json_out_end(out, ']');
}


/* parallel tool calls are an option of the choice */

static void
ngx_http_aistream_anthropic_create_choice(ngx_http_aistream_create_t *cr)
{
    ngx_uint_t                     serial;
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_field_t     *parallel;
    ngx_http_aistream_choice_e     choice;
    ngx_http_aistream_json_out_t  *out;

    static const char  *choices[] = {
        [NGX_HTTP_AISTREAM_CHOICE_UNSET] = "auto",
        [NGX_HTTP_AISTREAM_CHOICE_AUTO] = "auto",
        [NGX_HTTP_AISTREAM_CHOICE_NONE] = "none",
        [NGX_HTTP_AISTREAM_CHOICE_REQUIRED] = "any",
        [NGX_HTTP_AISTREAM_CHOICE_NAMED] = "tool"
    };

    out = &cr->out;
    chat = cr->chat;
    choice = chat->choice;

    parallel = ngx_http_aistream_provider_field(cr,
                                 NGX_HTTP_AISTREAM_FIELD_PARALLEL_TOOL_CALLS);
    serial = (parallel && *parallel->json.data == 'f'
              && choice != NGX_HTTP_AISTREAM_CHOICE_NONE);

    cr->written |= ngx_http_aistream_field_bit(TOOL_CHOICE)
                   |ngx_http_aistream_field_bit(PARALLEL_TOOL_CALLS);

    if (choice == NGX_HTTP_AISTREAM_CHOICE_UNSET && !serial) {
        return;
    }

    ngx_http_aistream_json_out_begin(out, "tool_choice", '{');
    ngx_http_aistream_json_out_add_word(out, "type", choices[choice]);

    if (choice == NGX_HTTP_AISTREAM_CHOICE_NAMED) {
        ngx_http_aistream_json_out_add(out, "name", &chat->choice_name);
    }

    if (serial) {
        ngx_http_aistream_json_out_add_true(out, "disable_parallel_tool_use");
    }

    ngx_http_aistream_json_out_end(out, '}');
}
