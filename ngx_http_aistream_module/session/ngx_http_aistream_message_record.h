
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A message record, as stored and as shown by aistream_sessions:
 *
 *     {"role":"user","content":"...","parts":[...],"metadata":{...}}
 *
 * "content" is the visible text; "parts" is present if the message has parts
 * other than text.
 */


#ifndef _NGX_HTTP_AISTREAM_MESSAGE_RECORD_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_MESSAGE_RECORD_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_delta.h>
#include <json/ngx_http_aistream_json.h>


/* metadata of a message; a field that is unknown is NULL or unset */

typedef struct {
    ngx_str_t                       *agent;
    ngx_str_t                       *alias;     /* requested model */
    ngx_str_t                       *model;     /* model that answered */
    ngx_str_t                       *provider;  /* name of the upstream */
    ngx_http_aistream_usage_t       *usage;
    ngx_http_aistream_finish_e       finish;
    ngx_http_aistream_error_e        error;

    unsigned                         aborted:1; /* by the client */
    unsigned                         truncated:1;   /* not all was stored */
} ngx_http_aistream_message_record_metadata_t;


/* write the beginning of a record: {"role":"..."; of a part: {"type":"..." */
void ngx_http_aistream_message_record_begin(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_role_e role);
void ngx_http_aistream_message_record_begin_part(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_e type);

/*
 * Writes the record of a message from the client's body, but not the end of the
 * record, which is written by ngx_http_aistream_message_record_metadata().  To
 * limit the record to about "max" bytes, strings are truncated, and files and
 * parts are left out; then 1 is returned.
 */
ngx_uint_t ngx_http_aistream_message_record_message(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_message_t *message,
    size_t max);

/*
 * writes the metadata, if not NULL, with the current time, and the end of the
 * record
 */
void ngx_http_aistream_message_record_metadata(
    ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_message_record_metadata_t *metadata);

/*
 * Writes the record of a switch, whose type is agent_switch or model_switch:
 *
 *     {"type":"agent_switch","from":"...","to":"...","metadata":{...}}
 */
void ngx_http_aistream_message_record_switch(ngx_http_aistream_json_out_t *out,
    const char *type, ngx_str_t *from, ngx_str_t *to);


/* a parsed record; strings point to the record's text, or to the pool */

typedef struct {
    ngx_http_aistream_message_t      message;   /* has no parts if there is
                                                   nothing to send */
    ngx_str_t                        type;      /* of a switch; empty: the
                                                   record is a message */
    ngx_str_t                        from;      /* switch: previous agent or
                                                   model */
    ngx_str_t                        agent;     /* in metadata */
    ngx_str_t                        alias;     /* in metadata: "model" */
} ngx_http_aistream_message_record_parsed_t;


/* NGX_DECLINED: the record is invalid; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_message_record_parse(ngx_pool_t *pool,
    ngx_str_t *text, ngx_http_aistream_message_record_parsed_t *parsed);


#endif /* _NGX_HTTP_AISTREAM_MESSAGE_RECORD_H_INCLUDED_ */
