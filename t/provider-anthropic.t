# Anthropic's Messages: what is sent, and what errors mean.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::provider("anthropic");

run_tests();

__DATA__

=== TEST 1: the request has path, key and version
--- tcp_reply eval
AIStream::echo_as("anthropic", 1)
--- response_body_like eval
qr{^POST /v1/messages HTTP/1\.1\r\nHost: provider\.test\r\n(?=.*^x-api-key: sk-test-0123456789abcdef\r$)(?=.*^anthropic-version: 2023-06-01\r$)(?!.*Authorization)}ms
--- no_error_log
[error]



=== TEST 2: aistream_header replaces the version
--- http_config eval
AIStream::http("", "; aistream_header Anthropic-Version 2026-10-21", "anthropic")
--- tcp_reply eval
AIStream::echo_as("anthropic", 1)
--- response_body_like eval
qr{^POST (?=.*^Anthropic-Version: 2026-10-21\r$)(?!.*2023-06-01)}ms
--- no_error_log
[error]



=== TEST 3: the smallest request has only the required fields
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol text;
    }
--- response_body chomp
{"model":"m-1","max_tokens":4000,"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"stream":true}
--- no_error_log
[error]



=== TEST 4: every field of a chat has Anthropic's form
--- golden: request/everything.to.anthropic.json
--- no_error_log
[error]



=== TEST 5: a conversation that the assistant began gets a user message before it
--- request
POST /chat
{"messages":[{"role":"assistant","content":"Hello!"},{"role":"user","content":"a"}]}
--- response_body_like: "messages":\[\{"role":"user","content":"\(begin\)"\},\{"role":"assistant"
--- no_error_log
[error]



=== TEST 6: Anthropic's own blocks are sent back
--- golden: request/anthropic-blocks.to.anthropic.json
--- no_error_log
[error]



=== TEST 7: reasoning that another provider signed is left out
--- request
POST /chat
{"messages":[{"role":"user","content":"a"},{"role":"assistant","parts":[{"type":"reasoning","text":"t","providerMetadata":{"openai":{"signature":"S"}}},{"type":"reasoning","text":"unsigned"},{"type":"text","text":"x"}]},{"role":"user","content":"b"}]}
--- response_body_like: \{"role":"assistant","content":\[\{"type":"text","text":"x"\}\]\}
--- no_error_log
[error]



=== TEST 8: overloaded_error as the first event of a 200 is a 503
--- tcp_reply eval
AIStream::raw(AIStream::recording("anthropic/error-first-event.sse"))
--- error_code: 503
--- response_body_like: "code":"overloaded"
--- error_log
failed with 200, overloaded



=== TEST 9: 529 is a 503
--- tcp_reply eval
AIStream::status(529, AIStream::recording("anthropic/error-529-overloaded.json"))
--- error_code: 503
--- response_body_like: "code":"overloaded"
--- error_log
failed with 529, overloaded



=== TEST 10: a rejected key is provider_auth
--- tcp_reply eval
AIStream::status(401, AIStream::recording("anthropic/error-401.json"))
--- error_code: 502
--- response_body_like: "code":"provider_auth"
--- error_log
failed with 401, provider_auth



=== TEST 11: a prompt that is too long is context_length_exceeded
--- tcp_reply eval
AIStream::status(400, '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}')
--- error_code: 400
--- response_body_like: "code":"context_length_exceeded"
--- error_log
failed with 400, context_length_exceeded



=== TEST 12: a rejected request is invalid_request
--- tcp_reply eval
AIStream::status(400, AIStream::recording("anthropic/error-400.json"))
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- error_log
failed with 400, invalid_request



=== TEST 13: an unknown model is provider_error
--- tcp_reply eval
AIStream::status(404, AIStream::recording("anthropic/error-404-model.json"))
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 404, provider_error



=== TEST 14: a truncated stream is an error
--- tcp_reply eval
AIStream::raw(qq{data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}\n\n})
--- config
    location /chat {
        aistream_pass provider:m-1;
    }
--- response_body_like: \n0:"x"\n3:"[^"]+"\ne:\{"finishReason":"error"
--- error_log
sent an incomplete response



=== TEST 15: an assistant message of reasoning and an unanswered call is left out
--- request
POST /chat
{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"S"},{"type":"tool_use","id":"u1","name":"f","input":{}}]},{"role":"user","content":"b"}]}
--- response_body_like: "messages":\[\{"role":"user","content":\[\{"type":"text","text":"a"\},\{"type":"text","text":"b"\}\]\}\]
--- no_error_log
[error]



=== TEST 16: blank texts are left out
--- golden: request/blank-texts.to.anthropic.json
--- no_error_log
[error]



=== TEST 17: a blank question is sent
--- request
POST /chat
{"messages":[{"role":"user","content":"\n"}]}
--- response_body_like: "messages":\[\{"role":"user","content":\[\{"type":"text","text":"\\n"\}\]\}\]
--- no_error_log
[error]



=== TEST 18: top_p is sent if the location has no temperature
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol text;
    }
--- request
POST /chat
{"prompt":"a","top_p":0.9}
--- response_body_like: "stream":true,"top_p":0\.9\}$
--- no_error_log
[error]



=== TEST 19: a prompt that is too long with its answer is context_length_exceeded
--- tcp_reply eval
AIStream::status(400, '{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 195000 + 8000 > 200000, decrease input length or `max_tokens` and try again"}}')
--- error_code: 400
--- response_body_like: "code":"context_length_exceeded"
--- error_log
failed with 400, context_length_exceeded



=== TEST 20: Anthropic's text documents become text
--- golden: request/anthropic-documents.to.anthropic.json
--- no_error_log
[error]



=== TEST 21: a document with an invalid block is an error
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"text"}]}}]}]}
--- error_code: 400
--- response_body_like: messages\[0\]\.content\[0\]
--- no_error_log
[error]



=== TEST 22: a tool whose parameters are an empty object takes none
--- request
POST /chat
{"prompt":"a","tools":[{"type":"function","function":{"name":"f","parameters":{}}}]}
--- response_body_like: "tools":\[\{"name":"f","input_schema":\{"type":"object"\}\}\]
--- no_error_log
[error]



=== TEST 23: blank stop sequences are left out
--- request
POST /chat
{"prompt":"a","stop":["\n\n","b\n"," "]}
--- response_body_like: "stop_sequences":\["b\\n"\]
--- no_error_log
[error]



=== TEST 24: a list of only blank stop sequences is left out
--- request
POST /chat
{"prompt":"a","stop":["\n\n"]}
--- response_body_unlike: stop_sequences
--- no_error_log
[error]



=== TEST 25: output_config has the schema
--- request
POST /chat
{"prompt":"a","output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}}}
--- response_body_like: "output_config":\{"format":\{"type":"json_schema","schema":\{"type":"object"\}\}\}
--- no_error_log
[error]



=== TEST 26: output_format has the schema, too
--- request
POST /chat
{"prompt":"a","output_format":{"type":"json_schema","schema":{"type":"object"}}}
--- response_body_like: "output_config":\{"format":\{"type":"json_schema","schema":\{"type":"object"\}\}\}
--- no_error_log
[error]



=== TEST 27: a conversation of one blank assistant message gets a user message
--- request
POST /chat
{"messages":[{"role":"assistant","content":" \n"}]}
--- response_body_like: "messages":\[\{"role":"user","content":"\(begin\)"\}\],"stream":true
--- no_error_log
[error]
