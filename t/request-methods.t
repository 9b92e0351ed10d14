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

=== TEST 1: GET is not allowed
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



=== TEST 2: PUT is not allowed, and its body is no next request
--- pipelined_requests eval
["PUT /api/ai/chat\nhello", "GET /api/ai/chat/models"]
--- error_code eval
[405, 200]
--- no_error_log
[error]



=== TEST 3: HEAD is not allowed
--- request
HEAD /api/ai/chat
--- error_code: 405
--- no_error_log
[error]



=== TEST 4: OPTIONS without an origin
--- request
OPTIONS /api/ai/chat
--- error_code: 204
--- response_body
--- no_error_log
[error]



=== TEST 5: the models that may be asked for
--- request
GET /api/ai/chat/models
--- response_headers
Content-Type: application/json
--- response_body
{"object":"list","data":[{"id":"fast","object":"model","created":0,"owned_by":"aistream"},{"id":"deep","object":"model","created":0,"owned_by":"aistream"}]}
--- no_error_log
[error]



=== TEST 6: without a choice, the location's own targets
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



=== TEST 7: nothing to resume, AI SDK 5 and later
--- request
GET /api/ai/chat/some-chat/stream
--- error_code: 204
--- response_body
--- no_error_log
[error]



=== TEST 8: nothing to resume, AI SDK 4
--- request
GET /api/ai/chat?chatId=some-chat
--- error_code: 204
--- response_body
--- no_error_log
[error]



=== TEST 9: a form is what curl calls JSON
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



=== TEST 10: an upload is not JSON
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



=== TEST 11: a compressed body is not JSON
--- more_headers
Content-Encoding: gzip
--- request
POST /api/ai/chat
xx
--- error_code: 415
--- response_body_like: "code":"unsupported_media_type"
--- no_error_log
[error]



=== TEST 12: a model that may not be asked for
--- request
POST /api/ai/chat
{"prompt":"a","model":"provider:m"}
--- error_code: 404
--- response_body_like: "code":"model_not_found"
--- no_error_log
[error]



=== TEST 13: the next request on a connection, after an answer
--- tcp_reply eval
AIStream::says("yes")
--- pipelined_requests eval
["POST /api/ai/chat?protocol=text\n{\"prompt\":\"a\"}", "GET /api/ai/chat/models"]
--- response_body eval
["yes", qr/fast/]
--- no_error_log
[error]



=== TEST 14: in a subrequest there is no chat
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



=== TEST 15: an answer has no versions, so no condition is about it
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



=== TEST 16: nor does the client have it already
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



=== TEST 17: who wants tokens counted is not answered with a chat
--- request
POST /api/ai/chat/v1/messages/count_tokens
{"model":"fast","messages":[{"role":"user","content":"a"}]}
--- error_code: 404
--- response_body_like: \A\{"type":"error","error":\{"type":"not_found_error","message":"Not found\."
--- no_error_log
[error]



=== TEST 18: a choice of none is not a lack of choice
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
