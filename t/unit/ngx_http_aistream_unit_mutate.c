
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Writes a tree as JSON in one of many equivalent ways, or as invalid JSON.
 * The same seed gives the same text; equal strings of an answer are escaped in
 * the same way.
 */


#include "ngx_http_aistream_unit_mutate.h"


#define NGX_HTTP_AISTREAM_UNIT_MEMBERS  256


static void ngx_http_aistream_unit_write(ngx_http_aistream_unit_mutation_t *m,
    cJSON *v);
static void ngx_http_aistream_unit_write_list(
    ngx_http_aistream_unit_mutation_t *m, cJSON *list);
static void ngx_http_aistream_unit_write_member(
    ngx_http_aistream_unit_mutation_t *m, cJSON *v, ngx_uint_t key);
static void ngx_http_aistream_unit_write_extra(
    ngx_http_aistream_unit_mutation_t *m);
static void ngx_http_aistream_unit_write_string(
    ngx_http_aistream_unit_mutation_t *m, const char *text);
static void ngx_http_aistream_unit_write_char(
    ngx_http_aistream_unit_mutation_t *m, uint32_t ch, ngx_uint_t escape);
static void ngx_http_aistream_unit_write_number(
    ngx_http_aistream_unit_mutation_t *m, double value);
static void ngx_http_aistream_unit_write_space(
    ngx_http_aistream_unit_mutation_t *m);
static void ngx_http_aistream_unit_damage(
    ngx_http_aistream_unit_mutation_t *m);
static const char *ngx_http_aistream_unit_decode(const char *p, uint32_t *ch);


/* values added to, or replacing, other values */

static const char  *ngx_http_aistream_unit_values[] = {
    "null", "true", "false", "0", "-1", "7", "-0.5e-3", "1E+400", "\"\"",
    "\"x\"", "\"}]{[,:\\\"\\\\\"", "\"\\u00e9\\ud83d\\ude00\"", "{}", "[]",
    "[[[[[[[[[[]]]]]]]]]]", "{\"a\":{\"a\":{\"a\":[{\"a\":null}]}}}",
    "[1,\"2\",{\"text\":\"no\"},[null]]", "{\"text\":\"no\",\"index\":9}",
    "[{\"type\":\"text\",\"text\":\"part\"}]", "12345678901234567890"
};

static const char  *ngx_http_aistream_unit_keys[] = {
    "", "x", "texts", "tex", "Text", "\\\"", "\\\\", "a\\\\\\\"", "}", "{",
    "],", ":", "\\u00e9", "\xC3\xA9", "choices ", " type", "\\n"
};

#define ngx_http_aistream_unit_any(m, list)                                   \
    list[ngx_http_aistream_unit_random(m, sizeof(list) / sizeof(list[0]))]


uint32_t
ngx_http_aistream_unit_random(ngx_http_aistream_unit_mutation_t *m, uint32_t n)
{
    m->random = m->random * 1664525 + 1013904223;

    return (m->random >> 8) % n;
}


void
ngx_http_aistream_unit_mutate(ngx_http_aistream_unit_mutation_t *m, cJSON *v)
{
    m->out.len = 0;

    ngx_http_aistream_unit_write_space(m);
    ngx_http_aistream_unit_write(m, v);
    ngx_http_aistream_unit_write_space(m);

    if (m->ways & NGX_HTTP_AISTREAM_UNIT_TRUNCATE) {
        m->out.len = ngx_http_aistream_unit_random(m, m->out.len);
    }

    if (m->ways & NGX_HTTP_AISTREAM_UNIT_DAMAGE) {
        ngx_http_aistream_unit_damage(m);
    }
}


static void
ngx_http_aistream_unit_write(ngx_http_aistream_unit_mutation_t *m, cJSON *v)
{
    const char  *word;

    if ((m->ways & NGX_HTTP_AISTREAM_UNIT_TYPE)
        && ngx_http_aistream_unit_random(m, 10) == 0)
    {
        word = ngx_http_aistream_unit_any(m, ngx_http_aistream_unit_values);
        ngx_http_aistream_unit_bytes(&m->out, word, strlen(word));
        return;
    }

    switch (v->type & 0xff) {

    case cJSON_Object:
    case cJSON_Array:
        ngx_http_aistream_unit_write_list(m, v);
        break;

    case cJSON_String:
        ngx_http_aistream_unit_write_string(m, v->valuestring);
        break;

    case cJSON_Number:
        ngx_http_aistream_unit_write_number(m, v->valuedouble);
        break;

    default:
        word = cJSON_IsTrue(v) ? "true" : cJSON_IsFalse(v) ? "false" : "null";
        ngx_http_aistream_unit_bytes(&m->out, word, strlen(word));
        break;
    }
}


