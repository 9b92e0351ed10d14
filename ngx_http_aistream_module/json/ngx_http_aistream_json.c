
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The text is checked once, as a whole.  Values are then found in it: nodes for
 * the members of an object are created by the first lookup in the object, and
 * an array has a single node, which moves from element to element.  A value
 * that is only copied is not read any further.
 */


#include <json/ngx_http_aistream_json_private.h>
#include <json/ngx_http_aistream_json_check.h>
#include <json/ngx_http_aistream_scan.h>


/* nodes allocated at once */
#define NGX_HTTP_AISTREAM_JSON_NODES   8


static ngx_http_aistream_json_t *ngx_http_aistream_json_root(
    ngx_http_aistream_json_doc_t *doc, u_char *data, size_t len,
    ngx_str_t *error);
static void ngx_http_aistream_json_fail(ngx_pool_t *pool, ngx_str_t *error,
    const char *what, size_t at);
static ngx_http_aistream_json_t *ngx_http_aistream_json_node(
    ngx_http_aistream_json_doc_t *doc);
static void ngx_http_aistream_json_release(ngx_http_aistream_json_t *json);
static void ngx_http_aistream_json_begin(ngx_http_aistream_json_t *json,
    u_char *p);
static void ngx_http_aistream_json_value(ngx_http_aistream_json_t *json,
    u_char *p);
static void ngx_http_aistream_json_element(ngx_http_aistream_json_t *json,
    u_char *p);
static ngx_int_t ngx_http_aistream_json_members(
    ngx_http_aistream_json_t *json);
static u_char *ngx_http_aistream_json_key(ngx_http_aistream_json_t *json,
    u_char *p);


ngx_http_aistream_json_t *
ngx_http_aistream_json_parse(ngx_pool_t *pool, u_char *data, size_t len,
    ngx_str_t *error)
{
    ngx_http_aistream_json_doc_t  *doc;

    ngx_str_null(error);

    doc = ngx_pcalloc(pool, sizeof(ngx_http_aistream_json_doc_t));
    if (doc == NULL) {
        return NULL;
    }

    doc->pool = pool;
    doc->strings = pool;
    doc->left = NGX_MAX_SIZE_T_VALUE;
    doc->copy = 1;

    return ngx_http_aistream_json_root(doc, data, len, error);
}


ngx_http_aistream_json_t *
ngx_http_aistream_json_open(ngx_http_aistream_json_doc_t *doc, u_char *data,
    size_t len, ngx_str_t *error)
{
    ngx_str_null(error);

    return ngx_http_aistream_json_root(doc, data, len, error);
}


static ngx_http_aistream_json_t *
ngx_http_aistream_json_root(ngx_http_aistream_json_doc_t *doc, u_char *data,
    size_t len, ngx_str_t *error)
{
    ngx_http_aistream_json_t        *json;
    ngx_http_aistream_json_check_t   check;

    check.refuse_nul = doc->refuse_nul;

    if (ngx_http_aistream_json_check(&check, data, len) != NGX_OK) {
        ngx_http_aistream_json_fail(doc->strings, error, check.what,
                                    check.at - data);
        return NULL;
    }

    if (len > NGX_MAX_UINT32_VALUE) {
        ngx_http_aistream_json_fail(doc->strings, error, "too large", len);
        return NULL;
    }

    doc->last = data + len;
    doc->controls |= check.controls;

    json = ngx_http_aistream_json_node(doc);

    if (json) {
        ngx_http_aistream_json_begin(json, check.start);

        json->len = (uint32_t) (check.end - check.start);
        json->escaped = 1;
    }

    return json;
}


static void
ngx_http_aistream_json_fail(ngx_pool_t *pool, ngx_str_t *error,
    const char *what, size_t at)
{
    size_t  size;

    size = sizeof("The body is  (at byte ).") + ngx_strlen(what)
           + NGX_SIZE_T_LEN;

    error->data = ngx_pnalloc(pool, size);
    if (error->data == NULL) {
        return;
    }

    error->len = ngx_snprintf(error->data, size,
                              "The body is %s (at byte %uz).", what, at)
                 - error->data;
}


