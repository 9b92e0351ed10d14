# The shapes in which clients send a chat, and what is wrong with the others.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

repeat_each(1);
no_long_string();
no_root_location();

AIStream::defaults(http_config => AIStream::http(),
                   tcp_reply => AIStream::echo_body(), config => <<'EOF');
        location /api/ai/chat {
            aistream_pass provider:gpt-4o-mini;
            aistream_protocol text;
            client_body_buffer_size 8k;
            client_max_body_size 32m;
        }
EOF

run_tests();

__DATA__

=== TEST 1: the smallest chat has only the required fields
--- request
POST /api/ai/chat
{"messages":[{"role":"user","content":"hi"}]}
--- response_body chomp
{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true},"max_tokens":4000}
--- no_error_log
[error]



=== TEST 2: a conversation keeps its order and its characters
--- request eval
qq{POST /api/ai/chat
{"messages":[{"role":"user","content":"a\\n\\"b\\"\\\\ \\u00e9\\ud83d\\ude00"},{"role":"assistant","content":"\xc3\xa4"},{"role":"user","content":"c"}]}}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":"a\\n\\"b\\"\\\\ \xc3\xa9\xf0\x9f\x98\x80"\},\{"role":"assistant","content":"\xc3\xa4"\},\{"role":"user","content":"c"\}\]/
--- no_error_log
[error]



=== TEST 3: content is used where AI SDK 4 sends content and parts
--- request
POST /api/ai/chat
{"id":"x","messages":[{"role":"user","content":"one","parts":[{"type":"text","text":"one"}]},{"role":"assistant","content":"two","parts":[{"type":"step-start"},{"type":"reasoning","reasoning":"hm","details":[]},{"type":"text","text":"two"}]},{"role":"user","content":"three","parts":[{"type":"text","text":"three"}]}]}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":"one"\},\{"role":"assistant","content":"two"\},\{"role":"user","content":"three"\}\]/
--- no_error_log
[error]



=== TEST 4: parts are used where AI SDK 5 and later send parts only
--- request
POST /api/ai/chat
{"id":"x","messages":[{"parts":[{"type":"text","text":"one"}],"id":"m1","role":"user"},{"id":"m2","role":"assistant","parts":[{"type":"step-start"},{"type":"reasoning","text":"hm","state":"done"},{"type":"text","text":"t","state":"done"},{"type":"text","text":"wo","state":"done"}]},{"parts":[{"type":"text","text":"three"},{"type":"data-note","data":{}}],"id":"m3","role":"user"}],"trigger":"submit-message"}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":"one"\},\{"role":"assistant","content":"two"\},\{"role":"user","content":"three"\}\]/
--- no_error_log
[error]



=== TEST 5: content parts of OpenAI and Anthropic are joined
--- request
POST /api/ai/chat
{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"input_text","text":"b"}]}]}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":"ab"\}\]/
--- no_error_log
[error]



=== TEST 6: an assistant's message without text is left out
--- request
POST /api/ai/chat
{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"","parts":[]},{"role":"user","content":"b"}]}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":"a"\},\{"role":"user","content":"b"\}\]/
--- no_error_log
[error]



=== TEST 7: a prompt is a user message
--- request
POST /api/ai/chat
{"prompt":"hello"}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":"hello"\}\]/
--- no_error_log
[error]



=== TEST 8: an envelope with a payload is opened
--- request
POST /api/ai/chat
{"action":"chat","payload":{"messages":[{"role":"user","content":"in"}],"temperature":0.5}}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":"in"\}\].*"temperature":0\.5/
--- no_error_log
[error]



=== TEST 9: an envelope in an object "body" is opened
--- request
POST /api/ai/chat
{"body":{"action":"chat","payload":{"prompt":"in"}}}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":"in"\}\]/
--- no_error_log
[error]



=== TEST 10: an envelope in a string "body" is opened
--- request
POST /api/ai/chat
{"body":"{\"action\":\"chat\",\"payload\":{\"prompt\":\"in\"}}"}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":"in"\}\]/
--- no_error_log
[error]



