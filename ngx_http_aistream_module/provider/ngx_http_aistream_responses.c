
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <provider/ngx_http_aistream_tool_call.h>
#include <provider/ngx_http_aistream_provider_request.h>
#include <provider/ngx_http_aistream_responses.h>


/* the maximum number of places that are marked, and of parts in an item */
#define NGX_HTTP_AISTREAM_RESPONSES_PLACES  512
#define NGX_HTTP_AISTREAM_RESPONSES_PARTS   1024

#define ngx_http_aistream_responses_place(type, item, part)                   \
    ((((ngx_uint_t) (item) * NGX_HTTP_AISTREAM_RESPONSES_PARTS                \
       + (ngx_uint_t) (part) % NGX_HTTP_AISTREAM_RESPONSES_PARTS) << 4)       \
     + (type))


static ngx_int_t ngx_http_aistream_responses_full(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_delta_e type,
    ngx_int_t item, ngx_int_t part, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_responses_reasoning(
    ngx_http_aistream_reader_t *reader, ngx_int_t item, ngx_int_t part,
    ngx_str_t *text);
static ngx_int_t ngx_http_aistream_responses_mark(
    ngx_http_aistream_reader_t *reader, ngx_uint_t place);
static ngx_uint_t ngx_http_aistream_responses_marked(
    ngx_http_aistream_reader_t *reader, ngx_uint_t place);
static ngx_int_t ngx_http_aistream_responses_parts(
    ngx_http_aistream_reader_t *reader, ngx_int_t item,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_responses_part(
    ngx_http_aistream_reader_t *reader, ngx_int_t item, ngx_int_t part,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_responses_tool_call(
    ngx_http_aistream_reader_t *reader, ngx_int_t index,
    ngx_http_aistream_scan_t *s, ngx_uint_t done);


/* the types of parts of an item, and of items that are tool calls */

static const ngx_http_aistream_word_t  ngx_http_aistream_responses_parts_of[] =
{
    { ngx_string("output_text"), NGX_HTTP_AISTREAM_TEXT },
    { ngx_string("text"), NGX_HTTP_AISTREAM_TEXT },
    { ngx_string("refusal"), NGX_HTTP_AISTREAM_REFUSAL },
    { ngx_string("summary_text"), NGX_HTTP_AISTREAM_REASONING },
    { ngx_string("reasoning_text"), NGX_HTTP_AISTREAM_REASONING },
    { ngx_null_string, NGX_HTTP_AISTREAM_NOTHING }
};

static const ngx_http_aistream_word_t  ngx_http_aistream_responses_items[] = {
    { ngx_string("message"), NGX_HTTP_AISTREAM_TEXT },
    { ngx_string("reasoning"), NGX_HTTP_AISTREAM_REASONING },
    { ngx_string("function_call"), NGX_HTTP_AISTREAM_TOOL_START },
    { ngx_string("custom_tool_call"), NGX_HTTP_AISTREAM_TOOL_START },
    { ngx_null_string, NGX_HTTP_AISTREAM_NOTHING }
};


ngx_int_t
ngx_http_aistream_responses_delta(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_int_t item, ngx_int_t part,
    ngx_http_aistream_scan_t *s)
{
    ngx_str_t  text;

    if (ngx_http_aistream_scan_string(s, &text) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (text.len == 0) {
        return NGX_OK;
    }

    if (ngx_http_aistream_responses_mark(reader,
                      ngx_http_aistream_responses_place(type, item, part))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (type == NGX_HTTP_AISTREAM_REASONING) {
        return ngx_http_aistream_responses_reasoning(reader, item, part,
                                                     &text);
    }

    if (type == NGX_HTTP_AISTREAM_TEXT) {
        reader->thinking = 0;
    }

    return ngx_http_aistream_provider_text(reader, type, &text);
}


/* passes a complete text that had no deltas; only strings are read */

static ngx_int_t
ngx_http_aistream_responses_full(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_int_t item, ngx_int_t part,
    ngx_http_aistream_scan_t *s)
{
    if (ngx_http_aistream_scan_peek(s) != '"'
        || ngx_http_aistream_responses_marked(reader,
                      ngx_http_aistream_responses_place(type, item, part)))
    {
        return NGX_OK;
    }

    return ngx_http_aistream_responses_delta(reader, type, item, part, s);
}


/*
 * The parts of a summary are paragraphs: empty lines are added between them.
 */

static ngx_int_t
ngx_http_aistream_responses_reasoning(ngx_http_aistream_reader_t *reader,
    ngx_int_t item, ngx_int_t part, ngx_str_t *text)
{
    ngx_int_t  rc;

    static ngx_str_t  paragraph = ngx_string("\\n\\n");

    if (reader->thinking && (reader->item != item || reader->part != part)) {
        rc = ngx_http_aistream_provider_text(reader,
                                             NGX_HTTP_AISTREAM_REASONING,
                                             &paragraph);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    reader->thinking = 1;
    reader->item = item;
    reader->part = part;

    return ngx_http_aistream_provider_text(reader,
                                           NGX_HTTP_AISTREAM_REASONING, text);
}


static ngx_int_t
ngx_http_aistream_responses_mark(ngx_http_aistream_reader_t *reader,
    ngx_uint_t place)
{
    ngx_uint_t  *p;

    if (reader->place == place
        || ngx_http_aistream_responses_marked(reader, place))
    {
        reader->place = place;
        return NGX_OK;
    }

    reader->place = place;

    if (reader->places == NULL) {
        reader->places = ngx_array_create(reader->pool, 8,
                                          sizeof(ngx_uint_t));
        if (reader->places == NULL) {
            return NGX_ERROR;
        }
    }

    p = ngx_array_push(reader->places);
    if (p == NULL) {
        return NGX_ERROR;
    }

    *p = place;

    return NGX_OK;
}


/* If there are too many places, all of them are considered marked. */

static ngx_uint_t
ngx_http_aistream_responses_marked(ngx_http_aistream_reader_t *reader,
    ngx_uint_t place)
{
    ngx_uint_t   i, *p;

    if (reader->places == NULL) {
        return 0;
    }

    p = reader->places->elts;

    for (i = 0; i < reader->places->nelts; i++) {
        if (p[i] == place) {
            return 1;
        }
    }

    return i >= NGX_HTTP_AISTREAM_RESPONSES_PLACES;
}


ngx_int_t
ngx_http_aistream_responses_done(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_int_t item, ngx_int_t part,
    ngx_str_t *data)
{
    ngx_str_t                       piece;
    ngx_http_aistream_tool_call_t  *call;
    ngx_http_aistream_scan_t        s;

    enum { text = 0, refusal, content, arguments, input, n };

    static const ngx_str_t  names[] = {
        [text] = ngx_string("text"),
        [refusal] = ngx_string("refusal"),
        [content] = ngx_string("part"),
        [arguments] = ngx_string("arguments"),
        [input] = ngx_string("input"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    s.pos = data->data;
    s.last = data->data + data->len;

    if (ngx_http_aistream_scan_pick(&s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_found(&v[content])) {
        return ngx_http_aistream_responses_part(reader, item, part,
                                                &v[content]);
    }

    if (ngx_http_aistream_scan_found(&v[refusal])) {
        return ngx_http_aistream_responses_full(reader,
                                                NGX_HTTP_AISTREAM_REFUSAL,
                                                item, part, &v[refusal]);
    }

    if (ngx_http_aistream_scan_found(&v[text])) {
        return ngx_http_aistream_responses_full(reader, type, item, part,
                                                &v[text]);
    }

    if (!ngx_http_aistream_scan_found(&v[arguments])) {
        v[arguments] = v[input];
    }

    call = ngx_http_aistream_tool_call_find(reader, item);

    return (call && ngx_http_aistream_scan_string(&v[arguments], &piece)
                    == NGX_OK)
           ? ngx_http_aistream_tool_call_full(reader, call, &piece) : NGX_OK;
}


ngx_int_t
ngx_http_aistream_responses_item(ngx_http_aistream_reader_t *reader,
    ngx_int_t index, ngx_http_aistream_scan_t *s, ngx_uint_t done)
{
    ngx_int_t                  rc;
    ngx_str_t                  word;
    ngx_http_aistream_scan_t   item;

    enum { type = 0, summary, content, n };

    static const ngx_str_t  names[] = {
        [type] = ngx_string("type"),
        [summary] = ngx_string("summary"),
        [content] = ngx_string("content"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    item = *s;

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK
        || ngx_http_aistream_scan_string(&v[type], &word) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    switch (ngx_http_aistream_word(ngx_http_aistream_responses_items, &word)) {

    case NGX_HTTP_AISTREAM_TOOL_START:
        return ngx_http_aistream_responses_tool_call(reader, index, &item,
                                                     done);

    case NGX_HTTP_AISTREAM_TEXT:
        return done ? ngx_http_aistream_responses_parts(reader, index,
                                                        &v[content])
                    : NGX_OK;

    case NGX_HTTP_AISTREAM_REASONING:

        /* either the summary or the whole reasoning is passed, not both */

        if (!done
            || ngx_http_aistream_responses_marked(reader,
                         ngx_http_aistream_responses_place(
                                  NGX_HTTP_AISTREAM_REASONING, index, 0)))
        {
            return NGX_OK;
        }

        rc = ngx_http_aistream_responses_parts(reader, index, &v[summary]);

        if (rc != NGX_OK || reader->done
            || ngx_http_aistream_responses_marked(reader,
                         ngx_http_aistream_responses_place(
                                  NGX_HTTP_AISTREAM_REASONING, index, 0)))
        {
            return rc;
        }

        return ngx_http_aistream_responses_parts(reader, index, &v[content]);

    default:
        return NGX_OK;
    }
}


static ngx_int_t
ngx_http_aistream_responses_parts(ngx_http_aistream_reader_t *reader,
    ngx_int_t item, ngx_http_aistream_scan_t *s)
{
    ngx_int_t  rc, part;

    if (ngx_http_aistream_scan_peek(s) != '[') {
        return NGX_OK;
    }

    (void) ngx_http_aistream_scan_array(s);

    for (part = 0;
         (rc = ngx_http_aistream_scan_element(s)) == NGX_OK;
         part++)
    {
        rc = ngx_http_aistream_responses_part(reader, item, part, s);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


/* reads {"type":"output_text","text":"Hello","annotations":[]} */

static ngx_int_t
ngx_http_aistream_responses_part(ngx_http_aistream_reader_t *reader,
    ngx_int_t item, ngx_int_t part, ngx_http_aistream_scan_t *s)
{
    ngx_int_t                  rc;
    ngx_str_t                  word;
    ngx_http_aistream_delta_e  what;

    enum { type = 0, text, refusal, annotations, n };

    static const ngx_str_t  names[] = {
        [type] = ngx_string("type"),
        [text] = ngx_string("text"),
        [refusal] = ngx_string("refusal"),
        [annotations] = ngx_string("annotations"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_peek(s) != '{') {
        return ngx_http_aistream_scan_skip(s) == NGX_OK ? NGX_OK
                                                        : NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_string(&v[type], &word) != NGX_OK) {
        return NGX_OK;
    }

    what = ngx_http_aistream_word(ngx_http_aistream_responses_parts_of, &word);

    switch (what) {

    case NGX_HTTP_AISTREAM_NOTHING:
        return NGX_OK;

    case NGX_HTTP_AISTREAM_REFUSAL:
        return ngx_http_aistream_responses_full(reader, what, item, part,
                                                &v[refusal]);

    default:
        rc = ngx_http_aistream_responses_full(reader, what, item, part,
                                              &v[text]);
        break;
    }

    if (rc != NGX_OK || reader->done
        || !ngx_http_aistream_scan_found(&v[annotations]))
    {
        return rc;
    }

    return ngx_http_aistream_openai_read_annotations(reader, &v[annotations]);
}


/* An item that is done contains the complete arguments, too. */

static ngx_int_t
ngx_http_aistream_responses_tool_call(ngx_http_aistream_reader_t *reader,
    ngx_int_t index, ngx_http_aistream_scan_t *s, ngx_uint_t done)
{
    ngx_int_t                       rc;
    ngx_str_t                       id_text, name_text, piece, none;
    ngx_http_aistream_tool_call_t  *call;

    enum { id = 0, name, arguments, input, n };

    static const ngx_str_t  names[] = {
        [id] = ngx_string("call_id"),
        [name] = ngx_string("name"),
        [arguments] = ngx_string("arguments"),
        [input] = ngx_string("input"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    ngx_str_null(&none);

    if (ngx_http_aistream_scan_string(&v[id], &id_text) != NGX_OK) {
        id_text = none;
    }

    if (ngx_http_aistream_scan_string(&v[name], &name_text) != NGX_OK) {
        name_text = none;
    }

    call = ngx_http_aistream_tool_call_find_id(reader, &id_text);

    if (call == NULL) {
        call = ngx_http_aistream_tool_call_find(reader, index);

        if (call && id_text.len && call->id.len && !call->id_generated) {
            call = NULL;
        }
    }

    if (call == NULL) {
        call = ngx_http_aistream_tool_call_add(reader, index);

        if (call == NULL) {
            return NGX_ERROR;
        }
    }

    rc = ngx_http_aistream_tool_call_start(reader, call, &id_text, &name_text,
                                           &none);

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    if (!ngx_http_aistream_scan_found(&v[arguments])) {
        call->text = ngx_http_aistream_scan_found(&v[input]);
        v[arguments] = v[input];
    }

    if (ngx_http_aistream_scan_string(&v[arguments], &piece) == NGX_OK) {
        rc = ngx_http_aistream_tool_call_full(reader, call, &piece);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    return done ? ngx_http_aistream_tool_call_end(reader, call) : NGX_OK;
}


/*
 * Some services send all content here only.  Items may be omitted, or have
 * another place than before: if content was received, only tool calls are
 * read, which have ids.
 */

ngx_int_t
ngx_http_aistream_responses_output(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t                 rc, i;
    ngx_str_t                 word;
    ngx_uint_t                begun;
    ngx_http_aistream_scan_t  item, members, type;

    static const ngx_str_t  names[] = {
        ngx_string("type"), ngx_null_string
    };

    if (ngx_http_aistream_scan_peek(s) != '[') {
        return NGX_OK;
    }

    (void) ngx_http_aistream_scan_array(s);

    begun = reader->content;

    for (i = 0; (rc = ngx_http_aistream_scan_element(s)) == NGX_OK; i++) {

        item = *s;

        if (ngx_http_aistream_scan_skip(s) != NGX_OK) {
            return NGX_DECLINED;
        }

        members = item;

        if (ngx_http_aistream_scan_peek(&item) != '{'
            || ngx_http_aistream_scan_pick(&members, names, &type) != NGX_OK
            || ngx_http_aistream_scan_string(&type, &word) != NGX_OK
            || (begun
                && ngx_http_aistream_word(ngx_http_aistream_responses_items,
                                          &word)
                   != NGX_HTTP_AISTREAM_TOOL_START))
        {
            continue;
        }

        rc = ngx_http_aistream_responses_item(reader, i, &item, 1);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}
