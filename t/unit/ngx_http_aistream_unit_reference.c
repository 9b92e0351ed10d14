
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit_reference_private.h"


#define NGX_HTTP_AISTREAM_UNIT_INT_MAX  9223372036854775807.0


ngx_int_t
ngx_http_aistream_unit_reference(ngx_http_aistream_unit_deltas_t *a,
    const char *dialect, ngx_str_t *name, ngx_str_t *data)
{
    cJSON      *event;
    ngx_int_t   rc;

    if (data->len == 6 && memcmp(data->data, "[DONE]", 6) == 0) {
        if (strcmp(dialect, "openai") != 0) {
            return NGX_OK;
        }

        return (a->content || a->finish || a->usage.output != -1)
               ? ngx_http_aistream_unit_finish(a) : NGX_DECLINED;
    }

    event = ngx_http_aistream_unit_parse((char *) data->data, data->len);

    if (strcmp(dialect, "openai") == 0
        && ((name->len == 5 && memcmp(name->data, "error", 5) == 0)
            || ngx_http_aistream_unit_get(event, "error")))
    {
        /* the text of data that is not JSON is read, too */

        a->unknown |= (event == NULL);

        rc = ngx_http_aistream_unit_openai_fail(a, event);

    } else if (!cJSON_IsObject(event)) {
        rc = NGX_DECLINED;

    } else if (strcmp(dialect, "openai") == 0) {
        rc = ngx_http_aistream_unit_openai(a, event);

    } else if (strcmp(dialect, "responses") == 0) {
        rc = ngx_http_aistream_unit_responses(a, name, event);

    } else if (strcmp(dialect, "anthropic") == 0) {
        rc = ngx_http_aistream_unit_anthropic(a, name, event);

    } else if (strcmp(dialect, "ollama") == 0) {
        rc = ngx_http_aistream_unit_ollama(a, event);

    } else {
        rc = ngx_http_aistream_unit_gemini(a, event);
    }

    cJSON_Delete(event);

    return rc;
}


