# A GET with a message, as an EventSource asks.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::defaults(http_config => AIStream::http(),
                   tcp_reply => AIStream::echo_body(), config => <<'EOF');
        location /chat {
            aistream_pass provider:m;
            aistream_message $arg_message;
        }
EOF

run_tests();

__DATA__

=== TEST 1: a message is answered as server-sent events with an id
--- request
GET /chat?message=hello
--- response_headers
Content-Type: text/event-stream; charset=utf-8
--- response_body_like: \Aid: [0-9a-f]{20}\ndata: \{"chunk":"\{\\"model\\":\\"m\\",\\"messages\\":\[\{\\"role\\":\\"user\\",\\"content\\":\\"hello\\"\}\].*"\}\n\ndata: \[DONE\]\n\n\z
--- no_error_log
[error]



=== TEST 2: encoded characters and plus signs are decoded
--- request
GET /chat?message=a+b%2Bc%20%C3%A9%26%22
--- response_body_like eval
qr/\\"content\\":\\"a b\+c \xc3\xa9&\\\\\\"\\"/
--- no_error_log
[error]



=== TEST 3: "decoded" leaves the value as it is
--- config
    location /chat {
        aistream_pass provider:m;
        aistream_message $http_x_text decoded;
    }
--- request
GET /chat
--- more_headers
X-Text: a+b%20c
--- response_body_like: content\\":\\"a\+b%20c\\"
--- no_error_log
[error]



=== TEST 4: a reconnect with Last-Event-ID is 204
--- request
GET /chat?message=hello
--- more_headers
Last-Event-ID: 0123456789abcdef0123
--- no_provider
--- error_code: 204
--- response_body
--- no_error_log
[error]



=== TEST 5: an empty message is 405
--- request
GET /chat?message=
--- no_provider
--- error_code: 405
--- no_error_log
[error]



=== TEST 6: a request to resume is 204
--- request
GET /chat/42/stream
--- no_provider
--- error_code: 204
--- no_error_log
[error]



=== TEST 7: a message with invalid UTF-8 is 400
--- request
GET /chat?message=%ff
--- no_provider
--- error_code: 400
--- response_body
{"error":{"code":"invalid_request","message":"The message is not valid UTF-8.","retryable":false}}
--- no_error_log
[error]



=== TEST 8: the request may choose another protocol
--- request
GET /chat?message=hi&protocol=text
--- response_body_like: \A\{"model":"m"
--- no_error_log
[error]



=== TEST 9: an unknown parameter is rejected
--- config
    location /chat {
        aistream_pass provider:m;
        aistream_message $arg_message raw;
    }
--- request
GET /chat
--- no_provider
--- must_die
--- error_log
invalid parameter "raw"
