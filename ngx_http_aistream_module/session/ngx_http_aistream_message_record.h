
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A message record, as stored and as shown by aistream_sessions:
 *
 *     {"role":"user","content":"...","parts":[...],"metadata":{...}}
 *
 * "content" is the visible text; "parts" is present if there is more.
 */


#ifndef _NGX_HTTP_AISTREAM_MESSAGE_RECORD_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_MESSAGE_RECORD_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_delta.h>
#include <json/ngx_http_aistream_json.h>


/* metadata of a message; unknown fields are NULL or unset */

typedef struct {
    ngx_str_t                       *agent;
    ngx_str_t                       *alias;     /* requested model */
    ngx_str_t                       *model;     /* model that answered */
    ngx_str_t                       *provider;
    ngx_http_aistream_usage_t       *usage;
    ngx_http_aistream_finish_e       finish;
    ngx_http_aistream_error_e        error;

    unsigned                         aborted:1; /* by the client */
    unsigned                         truncated:1;   /* size limit exceeded */
} ngx_http_aistream_message_record_metadata_t;


/*
 * Write the beginning of a record, {"role":"...", and of a part,
 * {"type":"...".
 */
void ngx_http_aistream_message_record_begin(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_role_e role);
void ngx_http_aistream_message_record_begin_part(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_e type);

/*
 * Writes the record of a client's message without the end, which is written by
 * ngx_http_aistream_message_record_metadata().  Strings are truncated and
 * files are left out to limit the record to about "max" bytes.  Returns 1 if
 * anything was truncated or left out.
 */
ngx_uint_t ngx_http_aistream_message_record_message(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message,
    size_t max);

/* writes the metadata with the current time, and the end of the record */
void ngx_http_aistream_message_record_metadata(
    ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_record_metadata_t *metadata);

/* writes {"type":"agent_switch","from":"...","to":"...","metadata":{...}} */
void ngx_http_aistream_message_record_switch(ngx_http_aistream_json_out_t *out,
    const char *type, ngx_str_t *from, ngx_str_t *to);


/* a parsed record; strings point to the record's text, or to the pool */

typedef struct {
    ngx_http_aistream_message_t      message;   /* no parts: not a message */
    ngx_str_t                        type;      /* of a switch, or empty */
    ngx_str_t                        from;      /* agent or model */
    ngx_str_t                        agent;
    ngx_str_t                        alias;
} ngx_http_aistream_message_record_parsed_t;


/* NGX_DECLINED: the record is invalid; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_message_record_parse(ngx_pool_t *pool,
    ngx_str_t *text, ngx_http_aistream_message_record_parsed_t *parsed);


#endif /* _NGX_HTTP_AISTREAM_MESSAGE_RECORD_H_INCLUDED_ */
