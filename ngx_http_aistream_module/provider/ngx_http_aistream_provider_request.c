
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Functions shared by the requests of several dialects. */


#include <provider/ngx_http_aistream_provider_request.h>


/* bytes that a dialect adds to a request */
#define NGX_HTTP_AISTREAM_PROVIDER_BODY  1024


static void ngx_http_aistream_provider_dropped(
    ngx_http_aistream_create_t *cr);


ngx_int_t
ngx_http_aistream_provider_body(const ngx_http_aistream_provider_t *provider,
    ngx_http_aistream_create_t *cr, ngx_str_t *body)
{
    u_char                    *p;
    size_t                     size;
    ngx_http_aistream_chat_t  *chat;

    chat = cr->chat;

    /* the request is about as long as the client's body */

    size = NGX_HTTP_AISTREAM_PROVIDER_BODY + chat->system.len + chat->size;

    ngx_http_aistream_json_out_init(&cr->out, chat->pool, size);
    ngx_http_aistream_dropped_attempt(chat->dropped);

    cr->written = 0;

    provider->create(cr);

    if (cr->out.failed) {
        return NGX_ERROR;
    }

    if (chat->fields.nelts) {
        ngx_http_aistream_provider_dropped(cr);
    }

    ngx_http_aistream_json_out_text(&cr->out, body);

    if (body->len <= size) {
        return NGX_OK;
    }

    /* The buffer was enlarged: a copy frees the unused memory. */

    p = ngx_pnalloc(chat->pool, body->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, body->data, body->len);
    (void) ngx_pfree(chat->pool, body->data);

    body->data = p;

    return NGX_OK;
}


/* names fields that were not written; an unset tool choice never is */

static void
ngx_http_aistream_provider_dropped(ngx_http_aistream_create_t *cr)
{
    ngx_uint_t                  i;
    ngx_http_aistream_chat_t   *chat;
    ngx_http_aistream_field_t  *field;

    chat = cr->chat;
    field = chat->fields.elts;

    if (chat->choice == NGX_HTTP_AISTREAM_CHOICE_UNSET) {
        cr->written &= ~ngx_http_aistream_field_bit(TOOL_CHOICE);
    }

    for (i = 0; i < chat->fields.nelts; i++) {
        if (!(cr->written & ((uint64_t) 1 << field[i].id))) {
            ngx_http_aistream_dropped_add(chat->dropped, &field[i].name);
        }
    }
}


void
ngx_http_aistream_provider_fields(ngx_http_aistream_create_t *cr,
    const ngx_http_aistream_provider_field_t *fields)
{
    ngx_http_aistream_field_t                 *field;
    const ngx_http_aistream_provider_field_t  *f;

    if (cr->chat->fields.nelts == 0) {
        return;
    }

    for (f = fields; f->name; f++) {

        field = ngx_http_aistream_provider_field(cr, f->id);

        if (field == NULL
            || (f->public && !cr->options->public)
            || (f->compatible && cr->options->public)
            || (f->passthrough && !cr->passthrough))
        {
            continue;
        }

        ngx_http_aistream_json_out_add_json(&cr->out, f->name, &field->json);

        cr->written |= (uint64_t) 1 << f->id;
    }
}


ngx_http_aistream_field_t *
ngx_http_aistream_provider_field(ngx_http_aistream_create_t *cr,
    ngx_http_aistream_field_e id)
{
    ngx_uint_t                  i;
    ngx_http_aistream_field_t  *field;

    field = cr->chat->fields.elts;

    for (i = 0; i < cr->chat->fields.nelts; i++) {
        if (field[i].id == id) {
            return &field[i];
        }
    }

    return NULL;
}


void
ngx_http_aistream_provider_schema(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_http_aistream_tool_t *tool, ngx_uint_t properties)
{
    ngx_str_t  schema;

    schema = tool->parameters;

    if (!tool->untyped && !(tool->propertyless && properties)) {
        ngx_http_aistream_json_out_add_json(out, key, &schema);
        return;
    }

    /* a nonempty object: members are added before its closing brace */

    schema.len--;
    ngx_http_aistream_json_out_add_json(out, key, &schema);

    if (tool->untyped) {
        ngx_http_aistream_json_out_literal(out, ",\"type\":\"object\"");
    }

    if (tool->propertyless && properties) {
        ngx_http_aistream_json_out_literal(out, ",\"properties\":{}");
    }

    ngx_http_aistream_json_out_literal(out, "}");
}


ngx_uint_t
ngx_http_aistream_provider_files(ngx_http_aistream_part_t *part, ngx_uint_t n)
{
    ngx_uint_t  i;

    for (i = 1; i < n && part[i].type == NGX_HTTP_AISTREAM_PART_FILE; i++) {
        /* void */
    }

    return i - 1;
}


ngx_uint_t
ngx_http_aistream_openai_create_audio(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_part_t *part)
{
    const char  *format;

    if (part->url.len || part->media_type.len < 9
        || ngx_strncmp(part->media_type.data, "audio/", 6) != 0)
    {
        return 0;
    }

    format = (ngx_strlcasestrn(part->media_type.data,
                               part->media_type.data + part->media_type.len,
                               (u_char *) "wav", 3 - 1))
             ? "wav" : "mp3";

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "input_audio");
    ngx_http_aistream_json_out_begin(out, "input_audio", '{');
    ngx_http_aistream_json_out_add(out, "data", &part->text);
    ngx_http_aistream_json_out_add_word(out, "format", format);
    ngx_http_aistream_json_out_literal(out, "}}");

    return 1;
}
