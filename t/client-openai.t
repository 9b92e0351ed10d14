# OpenAI's chat completions, as a client's protocol.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::client_protocol("openai");

run_tests();

__DATA__

=== TEST 1: a stream has a chunk for each delta, then [DONE]
--- response_headers
Content-Type: text/event-stream; charset=utf-8
--- golden: openai-chat/hello.to.openai
--- no_error_log
[error]



=== TEST 2: a usage chunk is sent if stream_options asks for it
--- request
POST /chat
{"prompt":"a","stream":true,"stream_options":{"include_usage":true}}
--- golden: openai-chat/hello.to.openai-usage
--- no_error_log
[error]



=== TEST 3: every kind of content has its chunk
--- golden: openai-chat/all-parts.to.openai
--- no_error_log
[error]



=== TEST 4: without "stream" the answer is one completion
--- request
POST /chat
{"prompt":"a"}
--- response_headers
Content-Type: application/json
--- golden: openai-chat/all-parts.to.openai.json
--- no_error_log
[error]



=== TEST 5: an error after the first delta is an event before [DONE]
--- golden: openai-chat/truncated.to.openai
--- error_log
sent an incomplete response



=== TEST 6: an error before the first delta has OpenAI's JSON and a status
--- tcp_reply eval
AIStream::status(429, '{"error":{"code":"rate_limit_exceeded","message":"slow"}}', "Retry-After: 7")
--- error_code: 429
--- response_headers
Retry-After: 7
Content-Type: application/json
--- response_body
{"error":{"message":"Too many requests, please try again later.","type":"rate_limit_error","param":null,"code":"rate_limit"}}
--- error_log
failed with 429



=== TEST 7: an invalid request gets OpenAI's JSON
--- request
POST /chat
{"stream":true}
--- no_provider
--- error_code: 400
--- response_body_like: \A\{"error":\{"message":"There is neither [^}]*","type":"invalid_request_error","param":null,"code":"invalid_request"\}\}$
--- no_error_log
[error]



=== TEST 8: auto chooses the protocol by the path, whatever Accept says
--- config
    location /any {
        aistream_pass provider:m-1;
    }
--- request
POST /any/v1/chat/completions
{"prompt":"a","stream":true}
--- more_headers
Accept: application/json
--- response_body_like: \Adata: \{"id":"chatcmpl-
--- no_error_log
[error]



=== TEST 9: nginx's own errors have OpenAI's JSON
--- config
    location /any {
        aistream_pass provider:m-1;
        deny all;
    }
--- request
POST /any/v1/chat/completions
{"prompt":"a","stream":true}
--- no_provider
--- error_code: 403
--- response_body_like: \A\{"error":\{"message":"[^"]+","type":"permission_error","param":null,"code":"forbidden"\}\}$
--- error_log
access forbidden by rule



=== TEST 10: the client's system messages are sent on
--- request
POST /chat
{"messages":[{"role":"system","content":"S"},{"role":"user","content":"a"}]}
--- tcp_reply eval
AIStream::echo_body()
--- response_body_like: \\"role\\":\\"system\\",\\"content\\":\\"S\\"
--- no_error_log
[error]



=== TEST 11: completion_tokens include thinking
--- http_config eval
AIStream::http("", "", "gemini")
--- request
POST /chat
{"prompt":"a","stream":true,"stream_options":{"include_usage":true}}
--- tcp_reply eval
AIStream::chunked(qq{data: {"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5,"thoughtsTokenCount":20,"totalTokenCount":35}}\r\n\r\n})
--- response_body_like: "usage":\{"prompt_tokens":10,"completion_tokens":25,"total_tokens":35,"completion_tokens_details":\{"reasoning_tokens":20\}\}
--- no_error_log
[error]



=== TEST 12: a sum of token counts stops at the largest integer
--- http_config eval
AIStream::http()
--- request
POST /chat
{"prompt":"a","stream":true,"stream_options":{"include_usage":true}}
--- tcp_reply eval
AIStream::chunked(AIStream::delta("hi"), qq{data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807}}\n\n}, "data: [DONE]\n\n")
--- response_body_like: "total_tokens":9223372036854775807
--- no_error_log
[error]
