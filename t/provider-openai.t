# OpenAI's chat completions: what is sent besides text.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::provider("openai");

run_tests();

__DATA__

=== TEST 1: every field of a chat has OpenAI's form
--- golden: request/everything.to.openai.json
--- no_error_log
[error]



=== TEST 2: AI SDK 4's tools, attachments and steps are sent
--- golden: request/ai-sdk-4-tools.to.openai.json
--- no_error_log
[error]



=== TEST 3: tool_choice and response_format are sent
--- request
POST /chat
{"prompt":"a","tools":[{"name":"f"}],"tool_choice":"required","response_format":{"type":"json_object"}}
--- response_body_like: "tools":\[\{"type":"function","function":\{"name":"f"\}\}\],"tool_choice":"required","response_format":\{"type":"json_object"\}
--- no_error_log
[error]



=== TEST 4: tools of another type are rejected
--- request
POST /chat
{"prompt":"a","tools":7}
--- no_provider
--- error_code: 400
--- response_body_like: tools.* must be an array or an object
--- no_error_log
[error]



=== TEST 5: a file: URL is rejected
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]}
--- no_provider
--- error_code: 400
--- response_body_like: messages\[0\]\.content\[0\] has a URL that is not allowed
--- no_error_log
[error]



=== TEST 6: a media type with a quote is rejected
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"file","url":"data:image/png\"x\";base64,AAAA"}]}]}
--- no_provider
--- error_code: 400
--- response_body_like: messages\[0\]\.content\[0\] has an invalid media type
--- no_error_log
[error]



=== TEST 7: a text file with invalid UTF-8 is rejected
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"file","url":"data:text/plain;base64,/////w=="}]}]}
--- no_provider
--- error_code: 400
--- response_body_like: messages\[0\]\.content\[0\] is no text in UTF-8
--- no_error_log
[error]



=== TEST 8: tool results without their calls are left out
--- request
POST /chat
{"messages":[{"role":"user","content":"a"},{"role":"tool","tool_call_id":"c9","content":"x"},{"role":"user","content":"b"}]}
--- response_body_like: "messages":\[\{"role":"system","content":"We are here\."\},\{"role":"user","content":"a"\},\{"role":"user","content":"b"\}\]
--- no_error_log
[error]



=== TEST 9: arguments over the limit end the answer with an error
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_limits tool_arguments=16;
    }
--- tcp_reply eval
AIStream::chunked(qq{data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"12345678"}}]}}]}\n\n}, qq{data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"123456789"}}]}}]}\n\n}, AIStream::ending())
--- response_body_like: \nc:\{"toolCallId":"c1","argsTextDelta":"12345678"\}\n3:"[^"]+"\ne:\{"finishReason":"error"
--- error_log
too large arguments of a tool call



=== TEST 10: the field of reasoning may change from event to event
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol ndjson;
        }
--- request
POST /chat
{"prompt":"a"}
--- tcp_reply eval
AIStream::chunked((CORE::join "", map { qq{data: {"choices":[{"delta":{"reasoning_content":"$_","reasoning":"b"}}]}\n\n} } "a", "", "c"), AIStream::ending())
--- response_body_like eval
qr/\A\{"type":"reasoning","text":"a"\}\n\{"type":"reasoning","text":"b"\}\n\{"type":"reasoning","text":"c"\}\n/
--- no_error_log
[error]



=== TEST 11: an assistant message of reasoning and an unanswered call is left out
--- request
POST /chat
{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"S"},{"type":"tool_use","id":"u1","name":"f","input":{}}]},{"role":"user","content":"b"}]}
--- response_body_like: \{"role":"user","content":"a"\},\{"role":"user","content":"b"\}\]
--- no_error_log
[error]



=== TEST 12: citations may be strings or objects, others are ignored
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol ndjson;
        }
--- tcp_reply eval
AIStream::chunked(AIStream::delta("a"), qq{data: {"choices":[],"citations":[{"url":"https://e.x/1","title":"One"},"https://e.x/2",{"id":3},null,4]}\n\n}, AIStream::ending())
--- response_body_like: \A\{"type":"text","text":"a"\}\n\{"type":"source",[^\n]*"https://e\.x/1"[^\n]*\}\n\{"type":"source",[^\n]*"https://e\.x/2"[^\n]*\}\n\{"type":"finish","finishReason":"stop"
--- no_error_log
[error]



=== TEST 13: empty data events are ignored
--- tcp_reply eval
AIStream::chunked("data: \n\n", AIStream::delta("a"), "data:\n\ndata\n\n", AIStream::delta("b"), AIStream::ending())
--- response_body chop
ab
--- no_error_log
[error]



=== TEST 14: citations that are not JSON are an invalid event
--- tcp_reply eval
AIStream::chunked(qq{data: {"choices":[],"citations":["\\u00zz"]}\n\n}, AIStream::ending())
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
sent an invalid event
