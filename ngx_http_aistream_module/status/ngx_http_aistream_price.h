
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_PRICE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_PRICE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <status/ngx_http_aistream_summary.h>


/* the unit of a cost is 10^-12 of the currency: 12 decimal places */
#define NGX_HTTP_AISTREAM_PRICE_DIGITS  12
#define NGX_HTTP_AISTREAM_PRICE_LEN     (NGX_INT64_LEN + 2)


/* whether a count is known and plausible, so that sums cannot overflow */
#define ngx_http_aistream_price_plausible(n)                                  \
    ((n) >= 0 && (n) <= NGX_MAX_INT32_VALUE)


/*
 * prices per million tokens in 10^-6 of the currency, which is the same number
 * as prices per token in 10^-12
 */

typedef struct {
    ngx_str_t                        model;
    ngx_uint_t                       input;
    ngx_uint_t                       cached;
    ngx_uint_t                       output;
} ngx_http_aistream_price_t;


/* handler of aistream_price */
char *ngx_http_aistream_set_price(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Calculates the cost of an answer; "prices" may be NULL.  Returns
 * NGX_DECLINED if the model has no price, or if a count of tokens is unknown or
 * implausible.
 */
ngx_int_t ngx_http_aistream_price(ngx_array_t *prices,
    ngx_http_aistream_summary_t *summary, uint64_t *cost);

/* writes a cost as a decimal number without trailing zeros; returns the end */
u_char *ngx_http_aistream_price_print(u_char *p, uint64_t cost);


#endif /* _NGX_HTTP_AISTREAM_PRICE_H_INCLUDED_ */
