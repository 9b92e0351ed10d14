
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Events of the length and with the fields that the public services send,
 * each in a chunk of its own.
 */


#include "bench.h"


#define BENCH_OPENAI                                                          \
    "data: {\"id\":\"chatcmpl-0123456789abcdefghijklmnopqrs\","               \
    "\"object\":\"chat.completion.chunk\",\"created\":1770000000,"            \
    "\"model\":\"bench-2026-01-01\",\"service_tier\":\"default\","            \
    "\"system_fingerprint\":\"fp_0123456789\",\"choices\":["

#define BENCH_ANTHROPIC_DELTA                                                 \
    "event: content_block_delta\n"                                            \
    "data: {\"type\":\"content_block_delta\",\"index\":0,"                    \
    "\"delta\":{\"type\":\"text_delta\",\"text\":\""

#define BENCH_GEMINI_USAGE                                                    \
    "\"usageMetadata\": {\"promptTokenCount\": 8,"                            \
    "\"candidatesTokenCount\": %llu,\"totalTokenCount\": %llu},"              \
    "\"modelVersion\": \"bench-2026\","                                       \
    "\"responseId\": \"0123456789abcdefghijkl\"}\r\n\r\n"


typedef unsigned long long  bench_number_t;


int
bench_mode(bench_mode_t *mode, const char *p)
{
    int             n;
    bench_number_t  tokens, every;

    if (sscanf(p, "tokens-%llu%n", &tokens, &n) != 1) {
        return -1;
    }

    p += n;
    every = 0;
    mode->batch = 1;
    mode->step = 0;
    mode->whole = 0;

    if (sscanf(p, "-every-%lluus%n", &every, &n) == 1) {
        p += n;
    }

    if (sscanf(p, "-batch-%u%n", &mode->batch, &n) == 1) {
        p += n;
    }

    if (strncmp(p, "-step", 5) == 0) {
        mode->step = 1;
        p += 5;
    }

    if (strncmp(p, "-whole", 6) == 0) {
        mode->whole = 1;
        mode->batch = tokens;
    }

    mode->tokens = tokens;
    mode->every = every * 1000;

    return (tokens && mode->batch && mode->batch <= 1000) ? 0 : -1;
}


static size_t
bench_event_chunk(char *p, const char *event, size_t n)
{
    size_t  len;

    len = sprintf(p, "%zx\r\n", n);
    memcpy(p + len, event, n);
    memcpy(p + len + n, "\r\n", 2);

    return len + n + 2;
}


size_t
bench_event_header(char *p)
{
    return sprintf(p, "HTTP/1.1 200 OK\r\n"
                   "Content-Type: text/event-stream; charset=utf-8\r\n"
                   "Transfer-Encoding: chunked\r\n"
                   "Connection: keep-alive\r\n"
                   "Cache-Control: no-cache\r\n"
                   "X-Request-Id: req_0123456789abcdef0123456789abcdef\r\n"
                   "\r\n");
}


size_t
bench_event_start(char *p, bench_mode_t *mode)
{
    size_t       n;
    const char  *event;

    switch (mode->dialect) {

    case BENCH_RAW_OPENAI:
        event = BENCH_OPENAI "{\"index\":0,\"delta\":{\"role\":\"assistant\","
                "\"content\":\"\",\"refusal\":null},\"logprobs\":null,"
                "\"finish_reason\":null}],\"usage\":null}\n\n";
        return bench_event_chunk(p, event, strlen(event));

    case BENCH_RAW_ANTHROPIC:
        event = "event: message_start\n"
                "data: {\"type\":\"message_start\",\"message\":{\"id\":"
                "\"msg_0123456789\",\"type\":\"message\",\"role\":"
                "\"assistant\",\"model\":\"bench-2026\",\"content\":[],"
                "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":"
                "{\"input_tokens\":8,\"output_tokens\":1}}}\n\n";
        n = bench_event_chunk(p, event, strlen(event));

        event = "event: content_block_start\n"
                "data: {\"type\":\"content_block_start\",\"index\":0,"
                "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
        return n + bench_event_chunk(p + n, event, strlen(event));

    default:
        return 0;
    }
}


size_t
bench_event_token(char *p, bench_mode_t *mode, uint64_t n, uint64_t now)
{
    char    event[BENCH_EVENT_SIZE], text[BENCH_TOKEN_SIZE];
    size_t  len;

    bench_token_write(text, mode->stream, n, now);

    switch (mode->dialect) {

    case BENCH_RAW_OPENAI:
        len = sprintf(event, BENCH_OPENAI "{\"index\":0,\"delta\":{"
                      "\"content\":\"%s\"},\"logprobs\":null,"
                      "\"finish_reason\":null}],\"usage\":null,"
                      "\"obfuscation\":\"01234567\"}\n\n", text);
        break;

    case BENCH_RAW_ANTHROPIC:
        len = sprintf(event, BENCH_ANTHROPIC_DELTA "%s\"}}\n\n", text);
        break;

    default:
        len = sprintf(event, "data: {\"candidates\": [{\"content\": "
                      "{\"parts\": [{\"text\": \"%s\"}],\"role\": \"model\"},"
                      "\"index\": 0}]," BENCH_GEMINI_USAGE, text,
                      (bench_number_t) n + 1, (bench_number_t) n + 9);
    }

    return bench_event_chunk(p, event, len);
}


size_t
bench_event_end(char *p, bench_mode_t *mode)
{
    char    event[2 * BENCH_EVENT_SIZE];
    size_t  len;

    switch (mode->dialect) {

    case BENCH_RAW_OPENAI:
        len = sprintf(event, BENCH_OPENAI "{\"index\":0,\"delta\":{},"
                      "\"logprobs\":null,\"finish_reason\":\"stop\"}],"
                      "\"usage\":null}\n\n"
                      BENCH_OPENAI "],\"usage\":{\"prompt_tokens\":8,"
                      "\"completion_tokens\":%llu,\"total_tokens\":%llu}}\n\n"
                      "data: [DONE]\n\n", (bench_number_t) mode->tokens,
                      (bench_number_t) mode->tokens + 8);
        break;

    case BENCH_RAW_ANTHROPIC:
        len = sprintf(event, "event: content_block_stop\n"
                      "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
                      "event: message_delta\n"
                      "data: {\"type\":\"message_delta\",\"delta\":"
                      "{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
                      "\"usage\":{\"output_tokens\":%llu}}\n\n"
                      "event: message_stop\n"
                      "data: {\"type\":\"message_stop\"}\n\n",
                      (bench_number_t) mode->tokens);
        break;

    default:
        len = sprintf(event, "data: {\"candidates\": [{\"content\": "
                      "{\"parts\": [{\"text\": \"\"}],\"role\": \"model\"},"
                      "\"finishReason\": \"STOP\",\"index\": 0}],"
                      BENCH_GEMINI_USAGE, (bench_number_t) mode->tokens,
                      (bench_number_t) mode->tokens + 8);
    }

    len = bench_event_chunk(p, event, len);
    memcpy(p + len, "0\r\n\r\n", 5);

    return len + 5;
}
