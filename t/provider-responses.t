# OpenAI's Responses: what is sent, and what errors mean.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::provider("responses");

run_tests();

__DATA__

=== TEST 1: the request has path and key
--- tcp_reply eval
AIStream::echo_as("responses", 1)
--- response_body_like eval
qr{^POST /v1/responses HTTP/1\.1\r\n(?=.*^Authorization: Bearer sk-test-0123456789abcdef\r$)}ms
--- no_error_log
[error]



=== TEST 2: the smallest request has only the required fields
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol text;
    }
--- response_body chomp
{"model":"m-1","input":[{"role":"user","content":[{"type":"input_text","text":"a"}]}],"stream":true,"store":false,"max_output_tokens":4000}
--- no_error_log
[error]



=== TEST 3: every field of a chat has Responses' form
--- golden: request/everything.to.responses.json
--- no_error_log
[error]



=== TEST 4: a quota error is reported once
--- tcp_reply eval
AIStream::raw(AIStream::recording("openai-responses/error-insufficient-quota.sse"))
--- error_code: 502
--- response_body_like: "code":"provider_auth"
--- error_log
failed with 200, provider_auth



=== TEST 5: response.failed without an error event is an error
--- tcp_reply eval
AIStream::raw(qq{data: {"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"Sorry"}}}\n\n})
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 200, provider_error: "Sorry"



=== TEST 6: a file without a name gets one
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}}]}]}
--- response_body_like: \{"type":"input_file","filename":"file\.pdf","file_data":"data:application/pdf;base64,JVBERi0="\}
--- no_error_log
[error]



=== TEST 7: the parts of a summary are paragraphs
--- tcp_reply eval
my @events = map {
    my ($item, $part, $text) = @$_;
    qq(data: {"type":"response.reasoning_summary_text.delta",)
    . qq("output_index":$item,"summary_index":$part,"delta":"$text"}\n\n)
} [0, 0, "a"], [0, 0, "b"], [0, 1, ""], [0, 1, "c"], [0, 1, "d"], [2, 0, "e"];
AIStream::raw(CORE::join("", @events,
    qq(data: {"type":"response.output_text.delta","delta":"t"}\n\n),
    qq(data: {"type":"response.completed","response":{}}\n\n)))
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol json;
    }
--- response_body_like: "reasoning":"ab\\n\\ncd\\n\\ne"
--- no_error_log
[error]
