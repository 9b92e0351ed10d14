# Ollama's own /api/chat: what is sent, what comes, and what errors mean.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# an upstream that has nothing but its provider

sub plain {
    my ($parameters, $more) = @_;

    $more = "" unless defined $more;

    return AIStream::http() . <<"END";
    upstream plain {
        server 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        aistream_provider ollama $parameters;
        $more
    }
END
}

sub lines {
    return AIStream::chunked(map { "$_\n" } @_);
}

our $hel = '{"model":"m","created_at":"2025-10-26T17:21:21.196249Z",'
           . '"message":{"role":"assistant","content":"Hel"},"done":false}';
our $done = '{"model":"m","created_at":"2025-10-26T17:21:21.296249Z",'
            . '"message":{"role":"assistant","content":""},"done":true,'
            . '"done_reason":"stop","prompt_eval_count":9,"eval_count":2}';

AIStream::provider("ollama");

run_tests();

__DATA__

=== TEST 1: the request has Ollama's path, without TLS and without a key
--- http_config eval: main::plain("")
--- config
    location /chat {
        aistream_pass plain:qwen3:8b;
        aistream_protocol text;
    }
--- tcp_reply eval
AIStream::echo_as("ollama", 1)
--- response_body_like eval
qr{^POST /api/chat HTTP/1\.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/x-ndjson\r\nAccept-Encoding: identity\r\nUser-Agent: ngx_http_aistream_module\r\nContent-Length: \d+\r\n\r\n\{"model":"qwen3:8b",}
--- no_error_log
[error]
[warn]



=== TEST 2: a configured key is sent
--- http_config eval
main::plain("", "aistream_key ollama-0123456789abcdef;")
--- config
    location /chat {
        aistream_pass plain:qwen3:8b;
        aistream_protocol text;
    }
--- tcp_reply eval
AIStream::echo_as("ollama", 1)
--- response_body_like eval
qr/^Authorization: Bearer ollama-0123456789abcdef\r$/m
--- no_error_log
[error]



=== TEST 3: base= and auth= set another path and header
--- http_config eval
main::plain("host=models.test base=/ollama/api auth=x-key query=a=b",
            "aistream_key k1;")
--- config
    location /chat {
        aistream_pass plain:qwen3:8b;
        aistream_protocol text;
    }
--- tcp_reply eval
AIStream::echo_as("ollama", 1)
--- response_body_like eval
qr{^POST /ollama/api/chat\?a=b HTTP/1\.1\r\nHost: models\.test\r\nx-key: k1\r\n}
--- no_error_log
[error]



=== TEST 4: a configured key that is missing is key_missing
--- http_config eval
main::plain("", "aistream_key env:AISTREAM_TEST_NO_KEY;")
--- config
    location /chat {
        aistream_pass plain:qwen3:8b;
        aistream_protocol text;
    }
--- error_code: 503
--- response_body_like: "code":"key_missing"
--- no_provider
--- error_log
no key for upstream "plain"



=== TEST 5: tls=on enables TLS
--- http_config eval: main::plain("tls=on")
--- config
    location /chat {
        aistream_pass plain:qwen3:8b;
        aistream_protocol text;
    }
--- error_code: 502
--- response_body_like: "code":"provider_unreachable"
--- error_log
SSL_do_handshake() failed



=== TEST 6: the smallest request has only the required fields
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol text;
    }
--- response_body chomp
{"model":"m-1","messages":[{"role":"user","content":"a"}],"stream":true,"options":{"num_predict":4000}}
--- no_error_log
[error]



=== TEST 7: every field of a chat has Ollama's form
--- golden: request/everything.to.ollama.json
--- no_error_log
[error]



=== TEST 8: texts around an image are paragraphs of one text
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"text","text":"one"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}},{"type":"text","text":"two"},{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j/"}}]}]}
--- response_body_like: \{"role":"user","content":"one\\n\\ntwo","images":\["iVBORw0KGgo=","/9j/"\]\}
--- no_error_log
[error]



=== TEST 9: a message may have only an image
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}]}
--- response_body_like: \{"role":"user","content":"","images":\["iVBORw0KGgo="\]\}
--- no_error_log
[error]



