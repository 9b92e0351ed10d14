
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Writes message records. */


#include <session/ngx_http_aistream_message_record_private.h>


/* size of a part without its strings */
#define NGX_HTTP_AISTREAM_RECORD_PART  32


typedef struct {
    ngx_http_aistream_json_out_t    *out;
    size_t                           left;  /* bytes that may be written */
    ngx_uint_t                       cut;   /* 1: something was truncated or
                                               left out */
} ngx_http_aistream_message_record_writer_t;


static ngx_uint_t ngx_http_aistream_message_record_plain(
    ngx_http_aistream_message_t *message);
static void ngx_http_aistream_message_record_content(
    ngx_http_aistream_message_record_writer_t *w,
    ngx_http_aistream_message_t *message);
static void ngx_http_aistream_message_record_part(
    ngx_http_aistream_message_record_writer_t *w,
    ngx_http_aistream_part_t *part);
static void ngx_http_aistream_message_record_file(
    ngx_http_aistream_message_record_writer_t *w,
    ngx_http_aistream_part_t *part);
static void ngx_http_aistream_message_record_text(
    ngx_http_aistream_message_record_writer_t *w, const char *key,
    ngx_str_t *text);
static ngx_str_t ngx_http_aistream_message_record_take(
    ngx_http_aistream_message_record_writer_t *w, ngx_str_t *text);
static size_t ngx_http_aistream_message_record_len(ngx_str_t *text);
static void ngx_http_aistream_message_record_known(
    ngx_http_aistream_json_out_t *out, const char *key, ngx_str_t *value);
static void ngx_http_aistream_message_record_tokens(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_usage_t *usage);


const char  *ngx_http_aistream_message_record_roles[
                                            NGX_HTTP_AISTREAM_RECORD_ROLES] = {
    [NGX_HTTP_AISTREAM_SYSTEM] = "system",
    [NGX_HTTP_AISTREAM_USER] = "user",
    [NGX_HTTP_AISTREAM_ASSISTANT] = "assistant",
    [NGX_HTTP_AISTREAM_TOOL] = "tool"
};

const char  *ngx_http_aistream_message_record_types[
                                            NGX_HTTP_AISTREAM_RECORD_TYPES] = {
    [NGX_HTTP_AISTREAM_PART_TEXT] = "text",
    [NGX_HTTP_AISTREAM_PART_FILE] = "file",
    [NGX_HTTP_AISTREAM_PART_REASONING] = "reasoning",
    [NGX_HTTP_AISTREAM_PART_TOOL_CALL] = "tool-call",
    [NGX_HTTP_AISTREAM_PART_RESULT] = "tool-result"
};


ngx_uint_t
ngx_http_aistream_message_record_message(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_t *message, size_t max)
{
    ngx_uint_t                                 i;
    ngx_http_aistream_part_t                  *part;
    ngx_http_aistream_message_record_writer_t  w;

    w.out = out;
    w.left = max;
    w.cut = 0;

    ngx_http_aistream_message_record_begin(out, message->role);
    ngx_http_aistream_message_record_content(&w, message);

    if (ngx_http_aistream_message_record_plain(message)) {
        return w.cut;
    }

    ngx_http_aistream_json_out_begin(out, "parts", '[');

    part = message->parts.elts;

    for (i = 0; i < message->parts.nelts; i++) {
        ngx_http_aistream_message_record_part(&w, &part[i]);
    }

    ngx_http_aistream_json_out_end(out, ']');

    return w.cut;
}


void
ngx_http_aistream_message_record_begin(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_role_e role)
{
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "role",
                                 ngx_http_aistream_message_record_roles[role]);
}


void
ngx_http_aistream_message_record_begin_part(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_e type)
{
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type",
                                 ngx_http_aistream_message_record_types[type]);
}


static ngx_uint_t
ngx_http_aistream_message_record_plain(ngx_http_aistream_message_t *message)
{
    ngx_uint_t                 i;
    ngx_http_aistream_part_t  *part;

    part = message->parts.elts;

    for (i = 0; i < message->parts.nelts; i++) {
        if (part[i].type != NGX_HTTP_AISTREAM_PART_TEXT) {
            return 0;
        }
    }

    return 1;
}


