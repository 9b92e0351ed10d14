# JSON lines, and what all clients make of the same answer.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::client_protocol("ndjson");

run_tests();

__DATA__

=== TEST 1: every kind of content has a line
--- response_headers
Content-Type: application/x-ndjson
--- golden: openai-chat/all-parts.to.ndjson
--- no_error_log
[error]



=== TEST 2: an error after the first delta is a line
--- tcp_reply eval
AIStream::raw(AIStream::delta("a"))
--- response_body
{"type":"text","text":"a"}
{"type":"error","error":{"code":"provider_truncated","message":"The AI provider's answer was cut short.","retryable":true}}
--- error_log
sent an incomplete response



=== TEST 3: a heartbeat is a line
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol ndjson;
            aistream_heartbeat 100ms;
        }
--- tcp_reply_delay: 350ms
--- response_body_like: \A(?:\{"type":"heartbeat"\}\n){2,}\{"type":"text"
--- no_error_log
[error]



=== TEST 4: protocol json has every kind of content in one object
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol json;
        }
--- golden: openai-chat/all-parts.to.json
--- no_error_log
[error]



=== TEST 5: protocol data has a part for every kind of content
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol data;
        }
--- golden: openai-chat/all-parts.to.data
--- no_error_log
[error]



=== TEST 6: arguments with line ends stay on one line
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol data;
        }
--- tcp_reply eval
AIStream::chunked(qq~data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{\\n  \\"x\\": \\"a\\\\nb\\"\\n}"}}]}}]}\n\n~, AIStream::finish("tool_calls"), AIStream::done())
--- response_body_like: \n9:\{"toolCallId":"c1","toolName":"f","args":\{"x":"a\\nb"\}\}\n
--- no_error_log
[error]



=== TEST 7: arguments that are not JSON make no tool call
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol data;
        }
--- tcp_reply eval
AIStream::chunked(qq~data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{},\\"x\\":1"}}]}}]}\n\n~, AIStream::finish("tool_calls"), AIStream::done())
--- response_body_like: \nc:\{"toolCallId":"c1","argsTextDelta":"\{\},\\"x\\":1"\}\ne:
--- no_error_log
[error]
