# Why an answer has ended, in the words of every dialect; a failed answer is an
# error, with retry and fallback before its first token.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# two targets, of which the second says "Hi"

our $second = <<'EOF';
    aistream_retry attempts=2 backoff=10ms;
    aistream_breaker off;

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        location / { aistream_mock openai text=Hi; }
    }

    upstream first {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_3;
        aistream_provider DIALECT host=first.test tls=off;
    }

    upstream second {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=second.test tls=off;
    }

    log_format aistream '$status $aistream_attempts $aistream_finish_reason '
                        '$aistream_error [$upstream_status]';

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3;
        location / { aistream_mock DIALECT file=$document_root/first.sse; }
    }
EOF

sub second {
    my ($dialect) = @_;

    (my $http = $second) =~ s/DIALECT/$dialect/g;

    return $http;
}

# the last event of an answer that says "A", with this word

sub openai {
    return AIStream::raw(AIStream::delta("A"), AIStream::finish($_[0]),
                         AIStream::done());
}

our $call = AIStream::choice('"tool_calls":[{"index":0,"id":"c1","function":'
                             . '{"name":"f","arguments":"{}"}}]');

AIStream::defaults(
    http_config => AIStream::http(),
    config => AIStream::location("aistream_protocol json;"),
    request => AIStream::prompt());

run_tests();

__DATA__

=== TEST 1: openai: end is stop
--- tcp_reply eval: ::openai("end")
--- response_body_like: "content":"A".*"finishReason":"stop"
--- no_error_log
[error]



=== TEST 2: openai: model_length is length
--- tcp_reply eval: ::openai("model_length")
--- response_body_like: "content":"A".*"finishReason":"length"
--- no_error_log
[error]



=== TEST 3: openai: reasons of other dialects are known, in any case
--- tcp_reply eval: ::openai("MAX_TOKENS")
--- response_body_like: "content":"A".*"finishReason":"length"
--- no_error_log
[error]



=== TEST 4: openai: sensitive is content-filter
--- tcp_reply eval: ::openai("sensitive")
--- response_body_like: "content":"A".*"finishReason":"content-filter"
--- no_error_log
[error]



=== TEST 5: openai: an unknown reason is other
--- tcp_reply eval: ::openai("bored")
--- response_body_like: "content":"A".*"finishReason":"other"
--- no_error_log
[error]



=== TEST 6: openai: tool_calling with calls is tool-calls
--- tcp_reply eval
AIStream::raw($::call, AIStream::finish("tool_calling"), AIStream::done())
--- response_body_like: "toolCalls":\[\{"toolCallId":"c1","toolName":"f","args":\{\}\}\].*"finishReason":"tool-calls"
--- no_error_log
[error]



=== TEST 7: openai: end with calls is tool-calls
--- tcp_reply eval
AIStream::raw($::call, AIStream::finish("end"), AIStream::done())
--- response_body_like: "toolCalls":\[\{"toolCallId":"c1","toolName":"f","args":\{\}\}\].*"finishReason":"tool-calls"
--- no_error_log
[error]



=== TEST 8: openai: an openai client gets OpenAI's own reason
--- config
    location /v1/ { aistream_pass provider:m; }
--- request
POST /v1/chat/completions
{"messages":[{"role":"user","content":"q"}]}
--- tcp_reply eval
AIStream::raw($::call, AIStream::finish("tool_calling"), AIStream::done())
--- response_body_like: "finish_reason":"tool_calls"
--- no_error_log
[error]



