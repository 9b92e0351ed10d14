
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A provider's dialect: generates the request from a chat, reads events into
 * deltas and maps the provider's errors to ours.  Each dialect has a file and
 * a line in the registry.  Dialects do not depend on the request or the
 * client.
 */


#ifndef _NGX_HTTP_AISTREAM_PROVIDER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_PROVIDER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_delta.h>
#include <json/ngx_http_aistream_json.h>
#include <json/ngx_http_aistream_scan.h>
#include <provider/ngx_http_aistream_provider_error.h>


/* the options of a provider, as set in the upstream's configuration */

typedef struct {
    ngx_str_t                        max_tokens;    /* the field's name */

    /* the field in which reasoning is sent back; empty: it is not sent */
    ngx_str_t                        reasoning;

    unsigned                         public:1;  /* the public service */
} ngx_http_aistream_options_t;


/*
 * The reader of one answer.  It is zeroed before start, and then the first
 * group is set.  Data that must outlive an event is allocated from the pool.
 */

typedef struct ngx_http_aistream_reader_s  ngx_http_aistream_reader_t;

struct ngx_http_aistream_reader_s {
    ngx_http_aistream_sink_t        *sink;
    ngx_pool_t                      *pool;
    ngx_log_t                       *log;
    ngx_str_t                       *dialect;   /* the provider's name */
    size_t                           max_arguments;  /* bytes per tool call */
    uint32_t                         seed;      /* of generated ids */
    ngx_array_t                     *errors;    /* aistream_error */

    /* called with the error text of an error in the stream, to log it */
    void                           (*error_text)(
                                            ngx_http_aistream_reader_t *reader,
                                            ngx_http_aistream_error_e error,
                                            ngx_str_t *text);

    ngx_http_aistream_usage_t        usage;
    ngx_http_aistream_finish_e       finish;
    ngx_msec_t                       retry_after;   /* ms; 0: unset */

    ngx_array_t                     *tool_calls; /* _tool_call_t, in order */
    ngx_array_t                     *sources;   /* uint32_t, hashes */
    ngx_str_t                        scratch;   /* for one event */

    /*
     * Responses: the places (type, item and part) of which text was passed,
     * and the last one.
     */
    ngx_array_t                     *places;    /* ngx_uint_t */
    ngx_uint_t                       place;

    /* the item and part of the last reasoning */
    ngx_int_t                        item;
    ngx_int_t                        part;

    /* passthrough: the text of the event, for the event template */
    ngx_str_t                        text;

    /* passthrough: the index of the open block plus 1; 0: none */
    ngx_uint_t                       open_block;

    unsigned                         content:1;   /* text was received */
    unsigned                         thinking:1;  /* item and part are set */
    unsigned                         done:1;      /* last delta was passed */

    /* passthrough: the events passed, and whether this one has no content */
    unsigned                         finish_passed:1; /* the finish reason */
    unsigned                         end_passed:1;    /* the last event */
    unsigned                         silent:1;
    unsigned                         start_passed:1;  /* message_start */
};


/*
 * A member that differs between events without changing their meaning.  The
 * offset is IDLE, or that of a count of tokens in the usage.  The list ends
 * with an empty name.
 */

#define NGX_HTTP_AISTREAM_IDLE  ((size_t) -1)

typedef struct {
    ngx_str_t                        name;
    size_t                           offset;
} ngx_http_aistream_varying_t;


/*
 * the path of the request for this model, relative to the base; allocated from
 * the pool
 */
typedef ngx_int_t (*ngx_http_aistream_provider_path_pt)(ngx_pool_t *pool,
    ngx_str_t *model, ngx_str_t *path);

/* a request body that is generated; the caller sets the first group */

typedef struct {
    ngx_http_aistream_chat_t        *chat;
    ngx_str_t                       *model;
    ngx_http_aistream_options_t     *options;   /* the upstream's */
    ngx_uint_t                       passthrough;

    ngx_http_aistream_json_out_t     out;
    uint64_t                         written;   /* fields, a bit each */
} ngx_http_aistream_create_t;

/* generates the request body; sets out.failed if out of memory */
typedef void (*ngx_http_aistream_provider_create_pt)(
    ngx_http_aistream_create_t *cr);

/*
 * Reads one event.  Returns NGX_OK, also if the event has no meaning;
 * NGX_DECLINED if the event is invalid; NGX_ERROR if out of memory.  The last
 * delta sets reader->done, and no more events are read.
 */
typedef ngx_int_t (*ngx_http_aistream_provider_read_pt)(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);

/*
 * Reads one event for a client of the same dialect: a valid event is passed
 * unchanged, and only usage, the finish reason and errors are read from it.
 * reader->content is set with the first event that has content.  reader->text
 * is NULL before the call, and is set to the text in an event that is a piece
 * of it.
 */
typedef ngx_http_aistream_provider_read_pt
    ngx_http_aistream_provider_passthrough_pt;

/*
 * Called at the end of the response if reader->done is not set.  Returns
 * NGX_DECLINED if the answer is incomplete.
 */
typedef ngx_int_t (*ngx_http_aistream_provider_end_pt)(
    ngx_http_aistream_reader_t *reader);


/* the framing of events: see stream/ngx_http_aistream_framing.h */

typedef enum {
    NGX_HTTP_AISTREAM_FRAMING_SSE = 0,
    NGX_HTTP_AISTREAM_FRAMING_NDJSON
} ngx_http_aistream_framing_e;


