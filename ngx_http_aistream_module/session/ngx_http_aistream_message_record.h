
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A message as it is kept, and as aistream_sessions shows it:
 *
 *     {"role":"user","content":"...","parts":[...],"metadata":{...}}
 *
 * "content" is the visible text; "parts" is there if that is not all.
 */


#ifndef _NGX_HTTP_AISTREAM_MESSAGE_RECORD_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_MESSAGE_RECORD_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_delta.h>
#include <json/ngx_http_aistream_json.h>


/* what is known of a message besides what it says; NULL and unset: nothing */

typedef struct {
    ngx_str_t                       *agent;
    ngx_str_t                       *asked;     /* the model, by its alias */
    ngx_str_t                       *model;     /* that answered */
    ngx_str_t                       *provider;
    ngx_http_aistream_usage_t       *usage;
    ngx_http_aistream_finish_e       finish;
    ngx_http_aistream_error_e        error;

    unsigned                         aborted:1; /* the client left */
    unsigned                         truncated:1;   /* more was said */
} ngx_http_aistream_message_record_metadata_t;


/* how the object begins, {"role":"...", and one of its parts, {"type":"..." */
void ngx_http_aistream_message_record_begin(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_role_e role);
void ngx_http_aistream_message_record_begin_part(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_e type);

/*
 * Writes the object of what a client said, but for its end, which is the
 * metadata's.  Strings are cut, files left out where they would make it longer
 * than "max" bytes by far; returns 1 if something was.
 */
ngx_uint_t ngx_http_aistream_message_record_message(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message,
    size_t max);

/* the metadata, with the present time, and the end of the object */
void ngx_http_aistream_message_record_metadata(
    ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_record_metadata_t *metadata);

/* {"type":"agent_switch","from":"...","to":"...","metadata":{...}} */
void ngx_http_aistream_message_record_switch(ngx_http_aistream_json_out_t *out,
    const char *type, ngx_str_t *from, ngx_str_t *to);


/* an entry that was loaded; its strings live in its text, or the pool */

typedef struct {
    ngx_http_aistream_message_t      message;   /* without parts: none */
    ngx_str_t                        type;      /* of a switch, or empty */
    ngx_str_t                        from;
    ngx_str_t                        agent;
    ngx_str_t                        asked;
} ngx_http_aistream_message_record_parsed_t;


/* NGX_DECLINED: it is none of ours; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_message_record_parse(ngx_pool_t *pool,
    ngx_str_t *text, ngx_http_aistream_message_record_parsed_t *parsed);


#endif /* _NGX_HTTP_AISTREAM_MESSAGE_RECORD_H_INCLUDED_ */