=== TEST 10: json_object is the format "json"
--- request
POST /chat
{"prompt":"a","response_format":{"type":"json_object"}}
--- response_body_like: "stream":true,"format":"json","options":
--- no_error_log
[error]



=== TEST 11: all tools are sent with tool_choice "auto"
--- request
POST /chat
{"prompt":"a","tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}],"tool_choice":"auto"}
--- response_body_like: "tools":\[\{"type":"function","function":\{"name":"f","parameters":\{"type":"object","properties":\{\}\}\}\},\{"type":"function","function":\{"name":"g","parameters":\{"type":"object","properties":\{\}\}\}\}\]
--- no_error_log
[error]



=== TEST 12: tools are left out with tool_choice "none"
--- request
POST /chat
{"prompt":"a","tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"none"}
--- response_body_unlike: tools
--- no_error_log
[error]



=== TEST 13: reasoning, text and a call of one line are sent in this order
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol data;
    }
--- tcp_reply eval
main::lines('{"message":{"role":"assistant","content":"So","thinking":"hm","tool_calls":[{"function":{"name":"f","arguments":{"x": 1}}}]},"done":true,"done_reason":"stop","prompt_eval_count":9,"eval_count":2}')
--- response_body_like eval
qr/g:"hm"\n0:"So"\nb:\{"toolCallId":"call_[0-9a-f]{8}0","toolName":"f"\}\nc:[^\n]*\n9:\{"toolCallId":"call_[0-9a-f]{8}0","toolName":"f","args":\{"x":1\}\}\ne:\{"finishReason":"tool-calls","usage":\{"promptTokens":9,"completionTokens":2\}/
--- no_error_log
[error]



=== TEST 14: calls without an id get different ids
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol json;
    }
--- tcp_reply eval
AIStream::raw(AIStream::recording("ollama/native-parallel-tools.ndjson"))
--- response_body_like eval
qr/"toolCallId":"(call_[0-9a-f]{8})0","toolName":"get_temperature".*"toolCallId":"\g{1}1","toolName":"get_temperature"/
--- no_error_log
[error]



=== TEST 15: an answer may arrive byte by byte
--- config
    location /chat {
        aistream_pass plain:qwen3:8b;
        aistream_protocol text;
    }
--- http_config eval: main::plain("")
--- tcp_reply eval
AIStream::bytes(AIStream::recording("ollama/native-unicode.ndjson"))
--- response_body eval
"Gr\xc3\xbc\xc3\x9fe \xe2\x80\x93 \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x98\x80\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd\n\"quoted\" \\ and <b>\t\xe2\x80\xa8end"
--- no_error_log
[error]



=== TEST 16: the log has token counts and the finish reason
--- config
    location /chat {
        access_log logs/access.log aistream;
        aistream_pass provider:m-1;
        aistream_protocol data;
    }
--- tcp_reply eval
AIStream::raw(AIStream::recording("ollama/native-length.ndjson"))
--- access_log eval
qr/^200 provider m-1 data 1 length - 18\/3 \[200\]/
--- response_body_like: "finishReason":"length"
--- no_error_log
[error]



=== TEST 17: the last line may end without a line feed
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol data;
    }
--- tcp_reply eval
AIStream::raw("$::hel\n$::done")
--- response_body_like: 0:"Hel"\ne:\{"finishReason":"stop"
--- no_error_log
[error]



=== TEST 18: an answer without "done" is truncated
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol data;
    }
--- tcp_reply eval
main::lines($::hel)
--- response_body_like: 0:"Hel"\n3:"[^"]+"\ne:\{"finishReason":"error"
--- error_log
sent an incomplete response



=== TEST 19: an answer truncated before the first token has a status
--- tcp_reply eval
main::lines('{"message":{"role":"assistant","content":""},"done":false}')
--- error_code: 502
--- response_body_like: "code":"provider_truncated"
--- error_log
sent an incomplete response