/* the authentication scheme: see upstream/ngx_http_aistream_auth.h */

typedef enum {
    NGX_HTTP_AISTREAM_AUTH_HEADER = 0
} ngx_http_aistream_auth_e;


typedef struct {
    ngx_str_t                            name;
    ngx_http_aistream_framing_e          framing;
    ngx_http_aistream_auth_e             auth;

    ngx_str_t                            host;         /* public service */
    ngx_str_t                            base;
    ngx_str_t                            query;
    ngx_str_t                            key_header;
    ngx_str_t                            key_prefix;   /* of the key */
    ngx_str_t                            header;       /* another; or "" */
    ngx_str_t                            header_value;
    ngx_http_aistream_options_t          options;      /* public service */
    unsigned                             local:1;  /* no key or TLS needed */

    /* NULL: events of a delta differ in their text only */
    const ngx_http_aistream_varying_t   *varying;

    ngx_http_aistream_provider_path_pt   path;
    ngx_http_aistream_provider_create_pt create;
    ngx_http_aistream_provider_read_pt   read;
    ngx_http_aistream_provider_passthrough_pt  passthrough;   /* or NULL */
    ngx_http_aistream_provider_end_pt    end;
    const ngx_http_aistream_error_rule_t  *errors;
} ngx_http_aistream_provider_t;


/*
 * Generates the request body in the chat's pool.  Fields of the chat that were
 * not written are added to chat->dropped.  NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_provider_body(
    const ngx_http_aistream_provider_t *provider,
    ngx_http_aistream_create_t *cr, ngx_str_t *body);

/* returns NULL if the name is unknown */
const ngx_http_aistream_provider_t *ngx_http_aistream_provider(
    ngx_str_t *name);

/* adds all names, ngx_str_t, to the array; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_provider_names(ngx_array_t *names);

/*
 * Pass a delta to the sink; an empty one is not passed.  Strings are escaped
 * as in ngx_http_aistream_delta_t.
 */
ngx_int_t ngx_http_aistream_provider_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_str_t *text);
ngx_int_t ngx_http_aistream_provider_file(ngx_http_aistream_reader_t *reader,
    ngx_str_t *media_type, ngx_str_t *base64);

/* passes a source once for each URL; the title may be empty */
ngx_int_t ngx_http_aistream_provider_source(
    ngx_http_aistream_reader_t *reader, ngx_str_t *url, ngx_str_t *title);

/*
 * Reads a source from an object with "url" and "title".  Other values are
 * ignored, because an answer does not depend on its sources.
 */
ngx_int_t ngx_http_aistream_provider_read_source(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);

/* passes an unchanged event; "usage": the event contains usage only */
ngx_int_t ngx_http_aistream_provider_event(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data,
    ngx_uint_t usage);

/*
 * Ends the open tool calls and passes the finish.  A "stop" with tool calls is
 * reported as tool calls.
 */
ngx_int_t ngx_http_aistream_provider_finish(
    ngx_http_aistream_reader_t *reader);

/* passes an error as the last delta; logs the error text, if not empty */
ngx_int_t ngx_http_aistream_provider_fail(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *text);

/* classifies an event that is an error in the dialect, and passes the error */
ngx_int_t ngx_http_aistream_provider_fail_event(
    ngx_http_aistream_reader_t *reader,
    const ngx_http_aistream_error_rule_t *rules, ngx_str_t *data);

/*
 * Does the same for an event unknown to the dialect.  Returns NGX_DECLINED if
 * the event is not an error in a form used by any service.
 */
ngx_int_t ngx_http_aistream_provider_fail_other(
    ngx_http_aistream_reader_t *reader,
    const ngx_http_aistream_error_rule_t *rules, ngx_str_t *data);

/* allocates memory that is valid until the next event; NULL: out of memory */
u_char *ngx_http_aistream_provider_scratch(
    ngx_http_aistream_reader_t *reader, size_t size);


/* maps a provider's word to a value; tables end with an empty word */

typedef struct {
    ngx_str_t                        word;
    ngx_uint_t                       value;
} ngx_http_aistream_word_t;


/* returns the value of the empty word if the word is unknown */
ngx_uint_t ngx_http_aistream_word(const ngx_http_aistream_word_t *words,
    ngx_str_t *word);


/* a member with a count of tokens; "nested": an object with more counts */

typedef struct ngx_http_aistream_count_s  ngx_http_aistream_count_t;

struct ngx_http_aistream_count_s {
    ngx_str_t                        name;
    size_t                           offset;    /* in usage */
    const ngx_http_aistream_count_t *nested;
};

#define ngx_http_aistream_count(field)                                        \
    offsetof(ngx_http_aistream_usage_t, field)


/* sets the counts that are present and are numbers */
ngx_int_t ngx_http_aistream_provider_usage(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s, const ngx_http_aistream_count_t *counts);


extern const ngx_http_aistream_provider_t  ngx_http_aistream_provider_openai;
extern const ngx_http_aistream_provider_t
    ngx_http_aistream_provider_responses;
extern const ngx_http_aistream_provider_t
    ngx_http_aistream_provider_anthropic;
extern const ngx_http_aistream_provider_t  ngx_http_aistream_provider_gemini;
extern const ngx_http_aistream_provider_t  ngx_http_aistream_provider_ollama;


#endif /* _NGX_HTTP_AISTREAM_PROVIDER_H_INCLUDED_ */
