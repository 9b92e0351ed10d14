# The provider of our own, on the wire.

use lib 't/lib';
use Test::Nginx::Socket 'no_plan';

use Cwd 'abs_path';

BEGIN {
    $ENV{TEST_NGINX_FIXTURES} = abs_path("t/fixtures/openai-chat");
    $ENV{TEST_NGINX_OLLAMA} = abs_path("t/fixtures/ollama");
}

no_long_string();
no_root_location();

our $stream = '{"model":"gpt-x","stream":true,'
              . '"stream_options":{"include_usage":true}}';

run_tests();

__DATA__

=== TEST 1: a stream has OpenAI's chunks
--- config
        location / { aistream_mock openai "text=Hello there"; }
--- request eval
"POST /v1/chat/completions\n$::stream"
--- response_headers
Content-Type: text/event-stream; charset=utf-8
Transfer-Encoding: chunked
--- response_body_like eval
qr/\Adata: \{"id":"chatcmpl-mock\d+","object":"chat\.completion\.chunk","created":\d+,"model":"gpt-x",[^\n]*"delta":\{"role":"assistant","content":"","refusal":null\},"logprobs":null,"finish_reason":null\}\],"usage":null\}

data: \{[^\n]*"delta":\{"content":"Hello"\}[^\n]*

data: \{[^\n]*"delta":\{"content":" there"\}[^\n]*

data: \{[^\n]*"delta":\{\},"logprobs":null,"finish_reason":"stop"\}\],"usage":null\}

data: \{[^\n]*"choices":\[\],"usage":\{"prompt_tokens":\d+,"completion_tokens":2,"total_tokens":\d+,[^\n]*

data: \[DONE\]

\z/
--- no_error_log
[error]



=== TEST 2: usage is sent only if the request asks for it
--- config
        location / { aistream_mock openai text=x; }
--- request
POST /
{"stream":true}
--- response_body_unlike: prompt_tokens
--- no_error_log
[error]



=== TEST 3: without "stream" the answer is one completion
--- config
        location / { aistream_mock openai "text=Hello there"; }
--- request
POST /
{"model":"gpt-x"}
--- response_headers
Content-Type: application/json
--- response_body_like eval
qr/\A\{"id":"chatcmpl-mock","object":"chat\.completion","created":\d+,"model":"gpt-x","choices":\[\{"index":0,"message":\{"role":"assistant","content":"Hello there","refusal":null\},"logprobs":null,"finish_reason":"stop"\}\],"usage":\{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7\}\}\z/
--- no_error_log
[error]



=== TEST 4: text= can be the request's body
--- config
        location / { aistream_mock openai text=$request_body; }
--- request
POST /
{"model":"gpt-x","n":1}
--- response_body_like: "content":"\{\\"model\\":\\"gpt-x\\",\\"n\\":1\}"
--- no_error_log
[error]



=== TEST 5: a text is cut between characters, not inside one
--- config
        location / { aistream_mock openai text=ääääääääääääääääää; }
--- request
POST /
{"stream":true}
--- response_body_like eval
qr/"content":"(?:\xc3\xa4){8}"\}[^\n]*\n\ndata: [^\n]*"content":"(?:\xc3\xa4){8}"\}[^\n]*\n\ndata: [^\n]*"content":"(?:\xc3\xa4){2}"/
--- no_error_log
[error]



=== TEST 6: a recorded stream is sent byte by byte
--- config
        location / {
            aistream_mock openai
                file=$TEST_NGINX_FIXTURES/text-300-events.sse;
        }
--- request
POST /
{"stream":true}
--- response_body eval
do { local (@ARGV, $/) = "t/fixtures/openai-chat/text-300-events.sse"; <> }
--- no_error_log
[error]



=== TEST 7: a recorded stream is sent byte by byte with delays, too
--- config
        location / {
            aistream_mock openai delay=1ms
                file=$TEST_NGINX_FIXTURES/$arg_name.sse;
        }