=== TEST 11: a body is read from a temporary file
--- config
        location /api/ai/chat {
            aistream_pass provider:gpt-4o-mini;
            aistream_protocol text;
            client_body_in_file_only clean;
        }
--- request
POST /api/ai/chat
{"messages":[{"role":"user","content":"from a file"}]}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":"from a file"\}\]/
--- no_error_log
[error]



=== TEST 12: a body of 1 MB is accepted
--- request eval
"POST /api/ai/chat\n{\"messages\":[{\"role\":\"user\",\"content\":\"" . ("x" x 1000000) . "\"}]}"
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query_len: 1000393
--- tcp_reply eval
AIStream::chunked(AIStream::delta("taken"), AIStream::ending())
--- response_body chomp
taken
--- no_error_log
[error]



=== TEST 13: a body that is not JSON is 400
--- no_provider
--- request
POST /api/ai/chat
hello
--- error_code: 400
--- response_headers
Content-Type: application/json
--- response_body
{"error":{"code":"invalid_request","message":"The body is not valid JSON (at byte 0).","retryable":false}}
--- no_error_log
[error]



=== TEST 14: an empty body is 400
--- no_provider
--- request
POST /api/ai/chat
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- no_error_log
[error]



=== TEST 15: JSON with text after it is 400
--- no_provider
--- request
POST /api/ai/chat
{"prompt":"a"} {}
--- error_code: 400
--- response_body_like: not valid JSON \(at byte 15\)
--- no_error_log
[error]



=== TEST 16: JSON that is not an object is 400
--- no_provider
--- request
POST /api/ai/chat
[1,2,3]
--- error_code: 400
--- response_body_like: The body must be a JSON object\.
--- no_error_log
[error]



=== TEST 17: a body without messages is 400
--- no_provider
--- request
POST /api/ai/chat
{"model":"x"}
--- error_code: 400
--- response_body_like: neither an array \\"messages\\" nor a string \\"prompt\\"
--- no_error_log
[error]



=== TEST 18: messages of another type are 400
--- no_provider
--- request
POST /api/ai/chat
{"messages":{"role":"user"}}
--- error_code: 400
--- response_body_like: \\"messages\\" must be an array
--- no_error_log
[error]



=== TEST 19: an empty array of messages is 400
--- no_provider
--- request
POST /api/ai/chat
{"messages":[]}
--- error_code: 400
--- response_body_like: \\"messages\\" has nothing to answer
--- no_error_log
[error]



=== TEST 20: a message that is not an object is 400
--- no_provider
--- request
POST /api/ai/chat
{"messages":[{"role":"user","content":"a"},"b"]}
--- error_code: 400
--- response_body_like: messages\[1\] must be an object
--- no_error_log
[error]



=== TEST 21: an unknown role is 400
--- no_provider
--- request
POST /api/ai/chat
{"messages":[{"role":"wizard","content":"a"}]}
--- error_code: 400
--- response_body_like: messages\[0\]\.role must be
--- no_error_log
[error]



=== TEST 22: content of another type is 400
--- no_provider
--- request
POST /api/ai/chat
{"messages":[{"role":"user","content":17}]}
--- error_code: 400
--- response_body_like: messages\[0\]\.content must be a string or an array
--- no_error_log
[error]



=== TEST 23: a content part of an unknown type is 400
--- no_provider
--- request
POST /api/ai/chat
{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"video","url":"x"}]}]}
--- error_code: 400
--- response_body_like: messages\[0\]\.content\[1\] is of a type
--- no_error_log
[error]



=== TEST 24: 10,000 levels of nesting are 400
--- no_provider
--- request eval
"POST /api/ai/chat\n" . "{\"a\":" x 10000 . "1" . "}" x 10000
--- error_code: 400
--- response_body_like: not valid JSON
--- no_error_log
[error]



=== TEST 25: invalid UTF-8 is 400
--- no_provider
--- request eval
"POST /api/ai/chat\n{\"prompt\":\"a\xc3\x28\"}"
--- error_code: 400
--- response_body_like: not valid UTF-8 \(at byte 12\)
--- no_error_log
[error]



