# Methods, types, and answers given without a provider.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

my $models = "aistream_model fast provider:f; aistream_model deep provider:d;";

AIStream::defaults(http_config => AIStream::http($models), config => <<'EOF');
        location /api/ai/chat {
            aistream_pass provider:m;
            aistream_allow_models fast "deep";
        }
EOF

run_tests();

__DATA__

=== TEST 1: GET is 405
--- request
GET /api/ai/chat
--- error_code: 405
--- response_headers
Allow: POST, OPTIONS
Content-Type: application/json
--- response_body
{"error":{"code":"method_not_allowed","message":"This method is not allowed here.","retryable":false}}
--- no_error_log
[error]



=== TEST 2: PUT is 405, and its body is not read as the next request
--- pipelined_requests eval
["PUT /api/ai/chat\nhello", "GET /api/ai/chat/models"]
--- error_code eval
[405, 200]
--- no_error_log
[error]



=== TEST 3: HEAD is 405
--- request
HEAD /api/ai/chat
--- error_code: 405
--- no_error_log
[error]



=== TEST 4: OPTIONS without an origin is 204
--- request
OPTIONS /api/ai/chat
--- error_code: 204
--- response_body
--- no_error_log
[error]



=== TEST 5: the list has the allowed models
--- request
GET /api/ai/chat/models
--- response_headers
Content-Type: application/json
--- response_body
{"object":"list","data":[{"id":"fast","object":"model","created":0,"owned_by":"aistream"},{"id":"deep","object":"model","created":0,"owned_by":"aistream"}]}
--- no_error_log
[error]



=== TEST 6: the list has the location's targets if no models are allowed
--- config
        location /api/ai/chat {
            aistream_pass provider:llama3:8b fast provider:llama3:8b deep;
        }
--- request
GET /api/ai/chat/models
--- response_body
{"object":"list","data":[{"id":"llama3:8b","object":"model","created":0,"owned_by":"aistream"},{"id":"fast","object":"model","created":0,"owned_by":"aistream"},{"id":"deep","object":"model","created":0,"owned_by":"aistream"}]}
--- no_error_log
[error]



=== TEST 7: AI SDK 5's request to resume is 204
--- request
GET /api/ai/chat/some-chat/stream
--- error_code: 204
--- response_body
--- no_error_log
[error]



=== TEST 8: AI SDK 4's request to resume is 204
--- request
GET /api/ai/chat?chatId=some-chat
--- error_code: 204
--- response_body
--- no_error_log
[error]



=== TEST 9: a form's content type is accepted as JSON
--- tcp_reply eval
AIStream::says("yes")
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /api/ai/chat?protocol=text
{"prompt":"a"}
--- response_body chomp
yes
--- no_error_log
[error]



=== TEST 10: multipart is 415
--- more_headers
Content-Type: multipart/form-data; boundary=x
--- request
POST /api/ai/chat
--x--
--- error_code: 415
--- response_body
{"error":{"code":"unsupported_media_type","message":"The request must be JSON.","retryable":false}}
--- no_error_log
[error]



=== TEST 11: a compressed body is 415
--- more_headers
Content-Encoding: gzip
--- request
POST /api/ai/chat
xx
--- error_code: 415
--- response_body_like: "code":"unsupported_media_type"
--- no_error_log
[error]



=== TEST 12: a model that is not allowed is 404
--- request
POST /api/ai/chat
{"prompt":"a","model":"provider:m"}
--- error_code: 404
--- response_body_like: "code":"model_not_found"
--- no_error_log
[error]



=== TEST 13: the connection is used for the next request after an answer
--- tcp_reply eval
AIStream::says("yes")
--- pipelined_requests eval
["POST /api/ai/chat?protocol=text\n{\"prompt\":\"a\"}", "GET /api/ai/chat/models"]
--- response_body eval
["yes", qr/fast/]
--- no_error_log
[error]



=== TEST 14: a subrequest is refused
--- config
        location /api/ai/chat {
            aistream_pass provider:m;
        }
        location /page {
            addition_types *;
            add_after_body /api/ai/chat;
            return 200 "page";
        }
--- request
GET /page
--- response_body_like: page
--- error_log
aistream: a chat cannot be a subrequest



=== TEST 15: If-Match and If-Unmodified-Since are ignored
--- tcp_reply eval: AIStream::says("yes")
--- request
POST /api/ai/chat?protocol=text
{"prompt":"a"}
--- more_headers
If-Match: "x"
If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT
--- response_body chomp
yes
--- no_error_log
[error]



=== TEST 16: If-None-Match is ignored
--- tcp_reply eval: AIStream::says("yes")
--- request
POST /api/ai/chat?protocol=text
{"prompt":"a"}
--- more_headers
If-None-Match: *
--- response_body chomp
yes
--- no_error_log
[error]



=== TEST 17: /count_tokens is 404
--- request
POST /api/ai/chat/v1/messages/count_tokens
{"model":"fast","messages":[{"role":"user","content":"a"}]}
--- error_code: 404
--- response_body_like: \A\{"type":"error","error":\{"type":"not_found_error","message":"Not found: only chat/completions, messages and models are here\."
--- no_error_log
[error]



=== TEST 18: an empty value of aistream_allow_models allows none
--- config
        location /api/ai/chat {
            aistream_pass provider:m;
            aistream_allow_models $arg_none;
        }
--- request
GET /api/ai/chat/models
--- response_body
{"object":"list","data":[]}
--- no_error_log
[error]