ngx_int_t
ngx_http_aistream_json_valid(ngx_str_t *text, ngx_uint_t *controls)
{
    ngx_http_aistream_json_check_t  check;

    check.refuse_nul = 0;

    if (ngx_http_aistream_json_check(&check, text->data, text->len) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    text->len -= check.start - text->data;
    text->data = check.start;

    *controls = check.controls;

    return NGX_OK;
}


static ngx_http_aistream_json_t *
ngx_http_aistream_json_node(ngx_http_aistream_json_doc_t *doc)
{
    ngx_uint_t                 i;
    ngx_http_aistream_json_t  *json;

    json = doc->free;

    if (json == NULL) {
        json = ngx_http_aistream_json_alloc(doc, doc->pool,
                                            NGX_HTTP_AISTREAM_JSON_NODES
                                            * sizeof(ngx_http_aistream_json_t));
        if (json == NULL) {
            return NULL;
        }

        for (i = 1; i < NGX_HTTP_AISTREAM_JSON_NODES; i++) {
            json[i - 1].next = &json[i];
        }

        json[i - 1].next = NULL;
    }

    doc->free = json->next;

    ngx_memzero(json, sizeof(ngx_http_aistream_json_t));

    json->doc = doc;

    return json;
}


void *
ngx_http_aistream_json_alloc(ngx_http_aistream_json_doc_t *doc,
    ngx_pool_t *pool, size_t size)
{
    void  *p;

    if (size > doc->left) {
        doc->failed = 1;
        doc->excess = 1;
        return NULL;
    }

    doc->left -= size;

    p = ngx_palloc(pool, size);

    if (p == NULL) {
        doc->failed = 1;
    }

    return p;
}


/* frees the nodes of a value for reuse, recursively */

static void
ngx_http_aistream_json_release(ngx_http_aistream_json_t *json)
{
    ngx_http_aistream_json_t  *child, *next;

    child = (json->type == NGX_HTTP_AISTREAM_JSON_STRING) ? NULL
                                                          : json->u.child;

    for ( /* void */ ; child; child = next) {
        next = child->next;

        ngx_http_aistream_json_release(child);

        child->next = json->doc->free;
        json->doc->free = child;
    }

    json->u.child = NULL;
    json->read = 0;
    json->taken = 0;
}


/* sets the start and the type of a value; its length is not known yet */

static void
ngx_http_aistream_json_begin(ngx_http_aistream_json_t *json, u_char *p)
{
    json->text = p;

    switch (*p) {

    case '"':
        json->type = NGX_HTTP_AISTREAM_JSON_STRING;
        break;

    case '{':
        json->type = NGX_HTTP_AISTREAM_JSON_OBJECT;
        break;

    case '[':
        json->type = NGX_HTTP_AISTREAM_JSON_ARRAY;
        break;

    case 't':
    case 'f':
        json->type = NGX_HTTP_AISTREAM_JSON_BOOL;
        break;

    case 'n':
        json->type = NGX_HTTP_AISTREAM_JSON_NULL;
        break;

    default:
        json->type = NGX_HTTP_AISTREAM_JSON_NUMBER;
        break;
    }
}


static void
ngx_http_aistream_json_value(ngx_http_aistream_json_t *json, u_char *p)
{
    u_char      *end;
    ngx_uint_t   escaped;

    ngx_http_aistream_json_begin(json, p);

    escaped = 0;

    end = (*p == '"')
          ? ngx_http_aistream_json_skip_string(p, json->doc->last, &escaped)
          : ngx_http_aistream_json_skip(p, json->doc->last);

    json->escaped = escaped;
    json->len = (uint32_t) (end - p);
}


/* sets an element; the length of an object is set with its members */

static void
ngx_http_aistream_json_element(ngx_http_aistream_json_t *json, u_char *p)
{
    if (*p == '{') {
        ngx_http_aistream_json_begin(json, p);
        json->len = 0;

    } else {
        ngx_http_aistream_json_value(json, p);
    }
}


uint32_t
ngx_http_aistream_json_len(ngx_http_aistream_json_t *json)
{
    if (json->len == 0) {
        json->len = (uint32_t) (ngx_http_aistream_json_skip(json->text,
                                                            json->doc->last)
                                - json->text);
    }

    return json->len;
}


ngx_http_aistream_json_t *
ngx_http_aistream_json_get(ngx_http_aistream_json_t *object, const char *name)
{
    ngx_http_aistream_json_t  *member;

    if (object == NULL || object->type != NGX_HTTP_AISTREAM_JSON_OBJECT
        || (!object->read && ngx_http_aistream_json_members(object) != NGX_OK))
    {
        return NULL;
    }

    /* the first test is cheap, because most members looked up are absent */

    for (member = object->u.child; member; member = member->next) {
        if (*member->key == *name
            && ngx_strncmp(member->key, name, member->key_len) == 0
            && name[member->key_len] == '\0')
        {
            return member;
        }
    }

    return NULL;
}


ngx_http_aistream_json_t *
ngx_http_aistream_json_first(ngx_http_aistream_json_t *json)
{
    u_char                    *p;
    ngx_http_aistream_json_t  *child;

    if (json == NULL) {
        return NULL;
    }

    if (json->type == NGX_HTTP_AISTREAM_JSON_OBJECT) {
        return ngx_http_aistream_json_members(json) == NGX_OK ? json->u.child
                                                              : NULL;
    }

    if (json->type != NGX_HTTP_AISTREAM_JSON_ARRAY) {
        return NULL;
    }

    p = ngx_http_aistream_json_blank(json->text + 1, json->doc->last);

    if (*p == ']') {
        return NULL;
    }

    child = json->u.child;

    if (child) {
        ngx_http_aistream_json_release(child);

    } else {
        child = ngx_http_aistream_json_node(json->doc);
        if (child == NULL) {
            return NULL;
        }

        child->element = 1;
        json->u.child = child;
    }

    ngx_http_aistream_json_element(child, p);

    return child;
}


ngx_http_aistream_json_t *
ngx_http_aistream_json_next(ngx_http_aistream_json_t *json)
{
    u_char  *p, *last;

    if (!json->element) {
        return json->next;
    }

    last = json->doc->last;

    p = ngx_http_aistream_json_blank(json->text
                                     + ngx_http_aistream_json_len(json), last);

    if (p == last || *p != ',') {
        return NULL;
    }

    ngx_http_aistream_json_release(json);
    ngx_http_aistream_json_element(json,
                                   ngx_http_aistream_json_blank(p + 1, last));

    return json;
}


/* reads all members in order; NGX_ERROR: out of memory, or over the limit */

static ngx_int_t
ngx_http_aistream_json_members(ngx_http_aistream_json_t *json)
{
    u_char                     *p, *last;
    ngx_http_aistream_json_t   *member, **next;

    if (json->read) {
        return NGX_OK;
    }

    last = json->doc->last;
    next = &json->u.child;

    for (p = json->text + 1; ; p++) {
        p = ngx_http_aistream_json_blank(p, last);

        if (*p != '"') {
            break;
        }

        member = ngx_http_aistream_json_node(json->doc);
        if (member == NULL) {
            return NGX_ERROR;
        }

        *next = member;
        next = &member->next;

        p = ngx_http_aistream_json_key(member, p);
        if (p == NULL) {
            return NGX_ERROR;
        }

        ngx_http_aistream_json_value(member, p);

        p = ngx_http_aistream_json_blank(p + member->len, last);

        if (*p != ',') {
            break;
        }
    }

    json->read = 1;
    json->len = (uint32_t) (p + 1 - json->text);

    return NGX_OK;
}


/* reads a key; returns the start of the value; NULL: out of memory */

static u_char *
ngx_http_aistream_json_key(ngx_http_aistream_json_t *json, u_char *p)
{
    u_char      *end, *last;
    ngx_str_t   *key;
    ngx_uint_t   escaped;

    last = json->doc->last;
    end = ngx_http_aistream_json_skip_string(p, last, &escaped);

    json->key = p + 1;
    json->key_len = (uint32_t) (end - p - 2);

    if (escaped) {
        key = ngx_http_aistream_json_unescape(json->doc, json->key,
                                              json->key_len);
        if (key == NULL) {
            return NULL;
        }

        json->key = key->data;
        json->key_len = (uint32_t) key->len;
    }

    p = ngx_http_aistream_json_blank(end, last);

    return ngx_http_aistream_json_blank(p + 1, last);
}


ngx_str_t *
ngx_http_aistream_json_unescape(ngx_http_aistream_json_doc_t *doc,
    u_char *data, size_t len)
{
    u_char     *p;
    uint32_t    high;
    ngx_str_t  *s;

    s = ngx_http_aistream_json_alloc(doc, doc->pool, sizeof(ngx_str_t));
    if (s == NULL) {
        return NULL;
    }

    s->data = ngx_http_aistream_json_alloc(doc, doc->pool, len + 4);
    if (s->data == NULL) {
        return NULL;
    }

    high = 0;

    p = ngx_http_aistream_scan_unescape(s->data, data, len, &high);
    *p = '\0';

    s->len = p - s->data;

    return s;
}