--- request
POST /?name=tool-call
{"stream":true}
--- response_body eval
do { local (@ARGV, $/) = "t/fixtures/openai-chat/tool-call.sse"; <> }
--- no_error_log
[error]



=== TEST 8: a recorded error is sent with its status
--- config
        location / {
            aistream_mock openai status=401
                file=$TEST_NGINX_FIXTURES/error-401.json;
        }
--- request
POST /
{}
--- error_code: 401
--- response_headers
Content-Type: application/json
--- response_body_like: "code": "invalid_api_key"
--- no_error_log
[error]



=== TEST 9: status= generates an error
--- config
        location / { aistream_mock openai status=429; }
--- request
POST /
{}
--- error_code: 429
--- response_headers
Retry-After: 1
--- response_body chomp
{"error":{"message":"This error was requested from the mock.","type":"invalid_request_error","param":null,"code":"rate_limit_exceeded"}}
--- no_error_log
[error]



=== TEST 10: a missing file is 404
--- config
        location / { aistream_mock openai file=nowhere/$arg_name; }
--- request
POST /?name=x
{}
--- error_code: 404
--- error_log
nowhere/x" failed



=== TEST 11: ".." in a file's path is 404
--- config
        location / { aistream_mock openai file=conf/$arg_name; }
--- request
POST /?name=../../secret
{}
--- error_code: 404
--- error_log
aistream_mock: ".." in



=== TEST 12: HTTP/1.0 gets a stream, too
--- config
        location / { aistream_mock openai text=x; }
--- raw_request eval
"POST / HTTP/1.0\r\nContent-Length: 15\r\n\r\n{\"stream\":true}"
--- response_body_like: data: \[DONE\]\n\n$
--- no_error_log
[error]



=== TEST 13: an unknown dialect is rejected
--- config
        location / { aistream_mock klingon; }
--- must_die
--- error_log
unknown dialect "klingon"



=== TEST 14: an invalid parameter is rejected
--- config
        location / { aistream_mock openai delay=soon; }
--- must_die
--- error_log
invalid parameter "delay=soon"



=== TEST 15: every dialect's answer is read by its reader
--- http_config
    upstream openai    { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; aistream_provider openai host=x tls=off base=/o; }
    upstream responses { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; aistream_provider responses host=x tls=off base=/r; }
    upstream anthropic { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; aistream_provider anthropic host=x tls=off base=/a; }
    upstream gemini    { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; aistream_provider gemini host=x tls=off base=/g; }
--- config
        location /o { aistream_mock openai    "text=one \"two\""; }
        location /r { aistream_mock responses "text=one \"two\""; }
        location /a { aistream_mock anthropic "text=one \"two\""; }
        location /g { aistream_mock gemini    "text=one \"two\""; }
        location /chat/openai    { aistream_pass openai:m; }
        location /chat/responses { aistream_pass responses:m; }
        location /chat/anthropic { aistream_pass anthropic:m; }
        location /chat/gemini    { aistream_pass gemini:m; }
