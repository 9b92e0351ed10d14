
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_ENTRY_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ENTRY_PRIVATE_H_INCLUDED_


#include <session/ngx_http_aistream_entry.h>


#define NGX_HTTP_AISTREAM_ENTRY_ROLES  (NGX_HTTP_AISTREAM_TOOL + 1)
#define NGX_HTTP_AISTREAM_ENTRY_TYPES  (NGX_HTTP_AISTREAM_PART_RESULT + 1)


/* "role" and "type" as they are kept, by _role_e and by _part_e */
extern const char
    *ngx_http_aistream_entry_roles[NGX_HTTP_AISTREAM_ENTRY_ROLES];
extern const char
    *ngx_http_aistream_entry_types[NGX_HTTP_AISTREAM_ENTRY_TYPES];


#endif /* _NGX_HTTP_AISTREAM_ENTRY_PRIVATE_H_INCLUDED_ */
