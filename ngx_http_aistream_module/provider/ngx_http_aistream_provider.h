
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A provider's dialect: a chat into its request, its events into deltas, its
 * errors into ours.  One file and one line in the registry each.  Dialects
 * know neither the request nor the client.
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


/* what the upstream's configuration says of the provider's options */

typedef struct {
    ngx_str_t                        max_tokens;    /* name of the field */

    /* the field in which reasoning goes back; empty: nowhere */
    ngx_str_t                        reasoning;

    unsigned                         public:1;  /* it is the public service */
} ngx_http_aistream_options_t;


/*
 * One answer being read; zeroed before start, then the first group is set.
 * What must be kept of it is kept in the pool.
 */

typedef struct ngx_http_aistream_reader_s  ngx_http_aistream_reader_t;

struct ngx_http_aistream_reader_s {
    ngx_http_aistream_sink_t        *sink;
    ngx_pool_t                      *pool;
    ngx_log_t                       *log;
    ngx_str_t                       *dialect;   /* the provider's name */
    size_t                           max_arguments;  /* bytes, of one call */
    uint32_t                         seed;      /* of ids that we make up */
    ngx_array_t                     *errors;    /* the operator's rules */

    /* gets the provider's own words of an error in the stream, to log them */
    void                           (*error_text)(
                                            ngx_http_aistream_reader_t *reader,
                                            ngx_http_aistream_error_e error,
                                            ngx_str_t *words);

    ngx_http_aistream_usage_t        usage;
    ngx_http_aistream_finish_e       finish;
    ngx_msec_t                       retry_after;   /* ms; 0: unset */

    ngx_array_t                     *tool_calls; /* _call_t, in order */
    ngx_array_t                     *sources;   /* uint32_t, hashes */
    ngx_str_t                        scratch;   /* for one event */

    /* of Responses: where something was said, and where it was last */
    ngx_array_t                     *places;    /* ngx_uint_t */
    ngx_uint_t                       place;

    /* the last reasoning's place: its item and its part of that */
    ngx_int_t                        item;
    ngx_int_t                        part;

    /* of an event passed on: where it may differ, and mean the same */
    ngx_str_t                        text;

    /* of events passed on: the index of the open block plus 1; 0: none */
    ngx_uint_t                       open_block;

    unsigned                         content:1;   /* any text was seen */
    unsigned                         thinking:1;  /* item and part are set */
    unsigned                         done:1;      /* last delta was sent */
    unsigned                         passed:1;    /* the finish, as it was */
    unsigned                         closed:1;    /* and all behind it */
    unsigned                         silent:1;    /* passed on, says nothing */
    unsigned                         begun:1;     /* passed on, its beginning */
};


/*
 * A member of events that changes from one to the next, and says nothing by
 * it (IDLE), or a count of tokens at that offset of the usage.  Only where
 * an event's meaning does not depend on it.  Ends with an empty name.
 */

#define NGX_HTTP_AISTREAM_IDLE  ((size_t) -1)

typedef struct {
    ngx_str_t                        name;
    size_t                           offset;
} ngx_http_aistream_varying_t;


/* path, behind the base, of the request for this model; from the pool */
typedef ngx_int_t (*ngx_http_aistream_provider_path_pt)(ngx_pool_t *pool,
    ngx_str_t *model, ngx_str_t *path);

/* the request's body; running out of memory shows in out->failed */
typedef void (*ngx_http_aistream_provider_create_pt)(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat,
    ngx_str_t *model, ngx_http_aistream_options_t *options);

/*
 * One event.  NGX_OK, also for an event that means nothing; NGX_DECLINED:
 * not what the dialect allows; NGX_ERROR: out of memory.  After the last
 * delta reader->done is set, and nothing more is fed.
 */
typedef ngx_int_t (*ngx_http_aistream_provider_read_pt)(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);

/*
 * The same, for a client of the same dialect: what is well is passed on as
 * it is, and read no further than usage, the finish reason and errors need.
 * reader->content tells when the answer proper has begun, and reader->text,
 * NULL before the call, where in an event that is a piece of it the text is.
 */
typedef ngx_http_aistream_provider_read_pt
    ngx_http_aistream_provider_passthrough_pt;

/*
 * The bytes have ended without reader->done.  NGX_DECLINED: the answer is
 * not whole.
 */
typedef ngx_int_t (*ngx_http_aistream_provider_end_pt)(
    ngx_http_aistream_reader_t *reader);


/* how events are cut out of the bytes: see stream/..._framing.h */

typedef enum {
    NGX_HTTP_AISTREAM_FRAMING_SSE = 0,
    NGX_HTTP_AISTREAM_FRAMING_NDJSON
} ngx_http_aistream_framing_e;