static void
ngx_http_aistream_unit_write_list(ngx_http_aistream_unit_mutation_t *m,
    cJSON *list)
{
    cJSON       *v, *swap, *members[NGX_HTTP_AISTREAM_UNIT_MEMBERS];
    ngx_uint_t   i, j, n, object;

    object = cJSON_IsObject(list);
    n = 0;

    cJSON_ArrayForEach(v, list) {
        if (n < NGX_HTTP_AISTREAM_UNIT_MEMBERS) {
            members[n++] = v;
        }
    }

    if (object && (m->ways & NGX_HTTP_AISTREAM_UNIT_REORDER)) {
        for (i = n; i > 1; i--) {
            j = ngx_http_aistream_unit_random(m, i);

            swap = members[j];
            members[j] = members[i - 1];
            members[i - 1] = swap;
        }
    }

    ngx_http_aistream_unit_bytes(&m->out, object ? "{" : "[", 1);
    m->comma = 0;

    for (i = 0; i < n; i++) {

        if (object && (m->ways & NGX_HTTP_AISTREAM_UNIT_DROP)
            && ngx_http_aistream_unit_random(m, 12) == 0)
        {
            continue;
        }

        if (object && (m->ways & NGX_HTTP_AISTREAM_UNIT_EXTRA)
            && ngx_http_aistream_unit_random(m, 4) == 0)
        {
            ngx_http_aistream_unit_write_extra(m);
        }

        ngx_http_aistream_unit_write_member(m, members[i], object);
    }

    ngx_http_aistream_unit_write_space(m);
    ngx_http_aistream_unit_bytes(&m->out, object ? "}" : "]", 1);
    m->comma = 1;
}


/* the last of equal members counts, unless it is null */

static void
ngx_http_aistream_unit_write_member(ngx_http_aistream_unit_mutation_t *m,
    cJSON *v, ngx_uint_t key)
{
    ngx_uint_t   n;
    const char  *other;

    n = (key && (m->ways & NGX_HTTP_AISTREAM_UNIT_DUPLICATE))
        ? ngx_http_aistream_unit_random(m, 8) : 0;

    for ( ;; ) {

        if (m->comma) {
            ngx_http_aistream_unit_bytes(&m->out, ",", 1);
        }

        ngx_http_aistream_unit_write_space(m);

        if (key) {
            ngx_http_aistream_unit_write_string(m, v->string);
            ngx_http_aistream_unit_write_space(m);
            ngx_http_aistream_unit_bytes(&m->out, ":", 1);
            ngx_http_aistream_unit_write_space(m);
        }

        if (n == 1) {
            other = ngx_http_aistream_unit_any(m,
                                              ngx_http_aistream_unit_values);
            ngx_http_aistream_unit_bytes(&m->out, other, strlen(other));

        } else if (n == 3) {
            ngx_http_aistream_unit_bytes(&m->out, "null", 4);

        } else {
            ngx_http_aistream_unit_write(m, v);
        }

        ngx_http_aistream_unit_write_space(m);
        m->comma = 1;

        /* 1: another value before the member, 2: a null after it */

        if (n == 1) {
            n = 0;

        } else if (n == 2) {
            n = 3;

        } else {
            return;
        }
    }
}


static void
ngx_http_aistream_unit_write_extra(ngx_http_aistream_unit_mutation_t *m)
{
    const char  *key, *value;

    key = ngx_http_aistream_unit_any(m, ngx_http_aistream_unit_keys);
    value = ngx_http_aistream_unit_any(m, ngx_http_aistream_unit_values);

    ngx_http_aistream_unit_bytes_fmt(&m->out, "%s\"%s\":%s",
                                     m->comma ? "," : "", key, value);
    m->comma = 1;
}


static void
ngx_http_aistream_unit_write_string(ngx_http_aistream_unit_mutation_t *m,
    const char *text)
{
    uint32_t    ch, random;
    ngx_uint_t  escape;

    ngx_http_aistream_unit_bytes(&m->out, "\"", 1);

    random = ngx_crc32_short((u_char *) text, strlen(text)) ^ m->seed;

    while (*text) {
        text = ngx_http_aistream_unit_decode(text, &ch);

        random = random * 1664525 + 1013904223;
        escape = (m->ways & NGX_HTTP_AISTREAM_UNIT_ESCAPE)
                 && (random >> 8) % 4 == 0;

        ngx_http_aistream_unit_write_char(m, ch, escape);
    }

    ngx_http_aistream_unit_bytes(&m->out, "\"", 1);
}


