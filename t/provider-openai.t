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
--- request eval
"POST /chat\n" . AIStream::everything()
--- response_body chomp
{"model":"m-1","messages":[{"role":"system","content":"We are here.\n\nBe brief."},{"role":"user","content":"Look"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}},{"type":"file","file":{"filename":"b.pdf","file_data":"https://example.com/b.pdf"}},{"type":"text","text":"hello\n\n there"}]},{"role":"assistant","content":"Let me see.","tool_calls":[{"id":"c:1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\",\"n\":1.5}"}},{"id":"c2","type":"function","function":{"name":"clock","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c:1","content":"{\"t\":21}"},{"role":"tool","tool_call_id":"c2","content":"no clock"},{"role":"assistant","content":"Well."},{"role":"user","content":"Go on"}],"stream":true,"stream_options":{"include_usage":true},"temperature":1.5,"top_p":0.5,"seed":7,"max_tokens":100,"stop":["END"],"tools":[{"type":"function","function":{"name":"weather","description":"W","parameters":{"type":"object","properties":{"city":{"type":"string"}}},"strict":true}},{"type":"function","function":{"name":"clock","parameters":{"type":"object","properties":{}}}}],"tool_choice":{"type":"function","function":{"name":"weather"}},"response_format":{"type":"json_schema","json_schema":{"name":"r","schema":{"type":"object"},"strict":true}}}
--- no_error_log
[error]



=== TEST 2: AI SDK 4's tools, attachments and steps are sent
--- request
POST /chat
{"messages":[{"role":"user","content":"a","experimental_attachments":[{"name":"a.png","contentType":"image/png","url":"data:image/png;base64,AAAA"}],"parts":[{"type":"text","text":"a"}]},{"role":"assistant","content":"","toolInvocations":[{"state":"result","step":0,"toolCallId":"c1","toolName":"f","args":{"x":1},"result":"r"}],"parts":[{"type":"step-start"},{"type":"tool-invocation","toolInvocation":{"state":"result","step":0,"toolCallId":"c1","toolName":"f","args":{"x":1},"result":"r"}},{"type":"step-start"},{"type":"tool-invocation","toolInvocation":{"state":"result","step":1,"toolCallId":"c2","toolName":"f","args":{"x":2},"result":[1]}}]}]}
--- response_body_like eval
qr/"messages":\[\{"role":"system","content":"We are here\."\},\{"role":"user","content":\[\{"type":"text","text":"a"\},\{"type":"image_url","image_url":\{"url":"data:image\/png;base64,AAAA"\}\}\]\},\{"role":"assistant","content":null,"tool_calls":\[\{"id":"c1","type":"function","function":\{"name":"f","arguments":"\{\\"x\\":1\}"\}\}\]\},\{"role":"tool","tool_call_id":"c1","content":"r"\},\{"role":"assistant","content":null,"tool_calls":\[\{"id":"c2","type":"function","function":\{"name":"f","arguments":"\{\\"x\\":2\}"\}\}\]\},\{"role":"tool","tool_call_id":"c2","content":"\[1\]"\}\]/
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