=== TEST 20: a truncated line is an error
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol data;
    }
--- tcp_reply eval
main::lines($::hel, '{"message":{"role":"assi')
--- response_body_like: 0:"Hel"\n3:"[^"]+"\ne:\{"finishReason":"error"
--- error_log
sent an invalid event



=== TEST 21: text after the last line is an error
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol data;
    }
--- tcp_reply eval
AIStream::raw("$::hel\nupstream request timeout")
--- response_body_like: 0:"Hel"\n3:"[^"]+"\ne:\{"finishReason":"error"
--- error_log
ended its answer with data that is not an event



=== TEST 22: an error as the first line has a status
--- tcp_reply eval
main::lines('{"error":"model runner has unexpectedly stopped"}')
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 200, provider_error: "model runner has unexpectedly stopped"



=== TEST 23: an error after the first token is an error part
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol data;
    }
--- tcp_reply eval
AIStream::raw(AIStream::recording("ollama/native-error-midstream.ndjson"))
--- response_body_like: 0:" can"\n3:"[^"]+"\ne:\{"finishReason":"error"
--- error_log
failed with 200, provider_error: "an error was encountered while running the model"



=== TEST 24: an unknown model is provider_error
--- tcp_reply eval
AIStream::status(404, AIStream::recording("ollama/error-404-model.json"))
--- error_code: 502
--- response_body_like: "code":"provider_error","message":"The AI provider does not know the configured model or path\."
--- error_log
failed with 404, provider_error: "model 'llama9' not found"



=== TEST 25: a conversation that is too long is context_length_exceeded
--- tcp_reply eval
AIStream::status(400, AIStream::recording("ollama/error-400-context.json"))
--- error_code: 400
--- response_body_like: "code":"context_length_exceeded"
--- error_log
failed with 400, context_length_exceeded



=== TEST 26: the runner's text for a conversation that is too long is known
--- tcp_reply eval
main::lines('{"error":"request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it"}')
--- error_code: 400
--- response_body_like: "code":"context_length_exceeded"
--- error_log
failed with 200, context_length_exceeded



=== TEST 27: a model without tools is invalid_request
--- tcp_reply eval
AIStream::status(400, AIStream::recording("ollama/error-400-tools.json"))
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- error_log
failed with 400, invalid_request



=== TEST 28: a model that does not fit into memory is provider_error
--- tcp_reply eval
AIStream::status(500, AIStream::recording("ollama/error-500-memory.json"))
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 500, provider_error: "model requires more system memory



=== TEST 29: a busy server is overloaded
--- tcp_reply eval
AIStream::status(503, AIStream::recording("ollama/error-503-busy.json"))
--- error_code: 503
--- response_body_like: "code":"overloaded"
--- error_log
failed with 503, overloaded



=== TEST 30: a rejected key is provider_auth
--- tcp_reply eval
AIStream::status(401, '{"error":"unauthorized"}')
--- error_code: 502
--- response_body_like: "code":"provider_auth"
--- error_log
failed with 401, provider_auth



=== TEST 31: a line over the limit is an error
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_limits event=1k;
    }
--- tcp_reply eval
main::lines('{"message":{"role":"assistant","content":"' . "x" x 2000 . '"}}')
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
sent an event larger than 1024 bytes



=== TEST 32: the mock's answer is read
--- http_config eval
main::plain("") . '
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location = /api/chat { aistream_mock ollama "text=Hello there"; }
    }
'
--- config
    location /chat {
        aistream_pass plain:qwen3:8b;
        aistream_protocol text;
    }
--- no_provider
--- response_body chomp
Hello there
--- no_error_log
[error]



=== TEST 33: images that a tool returned follow in a user message
--- golden: request/tool-images.to.ollama.json
--- no_error_log
[error]



=== TEST 34: a schema without a type becomes one of an object
--- request
POST /chat
{"prompt":"a","tools":[{"type":"function","function":{"name":"f","parameters":{"required":[]}}}]}
--- response_body_like: "parameters":\{"required":\[\],"type":"object","properties":\{\}\}
--- no_error_log
[error]
