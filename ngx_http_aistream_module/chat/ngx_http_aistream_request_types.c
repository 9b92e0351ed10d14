
/*
 * Copyright (C) 2026 the aistream authors
 */


/* the types of content parts that are texts or files, of all dialects */


#include <chat/ngx_http_aistream_request_private.h>


static const char  *ngx_http_aistream_request_texts[] = {
    "text", "input_text", "output_text", NULL
};


static const char  *ngx_http_aistream_request_files[] = {
    "image", "image_url", "input_image", "file", "input_file", "document",
    "input_audio", "audio", "media", "file-data", "image-data", "file-url",
    "image-url", NULL
};


ngx_uint_t
ngx_http_aistream_request_text_type(ngx_str_t *type)
{
    return ngx_http_aistream_request_listed(type,
                                            ngx_http_aistream_request_texts);
}


ngx_uint_t
ngx_http_aistream_request_file_type(ngx_str_t *type)
{
    return ngx_http_aistream_request_listed(type,
                                            ngx_http_aistream_request_files);
}