--- pipelined_requests eval
[map { qq{POST /chat/$_\n{"prompt":"a"}} } "openai", "responses", "anthropic", "gemini"]
--- response_body_like eval
[(qr/\Af:.*\n0:"one"\n0:" \\"two\\""\ne:\{"finishReason":"stop","usage":\{"promptTokens":\d\d,"completionTokens":2\}/) x 4]
--- no_error_log
[error]



=== TEST 16: every dialect's error is read by its reader
--- http_config
    aistream_retry attempts=1;
    upstream openai    { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; aistream_provider openai host=x tls=off base=/o; }
    upstream responses { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; aistream_provider responses host=x tls=off base=/r; }
    upstream anthropic { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; aistream_provider anthropic host=x tls=off base=/a; }
    upstream gemini    { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; aistream_provider gemini host=x tls=off base=/g; }
--- config
        location /o { aistream_mock openai    status=429; }
        location /r { aistream_mock responses status=401; }
        location /a { aistream_mock anthropic status=529; }
        location /g { aistream_mock gemini    status=404; }
        location /chat/openai    { aistream_pass openai:m; }
        location /chat/responses { aistream_pass responses:m; }
        location /chat/anthropic { aistream_pass anthropic:m; }
        location /chat/gemini    { aistream_pass gemini:m; }
--- pipelined_requests eval
[map { qq{POST /chat/$_\n{"prompt":"a"}} } "openai", "responses", "anthropic", "gemini"]
--- error_code eval
[429, 502, 503, 502]
--- response_body_like eval
["rate_limit", "provider_auth", "overloaded", "provider_error"]
--- no_error_log
[alert]



=== TEST 17: an "if" keeps its location's mock
--- config
        location / {
            aistream_mock openai "text=Hello there";
            if ($http_x_team) {
                set $team 1;
            }
        }
--- more_headers
X-Team: red
--- request
POST /
{"model":"gpt-x"}
--- response_body_like: "content":"Hello there"
--- no_error_log
[alert]



=== TEST 18: limit_except keeps its location's mock
--- config
        location / {
            aistream_mock openai "text=Hello there";
            limit_except GET {
                allow 127.0.0.1;
                deny all;
            }
        }
--- request
POST /
{"model":"gpt-x"}
--- response_body_like: "content":"Hello there"
--- no_error_log
[error]



=== TEST 19: limit_rate slows a stream down
--- config
        location / {
            aistream_mock openai "text=Hello there" delay=1ms;
            limit_rate 1000;
        }
--- request eval
"POST /\n$::stream"
--- response_body_like: data: \[DONE\]\n\n\z
--- timeout: 10s
--- no_error_log
[error]



=== TEST 20: Ollama's dialect streams by default
--- config
        location / { aistream_mock ollama "text=Hello there"; }
--- request
POST /api/chat
{"model":"qwen3"}
--- response_headers
Content-Type: application/x-ndjson
--- response_body_like eval
qr/\A\{"model":"qwen3","created_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","message":\{"role":"assistant","content":"Hello"\},"done":false\}
\{"model":"qwen3",[^\n]*"content":" there"\},"done":false\}
\{"model":"qwen3",[^\n]*"content":""\},"done":true,"done_reason":"stop",[^\n]*"prompt_eval_count":5,[^\n]*"eval_count":2,[^\n]*\}
\z/
--- no_error_log
[error]



=== TEST 21: Ollama's dialect answers in one piece with "stream":false
--- config
        location / { aistream_mock ollama "text=Hello there"; }
--- request
POST /api/chat
{"model":"qwen3","stream":false}
--- response_headers
Content-Type: application/json
--- response_body_like: ^\{"model":"qwen3","created_at":"[^"]+","message":\{"role":"assistant","content":"Hello there"\},"done":true,"done_reason":"stop",.*"eval_count":2,"eval_duration":1000000\}$
--- no_error_log
[error]



=== TEST 22: Ollama's dialect has errors of its own
--- config
        location / { aistream_mock ollama status=404; }
--- request
POST /api/chat
{}
--- error_code: 404
--- response_body chomp
{"error":"model 'mock' not found, try pulling it first"}
--- no_error_log
[error]



=== TEST 23: recorded lines are sent byte by byte with delays
--- config
        location / {
            aistream_mock ollama delay=1ms
                file=$TEST_NGINX_OLLAMA/$arg_name.ndjson;
        }
--- request
POST /?name=native-unicode
{}
--- response_body eval
do { local (@ARGV, $/) = "t/fixtures/ollama/native-unicode.ndjson"; <> }
--- no_error_log
[error]



=== TEST 24: an empty text selects the text of the mock
--- config
        location / { aistream_mock openai text=$arg_text; }
--- request
POST /
{"model":"gpt-x"}
--- response_body_like: Hello from nginx
--- no_error_log
[error]
