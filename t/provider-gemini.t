# Gemini's streamGenerateContent: what is sent, and what errors mean.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::provider("gemini");

run_tests();

__DATA__

=== TEST 1: the request has path, argument and key
--- tcp_reply eval
AIStream::echo_as("gemini", 1)
--- response_body_like eval
qr{^POST /v1beta/models/m-1:streamGenerateContent\?alt=sse HTTP/1\.1\r\n(?=.*^x-goog-api-key: sk-test-0123456789abcdef\r$)}ms
--- no_error_log
[error]



=== TEST 2: query= adds an argument
--- http_config eval
AIStream::http("", "query=a=b", "gemini")
--- tcp_reply eval
AIStream::echo_as("gemini", 1)
--- response_body_like: ^POST /v1beta/models/m-1:streamGenerateContent\?alt=sse&a=b HTTP/1\.1
--- no_error_log
[error]



=== TEST 3: the smallest request has only the required fields
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol text;
    }
--- response_body chomp
{"contents":[{"role":"user","parts":[{"text":"a"}]}],"generationConfig":{"maxOutputTokens":4000}}
--- no_error_log
[error]



=== TEST 4: every field of a chat has Gemini's form
--- golden: request/everything.to.gemini.json
--- no_error_log
[error]



=== TEST 5: an unsigned call gets a signature for a model that requires one
--- golden: request/unsigned-calls.to.gemini.json
--- no_error_log
[error]



=== TEST 6: an unsigned call stays unsigned for an older model
--- config
    location /chat {
        aistream_pass provider:gemini-2.5-flash;
        aistream_protocol text;
    }
--- request
POST /chat
{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"one"}]}
--- response_body_unlike: thoughtSignature
--- no_error_log
[error]



=== TEST 7: the signature in OpenAI's form is sent back
--- request
POST /chat
{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"GS"}}}]},{"role":"tool","tool_call_id":"c1","content":"one"}]}
--- response_body_like: "thoughtSignature":"GS"
--- no_error_log
[error]



=== TEST 8: a wrong key, which is a 400, is provider_auth
--- tcp_reply eval
AIStream::status(400, AIStream::recording("gemini/error-400-api-key.json"))
--- error_code: 502
--- response_body_like: "code":"provider_auth"
--- error_log
failed with 400, provider_auth



=== TEST 9: a quota error has Retry-After from its body
--- tcp_reply eval
AIStream::status(429, AIStream::recording("gemini/error-429-quota.json"))
--- error_code: 429
--- response_headers_like
Retry-After: \d+
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit



=== TEST 10: an error page in HTML is provider_error
--- tcp_reply eval
AIStream::status(404, AIStream::recording("gemini/error-404-html.html"))
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 404



=== TEST 11: 503 is overloaded
--- tcp_reply eval
AIStream::status(503, AIStream::recording("gemini/error-503-unavailable.json"))
--- error_code: 503
--- response_body_like: "code":"overloaded"
--- error_log
failed with 503, overloaded



=== TEST 12: a blocked prompt is content_filtered
--- tcp_reply eval
AIStream::raw(AIStream::recording("gemini/prompt-blocked.sse"))
--- error_code: 400
--- response_body_like: "code":"content_filtered"
--- error_log
failed with 200, content_filtered: "SAFETY"



=== TEST 13: a blocked prompt with an empty list of candidates is content_filtered
--- tcp_reply eval
AIStream::raw(qq(data: {"candidates":[],"promptFeedback":{"blockReason":"OTHER"}}\n\n))
--- error_code: 400
--- response_body_like: "code":"content_filtered"
--- error_log
failed with 200, content_filtered: "OTHER"



=== TEST 14: bare JSON in the middle of a stream is an error
--- tcp_reply eval
AIStream::raw(AIStream::recording("gemini/error-midstream-bare-json.sse"))
--- config
    location /chat {
        aistream_pass provider:m-1;
    }
--- response_body_like: \n0:"First "\n0:"Second "\n3:"[^"]+"\ne:\{"finishReason":"error"
--- error_log
ended its answer with data that is not an event
