# The AI SDK's UI message stream.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::client_protocol("ui");

run_tests();

__DATA__

=== TEST 1: a stream has the headers and parts of the AI SDK
--- response_headers
Content-Type: text/event-stream; charset=utf-8
X-Vercel-AI-UI-Message-Stream: v1
X-Accel-Buffering: no
--- golden: openai-chat/hello.to.ui
--- no_error_log
[error]



=== TEST 2: aistream_ui_finish_reason adds finishReason to the finish part
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol ui;
            aistream_ui_finish_reason on;
        }
--- response_body_like: \{"type":"finish","finishReason":"stop","messageMetadata"
--- no_error_log
[error]



=== TEST 3: every kind of content has its part, closed before the next
--- golden: openai-chat/all-parts.to.ui
--- no_error_log
[error]



=== TEST 4: a continued message keeps its id
--- request
POST /chat
{"messages":[{"role":"user","parts":[{"type":"text","text":"a"}]},{"role":"assistant","parts":[{"type":"tool-f","toolCallId":"c1","state":"output-available","input":{},"output":1}]}]}
--- response_body_like: \Adata: \{"type":"start"\}\n\ndata: \{"type":"start-step"\}
--- no_error_log
[error]



=== TEST 5: an error after the first delta ends the stream without finish
--- golden: openai-chat/truncated.to.ui
--- error_log
sent an incomplete response



=== TEST 6: an error before the first delta has a status
--- tcp_reply eval
AIStream::status(429, '{"error":{"code":"rate_limit_exceeded","message":"slow"}}', "Retry-After: 7")
--- error_code: 429
--- response_headers
Retry-After: 7
Content-Type: application/json
--- response_body
{"error":{"code":"rate_limit","message":"Too many requests, please try again later.","retryable":true}}
--- error_log
failed with 429



=== TEST 7: auto chooses the protocol by messages with parts only
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol auto;
        }
--- request
POST /chat
{"messages":[{"role":"user","parts":[{"type":"text","text":"a"}]}]}
--- response_body_like: \Adata: \{"type":"start"
--- no_error_log
[error]



=== TEST 8: auto chooses the protocol by a trigger
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol auto;
        }
--- request
POST /chat
{"messages":[{"role":"user","content":"a"}],"trigger":"submit-message"}
--- response_body_like: \Adata: \{"type":"start"
--- no_error_log
[error]



=== TEST 9: auto chooses protocol data by messages with parts and content
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol auto;
        }
--- request
POST /chat
{"messages":[{"role":"user","content":"a","parts":[{"type":"text","text":"a"}]}]}
--- response_body_like: \Af:\{"messageId"
--- no_error_log
[error]



=== TEST 10: a heartbeat is a comment
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol ui;
            aistream_heartbeat 100ms;
        }
--- tcp_reply_delay: 350ms
--- response_body_like: \A(?:: heartbeat\n\n){2,}data: \{"type":"start"
--- no_error_log
[error]