/* how the key is sent: see upstream/..._auth.h */

typedef enum {
    NGX_HTTP_AISTREAM_AUTH_HEADER = 0
} ngx_http_aistream_auth_e;


typedef struct {
    ngx_str_t                            name;
    ngx_http_aistream_framing_e          framing;
    ngx_http_aistream_auth_e             auth;

    ngx_str_t                            host;         /* public service's */
    ngx_str_t                            base;
    ngx_str_t                            query;
    ngx_str_t                            key_header;
    ngx_str_t                            key_prefix;   /* before the key */
    ngx_str_t                            header;       /* one more; or "" */
    ngx_str_t                            header_value;
    ngx_http_aistream_options_t          options;      /* of that service */
    unsigned                             local:1;  /* no key, no TLS needed */

    /* NULL: but for their text, events of a delta are all the same */
    const ngx_http_aistream_varying_t   *varying;

    ngx_http_aistream_provider_path_pt   path;
    ngx_http_aistream_provider_create_pt create;
    ngx_http_aistream_provider_read_pt   read;
    ngx_http_aistream_provider_passthrough_pt  passthrough;   /* or NULL */
    ngx_http_aistream_provider_end_pt    end;
    const ngx_http_aistream_error_rule_t  *errors;
} ngx_http_aistream_provider_t;


/*
 * The body of the provider's request, in the chat's pool, as large as it is.
 * NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_provider_body(
    const ngx_http_aistream_provider_t *provider,
    ngx_http_aistream_chat_t *chat, ngx_str_t *model,
    ngx_http_aistream_options_t *options, ngx_str_t *body);

/* NULL if there is none of that name */
const ngx_http_aistream_provider_t *ngx_http_aistream_provider(
    ngx_str_t *name);

/* adds all names, as ngx_str_t; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_provider_names(ngx_array_t *names);

/*
 * Shorthands for dialects: hand a delta to the sink.  What is empty is no
 * delta.  The strings are as in ngx_http_aistream_delta_t.
 */
ngx_int_t ngx_http_aistream_provider_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_str_t *text);
ngx_int_t ngx_http_aistream_provider_file(ngx_http_aistream_reader_t *reader,
    ngx_str_t *media_type, ngx_str_t *base64);

/* once for each URL of an answer; the title may be empty */
ngx_int_t ngx_http_aistream_provider_source(
    ngx_http_aistream_reader_t *reader, ngx_str_t *url, ngx_str_t *title);

/*
 * The same, of an object with "url" and "title".  Any other value is skipped:
 * an answer does not depend on its sources.
 */
ngx_int_t ngx_http_aistream_provider_read_source(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);

/* an event as it came; "usage": there for that only */
ngx_int_t ngx_http_aistream_provider_event(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data,
    ngx_uint_t usage);

/* ends the calls that are open; a stop with calls is for their sake */
ngx_int_t ngx_http_aistream_provider_finish(
    ngx_http_aistream_reader_t *reader);

/* the last delta; the provider's own words are logged, they may be empty */
ngx_int_t ngx_http_aistream_provider_fail(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *text);

/* the same, for an event that is an error by the dialect's rules */
ngx_int_t ngx_http_aistream_provider_fail_event(
    ngx_http_aistream_reader_t *reader,
    const ngx_http_aistream_error_rule_t *rules, ngx_str_t *data);

/*
 * The same, for an event that no dialect has: NGX_DECLINED if it is not an
 * error in any of the shapes in which services send them, either.
 */
ngx_int_t ngx_http_aistream_provider_fail_other(
    ngx_http_aistream_reader_t *reader,
    const ngx_http_aistream_error_rule_t *rules, ngx_str_t *data);

/* bytes that live until the next event; NULL: out of memory */
u_char *ngx_http_aistream_provider_scratch(
    ngx_http_aistream_reader_t *reader, size_t size);


/* a provider's word and what it means: tables that end with an empty word */

typedef struct {
    ngx_str_t                        word;
    ngx_uint_t                       value;
} ngx_http_aistream_word_t;


/* the empty word's value if there is none */
ngx_uint_t ngx_http_aistream_word(const ngx_http_aistream_word_t *words,
    ngx_str_t *word);


/* where a count of tokens stands; "inside" is an object of more of them */

typedef struct ngx_http_aistream_count_s  ngx_http_aistream_count_t;

struct ngx_http_aistream_count_s {
    ngx_str_t                        name;
    size_t                           offset;    /* in the reader's usage */
    const ngx_http_aistream_count_t *inside;
};

#define ngx_http_aistream_count(field)                                        \
    offsetof(ngx_http_aistream_usage_t, field)


/* what is not there, or is no number, stays as it was */
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