ngx_int_t
ngx_http_aistream_unit_reference_end(ngx_http_aistream_unit_deltas_t *a,
    const char *dialect)
{
    if (a->finish == NULL || strcmp(dialect, "responses") == 0
        || strcmp(dialect, "ollama") == 0)
    {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_unit_finish(a);
}


/* returns NULL if the data is not one JSON text */

cJSON *
ngx_http_aistream_unit_parse(const char *data, size_t len)
{
    cJSON       *json;
    const char  *end;

    json = cJSON_ParseWithLengthOpts(data, len, &end, 0);

    if (json == NULL) {
        return NULL;
    }

    while (end < data + len && strchr(" \t\r\n", *end) && *end) {
        end++;
    }

    if (end < data + len) {
        cJSON_Delete(json);
        return NULL;
    }

    return json;
}


/* the last of equal members counts, except nulls */

cJSON *
ngx_http_aistream_unit_get(cJSON *object, const char *name)
{
    cJSON  *v, *found;

    found = NULL;

    if (!cJSON_IsObject(object)) {
        return NULL;
    }

    cJSON_ArrayForEach(v, object) {
        if (strcmp(v->string, name) == 0 && !cJSON_IsNull(v)) {
            found = v;
        }
    }

    return found;
}


const char *
ngx_http_aistream_unit_text_of(cJSON *object, const char *name)
{
    return cJSON_GetStringValue(ngx_http_aistream_unit_get(object, name));
}


ngx_int_t
ngx_http_aistream_unit_int(cJSON *v, ngx_int_t none)
{
    if (!cJSON_IsNumber(v)) {
        return none;
    }

    return (v->valuedouble < 0
            || v->valuedouble >= NGX_HTTP_AISTREAM_UNIT_INT_MAX)
           ? -1 : (ngx_int_t) v->valuedouble;
}


const char *
ngx_http_aistream_unit_word(ngx_http_aistream_unit_word_t *words,
    const char *word)
{
    for ( /* void */ ; words->word; words++) {
        if (word && strcmp(words->word, word) == 0) {
            break;
        }
    }

    return words->meaning;
}


ngx_int_t
ngx_http_aistream_unit_reason(ngx_http_aistream_unit_deltas_t *a,
    ngx_http_aistream_unit_word_t *words, cJSON *object, const char *name)
{
    const char  *word;

    word = ngx_http_aistream_unit_text_of(object, name);

    if (word == NULL || word[0] == '\0') {
        return NGX_OK;
    }

    a->finish = ngx_http_aistream_unit_word(words, word);

    return strcmp(a->finish, "error") == 0
           ? ngx_http_aistream_unit_fail(a, "provider_error") : NGX_OK;
}


/* "a" or "a.b": the last one that is a number counts */

void
ngx_http_aistream_unit_count(cJSON *usage, const char *path, ngx_int_t *value)
{
    cJSON   *v;
    size_t   len;

    len = strcspn(path, ".");

    if (!cJSON_IsObject(usage)) {
        return;
    }

    cJSON_ArrayForEach(v, usage) {

        if (strlen(v->string) != len || memcmp(v->string, path, len) != 0) {
            continue;
        }

        if (path[len] == '.') {
            ngx_http_aistream_unit_count(v, path + len + 1, value);

        } else if (cJSON_IsNumber(v) && v->valuedouble >= 0) {
            *value = ngx_http_aistream_unit_int(v, -1);
        }
    }
}


/* the member must be a string, if present */

ngx_int_t
ngx_http_aistream_unit_add(ngx_http_aistream_unit_deltas_t *a,
    ngx_http_aistream_unit_bytes_t *to, cJSON *v)
{
    if (v == NULL) {
        return NGX_OK;
    }

    if (!cJSON_IsString(v)) {
        return NGX_DECLINED;
    }

    if (v->valuestring[0]) {
        a->content = 1;

        if (to) {
            ngx_http_aistream_unit_bytes(to, v->valuestring,
                                         strlen(v->valuestring));
        }
    }

    return NGX_OK;
}


ngx_http_aistream_unit_call_t *
ngx_http_aistream_unit_call_find(ngx_http_aistream_unit_deltas_t *a,
    ngx_int_t key)
{
    ngx_uint_t  i;

    for (i = a->ncalls; i-- > 0; /* void */ ) {
        if (a->call[i].key == key) {
            return &a->call[i];
        }
    }

    return NULL;
}


ngx_http_aistream_unit_call_t *
ngx_http_aistream_unit_call_add(ngx_http_aistream_unit_deltas_t *a,
    ngx_int_t key)
{
    if (a->ncalls == NGX_HTTP_AISTREAM_TOOL_CALLS_MAX) {
        abort();
    }

    a->call[a->ncalls].key = key;

    return &a->call[a->ncalls++];
}


void
ngx_http_aistream_unit_call_start(ngx_http_aistream_unit_deltas_t *a,
    ngx_http_aistream_unit_call_t *call, const char *id, const char *name)
{
    if (call->started) {
        return;
    }

    if (id && call->id.len == 0) {
        ngx_http_aistream_unit_bytes(&call->id, id, strlen(id));
    }

    if (name && call->name.len == 0) {
        ngx_http_aistream_unit_bytes(&call->name, name, strlen(name));
    }

    if (call->name.len) {
        call->started = 1;
        a->content = 1;
    }
}


/* returns the text of a string, or the JSON of another value */

static char *
ngx_http_aistream_unit_call_text(cJSON *v)
{
    return cJSON_IsString(v) ? strdup(v->valuestring)
                             : cJSON_PrintUnformatted(v);
}


/* removes white space; returns "" for blanks, "{}" for empty arguments */

static const char *
ngx_http_aistream_unit_call_none(const char *text)
{
    char    buf[8];
    size_t  n;

    static const char  *none[] = { "{}", "null", "[]", "\"\"" };

    for (n = 0; text && *text && n < 5; text++) {
        if (strchr(" \t\r\n", *text) == NULL) {
            buf[n++] = *text;
        }
    }

    buf[n] = '\0';

    if (n == 0) {
        return "";
    }

    for (n = 0; n < 4; n++) {
        if (strcmp(buf, none[n]) == 0) {
            return "{}";
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_aistream_unit_call_closed(ngx_http_aistream_unit_call_t *call)
{
    size_t       depth;
    const char  *p;

    depth = 0;

    for (p = call->arguments.len ? call->arguments.data : ""; *p; p++) {

        if (*p == '"') {
            for (p++; *p && *p != '"'; p++) {
                if (*p == '\\' && p[1]) {
                    p++;
                }
            }

            if (*p == '\0') {
                return 0;
            }

        } else if (*p == '{' || *p == '[') {
            depth++;

        } else if ((*p == '}' || *p == ']') && depth && --depth == 0) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_aistream_unit_call_open(ngx_http_aistream_unit_call_t *call)
{
    return call->started && !call->ended && call->arguments.len
           && (call->text
               || ngx_http_aistream_unit_call_none(call->arguments.data)
                  == NULL)
           && !ngx_http_aistream_unit_call_closed(call);
}


void
ngx_http_aistream_unit_call_piece(ngx_http_aistream_unit_call_t *call,
    cJSON *v)
{
    char        *text;
    const char  *none;

    text = ngx_http_aistream_unit_call_text(v);

    if (call->ended || *text == '\0') {
        free(text);
        return;
    }

    if (call->arguments.len && !call->text) {
        none = ngx_http_aistream_unit_call_none(call->arguments.data);

        if (none && *none) {
            none = ngx_http_aistream_unit_call_none(text);

            if (none == NULL || *none) {
                call->arguments.len = 0;
            }

        } else if (*text == '{' && ngx_http_aistream_unit_call_closed(call)) {
            free(text);
            return;
        }
    }

    ngx_http_aistream_unit_bytes(&call->arguments, text, strlen(text));
    free(text);
}


void
ngx_http_aistream_unit_call_whole(ngx_http_aistream_unit_call_t *call,
    cJSON *v)
{
    char  *text;

    text = ngx_http_aistream_unit_call_text(v);

    if (!call->ended && *text) {
        call->whole.len = 0;
        ngx_http_aistream_unit_bytes(&call->whole, text, strlen(text));
    }

    free(text);
}


void
ngx_http_aistream_unit_call_end(ngx_http_aistream_unit_call_t *call)
{
    size_t       len;
    const char  *none;

    if (!call->started || call->ended) {
        return;
    }

    none = call->arguments.len ? call->arguments.data : "";
    none = (call->text && *none) ? NULL
                                 : ngx_http_aistream_unit_call_none(none);

    if (none) {
        call->arguments.len = 0;
    }

    len = call->arguments.len;

    if (call->whole.len > len
        && (len == 0
            || memcmp(call->whole.data, call->arguments.data, len) == 0)
        && (call->text
            || (!(len && ngx_http_aistream_unit_call_closed(call))
                && ngx_http_aistream_unit_call_none(call->whole.data)
                   == NULL)))
    {
        ngx_http_aistream_unit_bytes(&call->arguments, call->whole.data + len,
                                     call->whole.len - len);

    } else if (none) {
        ngx_http_aistream_unit_bytes(&call->arguments, "{}", 2);
    }

    call->ended = 1;
}


void
ngx_http_aistream_unit_call_end_whole(ngx_http_aistream_unit_deltas_t *a)
{
    ngx_uint_t                      i;
    ngx_http_aistream_unit_call_t  *call;

    for (i = 0; i < a->ncalls; i++) {
        call = &a->call[i];

        if (!call->text && call->arguments.len
            && ngx_http_aistream_unit_call_none(call->arguments.data) == NULL
            && ngx_http_aistream_unit_call_closed(call))
        {
            ngx_http_aistream_unit_call_end(call);
        }
    }
}


ngx_int_t
ngx_http_aistream_unit_finish(ngx_http_aistream_unit_deltas_t *a)
{
    ngx_uint_t  i;

    if (a->finish == NULL) {
        a->finish = "other";
    }

    for (i = 0; i < a->ncalls; i++) {
        ngx_http_aistream_unit_call_end(&a->call[i]);

        if (a->call[i].started && strcmp(a->finish, "stop") == 0) {
            a->finish = "tool-calls";
        }
    }

    a->done = 1;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_unit_fail(ngx_http_aistream_unit_deltas_t *a,
    const char *code)
{
    a->error = code;
    a->done = 1;

    return NGX_OK;
}


void
ngx_http_aistream_unit_deltas_free(ngx_http_aistream_unit_deltas_t *a)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_AISTREAM_TOOL_CALLS_MAX; i++) {
        free(a->call[i].id.data);
        free(a->call[i].name.data);
        free(a->call[i].arguments.data);
        free(a->call[i].whole.data);
    }

    free(a->text.data);
    free(a->reasoning.data);
    free(a->refusal.data);
    free(a->calls.data);
}


void
ngx_http_aistream_unit_bytes(ngx_http_aistream_unit_bytes_t *to,
    const char *data, size_t len)
{
    if (to->size - to->len <= len) {
        to->size = 2 * (to->len + len) + 64;
        to->data = realloc(to->data, to->size);

        if (to->data == NULL) {
            abort();
        }
    }

    memcpy(to->data + to->len, data, len);
    to->len += len;
    to->data[to->len] = '\0';
}


void
ngx_http_aistream_unit_bytes_fmt(ngx_http_aistream_unit_bytes_t *to,
    const char *fmt, ...)
{
    int      n;
    char     buf[512];
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf(buf, sizeof(buf), fmt, args);
    va_end(args);

    ngx_http_aistream_unit_bytes(to, buf, ngx_min((size_t) n,
                                                  sizeof(buf) - 1));
}


void
ngx_http_aistream_unit_bytes_call(ngx_http_aistream_unit_bytes_t *to,
    const char *id, const char *name, const char *arguments)
{
    char   *text;
    cJSON  *json;

    json = cJSON_Parse(arguments);
    text = json ? cJSON_PrintUnformatted(json) : NULL;

    ngx_http_aistream_unit_bytes(to, id ? id : "", id ? strlen(id) : 0);
    ngx_http_aistream_unit_bytes(to, " ", 1);
    ngx_http_aistream_unit_bytes(to, name, strlen(name));
    ngx_http_aistream_unit_bytes(to, " ", 1);
    ngx_http_aistream_unit_bytes(to, text ? text : arguments,
                                 strlen(text ? text : arguments));
    ngx_http_aistream_unit_bytes(to, "\n", 1);

    free(text);
    cJSON_Delete(json);
}