=== TEST 9: openai: error after the first token is an error event
--- config eval
AIStream::location("aistream_protocol ndjson;")
--- tcp_reply eval: ::openai("error")
--- response_body_like: \A\{"type":"text","text":"A"\}\n\{"type":"error","error":\{"code":"provider_error",.*\n\z
--- error_log
failed with 200, provider_error: "error"



=== TEST 10: openai: network_error is an error
--- config eval
AIStream::location("aistream_protocol ndjson;")
--- tcp_reply eval: ::openai("network_error")
--- response_body_like: "text":"A"\}\n\{"type":"error","error":\{"code":"provider_error"
--- error_log
failed with 200, provider_error: "network_error"



=== TEST 11: openai: insufficient_system_resource is an error
--- config eval
AIStream::location("aistream_protocol ndjson;")
--- tcp_reply eval: ::openai("insufficient_system_resource")
--- response_body_like: "text":"A"\}\n\{"type":"error","error":\{"code":"provider_error"
--- error_log
failed with 200, provider_error



=== TEST 12: openai: Gemini's malformed call through its compatible API is an error
--- config eval
AIStream::location("aistream_protocol ndjson;")
--- tcp_reply eval: ::openai("function_call_filter: MALFORMED_FUNCTION_CALL")
--- response_body_like: "text":"A"\}\n\{"type":"error","error":\{"code":"provider_error"
--- error_log
failed with 200, provider_error



=== TEST 13: openai: a failed answer has no finish_reason in the openai protocol
--- config
    location /v1/ { aistream_pass provider:m; }
--- request
POST /v1/chat/completions
{"messages":[{"role":"user","content":"q"}],"stream":true}
--- tcp_reply eval: ::openai("error")
--- response_body_like: "content":"A"(.|\n)*data: \{"error":
--- response_body_unlike: "finish_reason":"
--- error_log
failed with 200, provider_error



=== TEST 14: openai: error before the first token is retried, then the next target asked
--- http_config eval: ::second("openai")
--- config
    location /chat {
        aistream_pass first:m second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- user_files eval
">>> first.sse\n" . AIStream::choice('"role":"assistant","content":""') . AIStream::finish("error") . AIStream::done()
--- response_body_like: "content":"Hi"
--- access_log
200 3 stop - [200 : 200 : 200]
--- error_log
failed with 200, provider_error: "error"



=== TEST 15: openai: an error inside a choice has its own code
--- http_config eval: ::second("openai")
--- config
    location /chat {
        aistream_pass first:m;
        aistream_retry attempts=1;
        aistream_protocol json;
    }
--- user_files
>>> first.sse
data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":429,"message":"slow down"}}]}

data: [DONE]

--- error_code: 429
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 200, rate_limit: "slow down"



=== TEST 16: openai: an error inside a choice after its text is an error event
--- config eval
AIStream::location("aistream_protocol ndjson;")
--- tcp_reply eval
AIStream::raw(qq{data: {"choices":[{"index":0,"delta":{"content":"A"},"finish_reason":null,"error":{"code":502,"message":"x"}}]}\n\n}, AIStream::done())
--- response_body_like: \A\{"type":"text","text":"A"\}\n\{"type":"error","error":\{"code":"provider_error"
--- error_log
failed with 200, provider_error: "x"



=== TEST 17: openai: an error of null is ignored
--- tcp_reply eval
AIStream::raw(qq{data: {"error":null,"choices":[{"index":0,"delta":{"content":"A"},"error":null,"finish_reason":"stop"}]}\n\n}, AIStream::done())
--- response_body_like: "content":"A".*"finishReason":"stop"
--- no_error_log
[error]



=== TEST 18: openai: error is an error event where events are passed on
--- http_config
    aistream_retry attempts=1;
    upstream own {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai tls=off;
        aistream_key sk-test;
    }
--- config
    location /chat { aistream_pass own:m; aistream_protocol openai; }
--- request
POST /chat
{"prompt":"a","stream":true}
--- tcp_reply eval: ::openai("error")
--- response_body_like: "content":"A"(.|\n)*data: \{"error":
--- response_body_unlike: "finish_reason":"error"
--- error_log
failed with 200, provider_error: "error"



=== TEST 19: openai: an error inside a choice has a status where events are passed on
--- http_config
    aistream_retry attempts=1;
    upstream own {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai tls=off;
        aistream_key sk-test;
    }
--- config
    location /chat { aistream_pass own:m; aistream_protocol openai; }
--- request
POST /chat
{"prompt":"a","stream":true}
--- tcp_reply eval
AIStream::raw(qq{data: {"choices":[{"index":0,"delta":{"content":""},"error":{"code":503,"message":"x"}}]}\n\n}, AIStream::done())
--- error_code: 503
--- response_body_like: "error":\{
--- error_log
failed with 200, overloaded: "x"



=== TEST 20: gemini: a malformed call is an error
--- http_config eval: AIStream::http("", "", "gemini")
--- tcp_reply eval
AIStream::raw(qq{data: {"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"x"}]}\r\n\r\n})
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 200, provider_error: "MALFORMED_FUNCTION_CALL"



=== TEST 21: gemini: a malformed call is retried, then the next target asked
--- http_config eval: ::second("gemini")
--- config
    location /chat {
        aistream_pass first:m second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- user_files
>>> first.sse
data: {"candidates":[{"content":{},"finishReason":"UNEXPECTED_TOOL_CALL"}]}

--- response_body_like: "content":"Hi"
--- access_log
200 3 stop - [200 : 200 : 200]
--- error_log
failed with 200, provider_error: "UNEXPECTED_TOOL_CALL"



=== TEST 22: gemini: a failure after the first token is an error event
--- http_config eval: AIStream::http("", "", "gemini")
--- config eval
AIStream::location("aistream_protocol ndjson;")
--- tcp_reply eval
AIStream::raw(qq{data: {"candidates":[{"content":{"parts":[{"text":"A"}]},"finishReason":"TOO_MANY_TOOL_CALLS"}]}\r\n\r\n})
--- response_body_like: \A\{"type":"text","text":"A"\}\n\{"type":"error","error":\{"code":"provider_error"
--- error_log
failed with 200, provider_error: "TOO_MANY_TOOL_CALLS"



=== TEST 23: gemini: an unknown reason is other
--- http_config eval: AIStream::http("", "", "gemini")
--- tcp_reply eval
AIStream::raw(qq{data: {"candidates":[{"content":{"parts":[{"text":"A"}]},"finishReason":"LANGUAGE"}]}\r\n\r\n})
--- response_body_like: "content":"A".*"finishReason":"other"
--- no_error_log
[error]



=== TEST 24: anthropic: error as the stop reason is an error
--- http_config eval: AIStream::http("", "", "anthropic")
--- config eval
AIStream::location("aistream_protocol ndjson;")
--- tcp_reply eval
my $answer = AIStream::answer("anthropic", "A"); $answer =~ s/end_turn/network_error/; AIStream::raw($answer)
--- response_body_like: \A\{"type":"text","text":"A"\}\n\{"type":"error","error":\{"code":"provider_error",.*\n\z
--- error_log
failed with 200, provider_error: "network_error"



=== TEST 25: anthropic: error as the stop reason is an error event where events are passed on
--- http_config
    aistream_retry attempts=1;
    upstream claude {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider anthropic tls=off;
        aistream_key sk-test;
    }
--- config
    location /chat { aistream_pass claude:m; aistream_protocol anthropic; }
--- request
POST /chat
{"prompt":"a","stream":true}
--- tcp_reply eval
my $answer = AIStream::answer("anthropic", "A"); $answer =~ s/end_turn/error/; AIStream::raw($answer)
--- response_body_like: "text":"A"(.|\n)*event: error\n
--- response_body_unlike: stop_reason":"error
--- error_log
failed with 200, provider_error: "error"



=== TEST 26: responses: a completed response with status failed is an error
--- http_config eval: AIStream::http("", "", "responses")
--- tcp_reply eval
AIStream::raw(qq{data: {"type":"response.completed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"}}}\n\n})
--- error_code: 429
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 200, rate_limit: "slow"



=== TEST 27: responses: a completed response with status cancelled is an error
--- http_config eval: AIStream::http("", "", "responses")
--- tcp_reply eval
AIStream::raw(qq{data: {"type":"response.completed","response":{"status":"cancelled"}}\n\n})
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 200, provider_error: "cancelled"



=== TEST 28: responses: a completed response with status incomplete has its reason
--- http_config eval: AIStream::http("", "", "responses")
--- tcp_reply eval
my $answer = AIStream::answer("responses", "A"); $answer =~ s/"response":\{/"response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},/; AIStream::raw($answer)
--- response_body_like: "content":"A".*"finishReason":"length"
--- no_error_log
[error]



=== TEST 29: responses: a completed response with status in_progress is complete
--- http_config eval: AIStream::http("", "", "responses")
--- tcp_reply eval
my $answer = AIStream::answer("responses", "A"); $answer =~ s/"response":\{/"response":{"status":"in_progress","error":null,"incomplete_details":null,/; AIStream::raw($answer)
--- response_body_like: "content":"A".*"finishReason":"stop"
--- no_error_log
[error]