/* writes "content", the texts of all TEXT parts, concatenated */

static void
ngx_http_aistream_message_record_content(
    ngx_http_aistream_message_record_writer_t *w,
    ngx_http_aistream_message_t *message)
{
    size_t                     len;
    u_char                    *p;
    ngx_str_t                  text;
    ngx_uint_t                 i;
    ngx_http_aistream_part_t  *part;

    len = 0;
    part = message->parts.elts;

    for (i = 0; i < message->parts.nelts; i++) {
        if (part[i].type == NGX_HTTP_AISTREAM_PART_TEXT) {
            len += part[i].text.len;
        }
    }

    text.len = len;
    text.data = ngx_pnalloc(w->out->pool, len + 1);
    if (text.data == NULL) {
        w->out->failed = 1;
        return;
    }

    p = text.data;

    for (i = 0; i < message->parts.nelts; i++) {
        if (part[i].type == NGX_HTTP_AISTREAM_PART_TEXT) {
            p = ngx_cpymem(p, part[i].text.data, part[i].text.len);
        }
    }

    ngx_http_aistream_message_record_text(w, "content", &text);
}


static void
ngx_http_aistream_message_record_part(
    ngx_http_aistream_message_record_writer_t *w,
    ngx_http_aistream_part_t *part)
{
    size_t                         len;
    ngx_http_aistream_json_out_t  *out;

    out = w->out;

    /* the part without the strings that may be truncated or left out */

    len = NGX_HTTP_AISTREAM_RECORD_PART
          + ngx_http_aistream_message_record_len(&part->id)
          + ngx_http_aistream_message_record_len(&part->name)
          + ngx_http_aistream_message_record_len(&part->media_type);

    if (len > w->left) {
        w->cut = 1;
        return;
    }

    w->left -= len;

    ngx_http_aistream_message_record_begin_part(out, part->type);

    switch (part->type) {

    case NGX_HTTP_AISTREAM_PART_FILE:
        ngx_http_aistream_message_record_file(w, part);
        break;

    case NGX_HTTP_AISTREAM_PART_RESULT:
        ngx_http_aistream_json_out_add(out, "toolCallId", &part->id);
        ngx_http_aistream_json_out_add(out, "toolName", &part->name);

        if (part->object && part->text.len <= w->left) {
            w->left -= part->text.len;
            ngx_http_aistream_json_out_add_json(out, "output", &part->text);

        } else {
            ngx_http_aistream_message_record_text(w, "output", &part->text);
        }

        if (part->failed) {
            ngx_http_aistream_json_out_add_true(out, "isError");
        }

        break;

    default:
        ngx_http_aistream_message_record_text(w, "text", &part->text);
        break;
    }

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_message_record_file(
    ngx_http_aistream_message_record_writer_t *w,
    ngx_http_aistream_part_t *part)
{
    size_t                         len;
    ngx_str_t                     *data;
    ngx_http_aistream_json_out_t  *out;

    out = w->out;
    data = part->url.len ? &part->url : &part->text;

    ngx_http_aistream_message_record_known(out, "filename", &part->name);
    ngx_http_aistream_message_record_known(out, "mediaType",
                                           &part->media_type);

    len = ngx_http_aistream_message_record_len(data);

    if (len > w->left) {
        ngx_http_aistream_json_out_add_true(out, "omitted");
        w->cut = 1;
        return;
    }

    w->left -= len;

    ngx_http_aistream_json_out_add(out, part->url.len ? "url" : "data", data);
}


static void
ngx_http_aistream_message_record_text(
    ngx_http_aistream_message_record_writer_t *w, const char *key,
    ngx_str_t *text)
{
    ngx_str_t  s;

    s = ngx_http_aistream_message_record_take(w, text);

    ngx_http_aistream_json_out_add(w->out, key, &s);
}


/*
 * Returns the text, truncated if necessary: escaped, it has at most w->left
 * bytes, and it ends with a complete character.
 */

static ngx_str_t
ngx_http_aistream_message_record_take(
    ngx_http_aistream_message_record_writer_t *w, ngx_str_t *text)
{
    size_t     len, n;
    ngx_str_t  s;

    s = *text;
    len = ngx_http_aistream_message_record_len(text);

    if (len > w->left) {
        w->cut = 1;

        for (len = 0, s.len = 0; /* void */ ; len += n, s.len++) {
            n = 1 + ngx_escape_json(NULL, &s.data[s.len], 1);

            if (len + n > w->left) {
                break;
            }
        }

        while (s.len && (s.data[s.len] & 0xc0) == 0x80) {
            s.len--;
        }
    }

    w->left -= len;

    return s;
}


/* returns the size of the text escaped as JSON */

static size_t
ngx_http_aistream_message_record_len(ngx_str_t *text)
{
    return text->len + ngx_escape_json(NULL, text->data, text->len);
}


void
ngx_http_aistream_message_record_metadata(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_record_metadata_t *metadata)
{
    ngx_time_t  *tp;
    ngx_str_t    s;

    tp = ngx_timeofday();

    ngx_http_aistream_json_out_begin(out, "metadata", '{');
    ngx_http_aistream_json_out_add_number(out, "time",
                                          tp->sec + tp->msec / 1000.0);

    if (metadata) {
        ngx_http_aistream_message_record_known(out, "agent", metadata->agent);
        ngx_http_aistream_message_record_known(out, "model", metadata->alias);
        ngx_http_aistream_message_record_known(out, "model_used",
                                               metadata->model);
        ngx_http_aistream_message_record_known(out, "provider",
                                               metadata->provider);

        if (metadata->finish != NGX_HTTP_AISTREAM_FINISH_UNSET) {
            ngx_http_aistream_json_out_add(out, "finish_reason",
                            ngx_http_aistream_finish_name(metadata->finish));
        }

        if (metadata->usage) {
            ngx_http_aistream_message_record_tokens(out, metadata->usage);
        }

        if (metadata->error != NGX_HTTP_AISTREAM_E_NONE) {
            s = ngx_http_aistream_error(metadata->error)->code;
            ngx_http_aistream_json_out_add(out, "error", &s);
        }

        if (metadata->aborted) {
            ngx_http_aistream_json_out_add_true(out, "aborted");
        }

        if (metadata->truncated) {
            ngx_http_aistream_json_out_add_true(out, "truncated");
        }
    }

    ngx_http_aistream_json_out_end(out, '}');
    ngx_http_aistream_json_out_end(out, '}');
}


/* writes a string that is known (not NULL) and not empty */

static void
ngx_http_aistream_message_record_known(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_str_t *value)
{
    if (value && value->len) {
        ngx_http_aistream_json_out_add(out, key, value);
    }
}


static void
ngx_http_aistream_message_record_tokens(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_usage_t *usage)
{
    ngx_uint_t  i;

    struct {
        const char  *key;
        ngx_int_t    n;
    } tokens[] = {
        { "input_tokens", usage->input },
        { "output_tokens", usage->output },
        { "cached_tokens", usage->cached },
        { "reasoning_tokens", usage->reasoning }
    };

    ngx_http_aistream_json_out_begin(out, "usage", '{');

    for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        if (tokens[i].n != -1) {
            ngx_http_aistream_json_out_add_number(out, tokens[i].key,
                                                  tokens[i].n);
        }
    }

    ngx_http_aistream_json_out_end(out, '}');
}


void
ngx_http_aistream_message_record_switch(ngx_http_aistream_json_out_t *out,
    const char *type, ngx_str_t *from, ngx_str_t *to)
{
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", type);
    ngx_http_aistream_json_out_add(out, "from", from);
    ngx_http_aistream_json_out_add(out, "to", to);
    ngx_http_aistream_message_record_metadata(out, NULL);
}
