
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Sources of chat completions with a built-in search: annotations in a delta,
 * or a list of citations beside the choices.
 */


#include <provider/ngx_http_aistream_provider_request.h>
#include <json/ngx_http_aistream_scan.h>


/*
 * Reads [{"type":"url_citation","url_citation":{"url":"...","title":"..."}}].
 * Some services leave out the nested object.
 */

ngx_int_t
ngx_http_aistream_openai_read_annotations(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t                 rc;
    ngx_http_aistream_scan_t  note, citation;

    static const ngx_str_t  names[] = {
        ngx_string("url_citation"), ngx_null_string
    };

    if (ngx_http_aistream_scan_peek(s) != '[') {
        return NGX_OK;
    }

    (void) ngx_http_aistream_scan_array(s);

    while ((rc = ngx_http_aistream_scan_element(s)) == NGX_OK) {

        note = *s;

        if (ngx_http_aistream_scan_peek(s) == '{'
            && ngx_http_aistream_scan_pick(&note, names, &citation) == NGX_OK
            && ngx_http_aistream_scan_found(&citation))
        {
            rc = ngx_http_aistream_provider_read_source(reader, &citation);
            s->pos = note.pos;

        } else {
            rc = ngx_http_aistream_provider_read_source(reader, s);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


/*
 * reads Perplexity's list, sent in every event: URLs, or objects with titles
 */

ngx_int_t
ngx_http_aistream_openai_read_citations(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t  rc;
    ngx_str_t  url, title;

    ngx_str_null(&title);

    if (ngx_http_aistream_scan_peek(s) != '[') {
        return NGX_OK;
    }

    (void) ngx_http_aistream_scan_array(s);

    while ((rc = ngx_http_aistream_scan_element(s)) == NGX_OK) {

        if (ngx_http_aistream_scan_peek(s) == '"') {
            rc = (ngx_http_aistream_scan_string(s, &url) == NGX_OK)
                 ? ngx_http_aistream_provider_source(reader, &url, &title)
                 : NGX_DECLINED;

        } else {
            rc = ngx_http_aistream_provider_read_source(reader, s);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}
