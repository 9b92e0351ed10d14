
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The providers' words for why an answer has ended, a table for each dialect.
 */


#ifndef _NGX_HTTP_AISTREAM_FINISH_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FINISH_H_INCLUDED_


#include <provider/ngx_http_aistream_provider.h>


extern const ngx_http_aistream_word_t  ngx_http_aistream_finish_openai[];
extern const ngx_http_aistream_word_t  ngx_http_aistream_finish_responses[];
extern const ngx_http_aistream_word_t  ngx_http_aistream_finish_anthropic[];
extern const ngx_http_aistream_word_t  ngx_http_aistream_finish_gemini[];
extern const ngx_http_aistream_word_t  ngx_http_aistream_finish_ollama[];

/*
 * Sets the reader's finish reason to what the word means, in any case; an
 * empty word does nothing.  A word of a failed answer ends it with an error:
 * reader->done is set then.  NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_finish_reason(ngx_http_aistream_reader_t *reader,
    const ngx_http_aistream_word_t *words, ngx_str_t *word);


#endif /* _NGX_HTTP_AISTREAM_FINISH_H_INCLUDED_ */
