
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_MESSAGE_RECORD_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_MESSAGE_RECORD_PRIVATE_H_INCLUDED_


#include <session/ngx_http_aistream_message_record.h>


#define NGX_HTTP_AISTREAM_RECORD_ROLES  (NGX_HTTP_AISTREAM_TOOL + 1)
#define NGX_HTTP_AISTREAM_RECORD_TYPES  (NGX_HTTP_AISTREAM_PART_RESULT + 1)


/* stored values of "role" and "type", indexed by _role_e and _part_e */
extern const char
    *ngx_http_aistream_message_record_roles[NGX_HTTP_AISTREAM_RECORD_ROLES];
extern const char
    *ngx_http_aistream_message_record_types[NGX_HTTP_AISTREAM_RECORD_TYPES];


#endif /* _NGX_HTTP_AISTREAM_MESSAGE_RECORD_PRIVATE_H_INCLUDED_ */
