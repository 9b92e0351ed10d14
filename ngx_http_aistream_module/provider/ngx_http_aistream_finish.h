
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Finish reasons: a table for each dialect maps the provider's words to ours.
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
 * Sets the reader's finish reason according to the word; case is ignored, and
 * an empty word has no effect.  A word that means a failure ends the answer
 * with an error and sets reader->done.  Returns NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_finish_reason(ngx_http_aistream_reader_t *reader,
    const ngx_http_aistream_word_t *words, ngx_str_t *word);


#endif /* _NGX_HTTP_AISTREAM_FINISH_H_INCLUDED_ */
