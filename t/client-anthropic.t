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
--- response_body_like eval
qr/\Aevent: message_start\ndata: \{"type":"message_start","message":\{"id":"msg_[0-9a-f]{20}","type":"message","role":"assistant","content":\[\],"model":"m-1","stop_reason":null,"stop_sequence":null,"usage":\{"input_tokens":0,"output_tokens":0\}\}\}\n\nevent: content_block_start\ndata: \{"type":"content_block_start","index":0,"content_block":\{"type":"text","text":""\}\}\n\nevent: content_block_delta\ndata: \{"type":"content_block_delta","index":0,"delta":\{"type":"text_delta","text":"Hel"\}\}\n\nevent: content_block_delta\ndata: \{"type":"content_block_delta","index":0,"delta":\{"type":"text_delta","text":"l\\"o"\}\}\n\nevent: content_block_stop\ndata: \{"type":"content_block_stop","index":0\}\n\nevent: message_delta\ndata: \{"type":"message_delta","delta":\{"stop_reason":"end_turn","stop_sequence":null\},"usage":\{"input_tokens":9,"output_tokens":2\}\}\n\nevent: message_stop\ndata: \{"type":"message_stop"\}\n\n\z/
--- no_error_log
[error]



=== TEST 2: every kind of content has its block
--- tcp_reply eval
AIStream::all_parts()
--- response_body_like eval
qr/"index":0,"content_block":\{"type":"thinking".*"index":0,"delta":\{"type":"thinking_delta","thinking":"hm"\}.*"content_block_stop","index":0\}.*"index":1,"content_block":\{"type":"text".*"citation":\{"type":"web_search_result_location","cited_text":"","encrypted_index":"","url":"https:\/\/e\.x\/1","title":"One"\}.*"content_block_stop","index":1\}.*"index":2,"content_block":\{"type":"tool_use","id":"c1","name":"f","input":\{\}\}.*"index":2,"delta":\{"type":"input_json_delta","partial_json":"\{\\"x\\": "\}.*"content_block_stop","index":2\}.*"index":3,"content_block":\{"type":"tool_use","id":"c2".*"partial_json":"\{\}".*"content_block_stop","index":3\}.*"stop_reason":"tool_use"/s
--- no_error_log
[error]



=== TEST 3: without "stream" the answer is one message
--- tcp_reply eval
AIStream::all_parts()
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"max_tokens":5}
--- response_headers
Content-Type: application/json
--- response_body_like: \A\{"id":"msg_[0-9a-f]{20}","type":"message","role":"assistant","model":"m-1","content":\[\{"type":"thinking","thinking":"hm","signature":""\},\{"type":"text","text":"a"\},\{"type":"tool_use","id":"c1","name":"f","input":\{"x":1\}\},\{"type":"tool_use","id":"c2","name":"g","input":\{\}\}\],"stop_reason":"tool_use","stop_sequence":null,"usage":\{"input_tokens":9,"output_tokens":2\}\}$
--- no_error_log
[error]



=== TEST 4: an error after the first delta ends the stream without message_stop
--- tcp_reply eval
AIStream::raw(AIStream::delta("a"))
--- response_body_like: \A(?!(?s:.*message_stop))(?s:.*)"text":"a"\}\}\n\nevent: error\ndata: \{"type":"error","error":\{"type":"api_error","message":"[^"]+"\}\}\n\n\z
--- error_log
ended its answer before its end



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
