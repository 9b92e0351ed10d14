
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Scans the arguments of a tool call while they are received, to find empty
 * arguments and the end of the object.  The text is JSON in a string, so it
 * has two levels of escapes.
 */


#include <provider/ngx_http_aistream_tool_call.h>


/* longer arguments are not empty */
#define NGX_HTTP_AISTREAM_TOOL_CALL_NONE  32


static void ngx_http_aistream_tool_call_scan(
    ngx_http_aistream_tool_call_t *call, u_char ch);


ngx_http_aistream_tool_call_none_e
ngx_http_aistream_tool_call_none(ngx_str_t *text)
{
    u_char      ch, *p, *last;
    size_t      len;
    u_char      buf[4];
    ngx_str_t  *w;

    static ngx_str_t  words[] = {
        ngx_string("{}"), ngx_string("null"), ngx_string("[]"),
        ngx_string("\"\""), ngx_null_string
    };

    p = text->data;
    last = p + text->len;
    len = 0;

    while (p < last) {

        p = ngx_http_aistream_tool_call_char(p, &ch);

        if (ch == ' ' || ch == '\n' || ch == '\r' || ch == '\t') {
            continue;
        }

        if (len == sizeof(buf)) {
            return NGX_HTTP_AISTREAM_TOOL_CALL_SOME;
        }

        buf[len++] = ch;
    }

    if (len == 0) {
        return NGX_HTTP_AISTREAM_TOOL_CALL_BLANK;
    }

    for (w = words; w->len; w++) {
        if (len <= w->len && ngx_memcmp(w->data, buf, len) == 0) {
            return len == w->len ? NGX_HTTP_AISTREAM_TOOL_CALL_EMPTY
                                 : NGX_HTTP_AISTREAM_TOOL_CALL_MAYBE;
        }
    }

    return NGX_HTTP_AISTREAM_TOOL_CALL_SOME;
}


u_char *
ngx_http_aistream_tool_call_char(u_char *p, u_char *ch)
{
    ngx_int_t  n;

    if (*p != '\\') {
        *ch = *p;
        return p + 1;
    }

    switch (p[1]) {

    case 'u':
        n = ngx_hextoi(p + 2, 4);
        *ch = (n > 0 && n < 0x80) ? (u_char) n : 0x80;
        return p + 6;

    case 'n':
        *ch = '\n';
        break;

    case 'r':
        *ch = '\r';
        break;

    case 't':
        *ch = '\t';
        break;

    case '"':
    case '\\':
        *ch = p[1];
        break;

    default:
        *ch = 0x80;
        break;
    }

    return p + 2;
}


ngx_uint_t
ngx_http_aistream_tool_call_open(ngx_http_aistream_tool_call_t *call)
{
    return call->started && !call->ended
           && ngx_http_aistream_tool_call_pending(
                                      call) < NGX_HTTP_AISTREAM_TOOL_CALL_BLANK
           && !ngx_http_aistream_tool_call_closed(call);
}


ngx_http_aistream_tool_call_none_e
ngx_http_aistream_tool_call_pending(ngx_http_aistream_tool_call_t *call)
{
    return (call->text
            || call->arguments.len > NGX_HTTP_AISTREAM_TOOL_CALL_NONE)
           ? NGX_HTTP_AISTREAM_TOOL_CALL_SOME
           : ngx_http_aistream_tool_call_none(&call->arguments);
}


ngx_uint_t
ngx_http_aistream_tool_call_closed(ngx_http_aistream_tool_call_t *call)
{
    u_char  ch, *p, *last;

    p = call->arguments.data + call->scanned;
    last = call->arguments.data + call->arguments.len;

    while (p < last) {
        p = ngx_http_aistream_tool_call_char(p, &ch);
        ngx_http_aistream_tool_call_scan(call, ch);
    }

    call->scanned = call->arguments.len;

    return call->closed;
}


static void
ngx_http_aistream_tool_call_scan(ngx_http_aistream_tool_call_t *call,
    u_char ch)
{
    if (call->escaped) {
        call->escaped = 0;
        return;
    }

    if (call->quoted) {
        call->escaped = (ch == '\\');
        call->quoted = (ch != '"');
        return;
    }

    switch (ch) {

    case '"':
        call->quoted = 1;
        break;

    case '{':
    case '[':
        call->depth++;
        break;

    case '}':
    case ']':

        if (call->depth && --call->depth == 0) {
            call->closed = 1;
        }

        break;

    default:
        break;
    }
}