=== TEST 26: a lone surrogate becomes U+FFFD
--- request
POST /api/ai/chat
{"prompt":"a\ud83d"}
--- response_body_like eval
qr/"content":"a\xef\xbf\xbd"/
--- no_error_log
[error]



=== TEST 27: an escaped NUL is 400
--- no_provider
--- request
POST /api/ai/chat
{"prompt":"a\u0000b"}
--- error_code: 400
--- response_body_like: it has a NUL \(at byte 12\)
--- no_error_log
[error]



=== TEST 28: a bare NUL is 400
--- no_provider
--- request eval
"POST /api/ai/chat\n{\"prompt\":\"a\0b\"}"
--- error_code: 400
--- response_body_like: it has a NUL \(at byte 12\)
--- no_error_log
[error]



=== TEST 29: 20 MB of empty arrays are 400
--- no_provider
--- timeout: 10
--- request eval
"POST /api/ai/chat\n{\"messages\":[" . ("[]," x 7000000) . "[]]}"
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- no_error_log
[error]



=== TEST 30: a body over client_max_body_size is 413
--- no_provider
--- config
        location /api/ai/chat {
            aistream_pass provider:gpt-4o-mini;
            client_max_body_size 100;
        }
--- request eval
"POST /api/ai/chat\n{\"prompt\":\"" . ("x" x 200) . "\"}"
--- error_code: 413
--- response_headers
Content-Type: application/json
--- response_body
{"error":{"code":"payload_too_large","message":"The request is too large.","retryable":false}}



=== TEST 31: messages over the limit are 400
--- no_provider
--- config
        location /api/ai/chat {
            aistream_pass provider:gpt-4o-mini;
            aistream_limits messages=2;
        }
--- request
POST /api/ai/chat
{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"user","content":"c"}]}
--- error_code: 400
--- response_body_like: \\"messages\\" has more than 2 items
--- no_error_log
[error]



=== TEST 32: results follow in the order of their calls, each once
--- request eval
"POST /api/ai/chat\n" . AIStream::Golden::input("request/results-out-of-order")
--- golden: request/results-out-of-order.to.openai.json
--- no_error_log
[error]



=== TEST 33: 500 texts in a row are joined into one
--- request eval
"POST /api/ai/chat\n" . '{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":['
. (join ",", map { qq({"type":"text","text":"$_ "}) } 1 .. 500)
. ']},{"role":"user","content":"a"}]}'
--- response_body_like eval
my $all = join " ", 1 .. 500; qr/"content":"$all "/
--- no_error_log
[error]



=== TEST 34: an empty body with Content-Length: 0 is 400
--- no_provider
--- request
POST /api/ai/chat
--- more_headers
Content-Length: 0
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- no_error_log
[error]
[alert]



=== TEST 35: an empty chunked body is 400
--- no_provider
--- raw_request eval
"POST /api/ai/chat HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
. "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- no_error_log
[error]
[alert]



=== TEST 36: a chunked body is read
--- raw_request eval
"POST /api/ai/chat HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
. "Transfer-Encoding: chunked\r\n\r\n"
. "8\r\n{\"prompt\r\n9\r\n\":\"once\"}\r\n0\r\n\r\n"
--- response_body_like: "content":"once"
--- no_error_log
[error]
[alert]



=== TEST 37: a tool's output is sent whole, without the AI SDK's envelope
--- request
POST /api/ai/chat
{"messages":[{"role":"user","content":"a"},{"role":"assistant","parts":[{"type":"tool-f","toolCallId":"c1","state":"output-available","input":{},"output":{"type":"celsius","value":21}}]},{"role":"assistant","content":[{"type":"tool-call","toolCallId":"c2","toolName":"f","input":{}}]},{"role":"tool","content":[{"type":"tool-result","toolCallId":"c2","toolName":"f","output":{"type":"json","value":[22]}}]}]}
--- response_body_like eval
qr/"tool_call_id":"c1","content":"\{\\"type\\":\\"celsius\\",\\"value\\":21\}"\}.*"tool_call_id":"c2","content":"\[22\]"\}/
--- no_error_log
[error]
