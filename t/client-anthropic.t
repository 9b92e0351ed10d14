# Anthropic's Messages, as a client's protocol.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::client_protocol("anthropic");

run_tests();

__DATA__

=== TEST 1: a stream has the events of a message
--- response_headers
Content-Type: text/event-stream; charset=utf-8
--- golden: openai-chat/hello.to.anthropic
--- no_error_log
[error]



=== TEST 2: every kind of content has its block
--- golden: openai-chat/all-parts.to.anthropic
--- no_error_log
[error]



=== TEST 3: without "stream" the answer is one message
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"max_tokens":5}
--- response_headers
Content-Type: application/json
--- golden: openai-chat/all-parts.to.anthropic.json
--- no_error_log
[error]



=== TEST 4: an error after the first delta ends the stream without message_stop
--- golden: openai-chat/truncated.to.anthropic
--- error_log
sent an incomplete response



=== TEST 5: an error before the first delta has Anthropic's JSON and a status
--- tcp_reply eval
AIStream::status(429, '{"error":{"code":"rate_limit_exceeded","message":"slow"}}', "Retry-After: 7")
--- error_code: 429
--- response_headers
Retry-After: 7
Content-Type: application/json
--- response_body
{"type":"error","error":{"type":"rate_limit_error","message":"Too many requests, please try again later."}}
--- error_log
failed with 429



=== TEST 6: auto chooses the protocol by the path
--- config
    location /any {
        aistream_pass provider:m-1;
    }
--- request
POST /any/v1/messages
{"messages":[{"role":"user","content":"a"}],"stream":true}
--- response_body_like: \Aevent: message_start
--- no_error_log
[error]



=== TEST 7: Anthropic's request fields are read
--- request
POST /chat
{"system":[{"type":"text","text":"S"}],"messages":[{"role":"user","content":"a"}],"max_tokens":5,"stop_sequences":["X"],"tools":[{"name":"f","description":"D","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}}
--- tcp_reply eval
AIStream::echo_body()
--- response_body_like: \\"role\\":\\"system\\",\\"content\\":\\"S\\".*\\"max_tokens\\":5,\\"stop\\":\[\\"X\\"\],\\"tools\\":\[\{\\"type\\":\\"function\\",\\"function\\":\{\\"name\\":\\"f\\",\\"description\\":\\"D\\",\\"parameters\\":\{\\"type\\":\\"object\\",\\"properties\\":\{\}\}\}\}\],\\"tool_choice\\":\\"required\\"
--- no_error_log
[error]



=== TEST 8: a heartbeat is a ping event
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol anthropic;
            aistream_heartbeat 100ms;
        }
--- tcp_reply_delay: 350ms
--- response_body_like: \A(?:event: ping\ndata: \{"type":"ping"\}\n\n){2,3}event: message_start
--- no_error_log
[error]



=== TEST 9: output_tokens include thinking
--- http_config eval
AIStream::http("", "", "gemini")
--- tcp_reply eval
AIStream::chunked(qq{data: {"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5,"thoughtsTokenCount":20,"totalTokenCount":35}}\r\n\r\n})
--- response_body_like: "usage":\{"input_tokens":10,"output_tokens":25\}
--- no_error_log
[error]



=== TEST 10: a continued thread is 404 thread_not_found
--- request
POST /chat
{"messages":[{"role":"user","content":"and now?"}],"thread":{"type":"continue","previous_message_id":"msg_1"}}
--- error_code: 404
--- response_body_like: "type":"not_found_error","message":"[^"]+","details":\{"error_code":"thread_not_found"\}
--- no_error_log
[error]