static void
ngx_http_aistream_unit_write_char(ngx_http_aistream_unit_mutation_t *m,
    uint32_t ch, ngx_uint_t escape)
{
    u_char       buf[4], *last;
    const char  *at;

    static const char  shorts[] = "\"\\\b\f\n\r\t/";
    static const char  names[] = "\"\\bfnrt/";

    if (escape || ch < 0x20 || ch == '"' || ch == '\\') {
        at = strchr(shorts, (int) ch);

        if (ch < 0x80 && at && (!escape || ch != '/' || (m->seed & 1))) {
            ngx_http_aistream_unit_bytes_fmt(&m->out, "\\%c",
                                             names[at - shorts]);

        } else if (ch < 0x10000) {
            ngx_http_aistream_unit_bytes_fmt(&m->out, (ch & 1) ? "\\u%04x"
                                                               : "\\u%04X",
                                             ch);

        } else {
            ch -= 0x10000;
            ngx_http_aistream_unit_bytes_fmt(&m->out, "\\u%04x\\u%04X",
                                             0xd800 + (ch >> 10),
                                             0xdc00 + (ch & 0x3ff));
        }

        return;
    }

    last = buf;

    if (ch < 0x80) {
        *last++ = (u_char) ch;

    } else if (ch < 0x800) {
        *last++ = (u_char) (0xc0 | (ch >> 6));
        *last++ = (u_char) (0x80 | (ch & 0x3f));

    } else if (ch < 0x10000) {
        *last++ = (u_char) (0xe0 | (ch >> 12));
        *last++ = (u_char) (0x80 | ((ch >> 6) & 0x3f));
        *last++ = (u_char) (0x80 | (ch & 0x3f));

    } else {
        *last++ = (u_char) (0xf0 | (ch >> 18));
        *last++ = (u_char) (0x80 | ((ch >> 12) & 0x3f));
        *last++ = (u_char) (0x80 | ((ch >> 6) & 0x3f));
        *last++ = (u_char) (0x80 | (ch & 0x3f));
    }

    ngx_http_aistream_unit_bytes(&m->out, (char *) buf, last - buf);
}


static const char *
ngx_http_aistream_unit_decode(const char *p, uint32_t *ch)
{
    ngx_uint_t  n;

    n = ((u_char) *p >= 0xf0) ? 3 : ((u_char) *p >= 0xe0) ? 2
        : ((u_char) *p >= 0xc0) ? 1 : 0;

    *ch = (u_char) *p++ & (n ? 0x3f >> n : 0x7f);

    for ( /* void */ ; n && *p; n--) {
        *ch = (*ch << 6) | ((u_char) *p++ & 0x3f);
    }

    return p;
}


static void
ngx_http_aistream_unit_write_number(ngx_http_aistream_unit_mutation_t *m,
    double value)
{
    static const char  *forms[] = {
        "%.0f", "%.0f.0", "%.0fe0", "%.0f.00E+0", "%.0f0e-1", "%.0f00.0e-02"
    };

    if (value != (double) (int64_t) value || value > 1e15 || value < -1e15) {
        ngx_http_aistream_unit_bytes_fmt(&m->out, "%.17g", value);
        return;
    }

    /* a number must not start with two zeros */

    ngx_http_aistream_unit_bytes_fmt(&m->out,
          (m->ways & NGX_HTTP_AISTREAM_UNIT_NUMBER)
          ? forms[ngx_http_aistream_unit_random(m, value == 0 ? 4 : 6)]
          : forms[0], value);
}


static void
ngx_http_aistream_unit_write_space(ngx_http_aistream_unit_mutation_t *m)
{
    static const char  spaces[] = " \t\r\n  ";

    if ((m->ways & NGX_HTTP_AISTREAM_UNIT_SPACE)
        && ngx_http_aistream_unit_random(m, 3) == 0)
    {
        ngx_http_aistream_unit_bytes(&m->out,
                         &spaces[ngx_http_aistream_unit_random(m, 4)], 2);
    }
}


/* removes, doubles or replaces a structural character */

static void
ngx_http_aistream_unit_damage(ngx_http_aistream_unit_mutation_t *m)
{
    char    *p;
    size_t   i, at, n;

    static const char  marks[] = "{}[],:";

    n = 0;
    at = 0;

    for (i = 0; i < m->out.len; i++) {

        if (m->out.data[i] == '"') {
            for (i++; m->out.data[i] != '"'; i++) {
                i += (m->out.data[i] == '\\');
            }

        } else if (strchr(marks, m->out.data[i])
                   && ngx_http_aistream_unit_random(m, ++n) == 0)
        {
            at = i;
        }
    }

    p = m->out.data + at;

    switch (ngx_http_aistream_unit_random(m, 3)) {

    case 0:
        memmove(p, p + 1, m->out.len - at - 1);
        m->out.len--;
        break;

    case 1:
        ngx_http_aistream_unit_bytes(&m->out, "x", 1);
        p = m->out.data + at;
        memmove(p + 1, p, m->out.len - at - 1);
        break;

    default:
        *p = marks[ngx_http_aistream_unit_random(m, 6)];
        break;
    }
}
