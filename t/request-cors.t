# Pages of other origins.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

my $limits = "limit_req_zone all zone=all:1m rate=1r/m; limit_req_status 429;";

AIStream::defaults(http_config => AIStream::http($limits), config => <<'EOF');
        location /chat {
            aistream_pass provider:m;
            aistream_cors https://a.example https://b.example:8443
                          credentials max_age=10m;
            client_max_body_size 64;
        }
        location /private {
            aistream_pass provider:m;
            aistream_cors https://a.example;
            auth_basic "private";
            auth_basic_user_file /dev/null;
        }
        location /limited {
            aistream_pass provider:m;
            aistream_cors https://a.example;
            limit_req zone=all;
        }
        location /any {
            aistream_pass provider:m;
            aistream_cors *;
        }
        location /page {
            aistream_pass provider:m;
            error_page 413 /own.html;
            client_max_body_size 1;
        }
        location = /own.html {
            return 200 "own page";
        }
EOF

run_tests();

__DATA__

=== TEST 1: a preflight is answered
--- more_headers
Origin: https://a.example
Access-Control-Request-Method: POST
Access-Control-Request-Headers: content-type,x-stainless-os
--- request
OPTIONS /chat
--- error_code: 204
--- response_headers
Access-Control-Allow-Origin: https://a.example
Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS
Access-Control-Allow-Headers: content-type,x-stainless-os
Access-Control-Allow-Credentials: true
Access-Control-Max-Age: 600
Vary: Origin
--- response_body
--- no_error_log
[error]



=== TEST 2: a preflight from another origin is refused
--- more_headers
Origin: https://evil.example
Access-Control-Request-Method: POST
--- request
OPTIONS /chat
--- error_code: 403
--- response_headers
Access-Control-Allow-Origin:
Vary: Origin
--- response_body_like: "code":"forbidden"
--- no_error_log
[alert]



=== TEST 3: an answer has the origin's headers
--- tcp_reply eval
AIStream::says("yes")
--- more_headers
Origin: https://b.example:8443
--- request
POST /chat?protocol=text
{"prompt":"a"}
--- response_headers
Access-Control-Allow-Origin: https://b.example:8443
Access-Control-Allow-Credentials: true
Vary: Origin
--- response_body chomp
yes
--- no_error_log
[error]



=== TEST 4: another origin gets 403 without headers
--- no_provider
--- more_headers
Origin: https://a.example.evil.example
--- request
POST /chat?protocol=text
{"prompt":"a"}
--- error_code: 403
--- response_headers
Access-Control-Allow-Origin:
Vary: Origin
--- response_body_like: "code":"forbidden"
--- no_error_log
[error]



=== TEST 5: "*" allows any origin
--- tcp_reply eval
AIStream::says("yes")
--- more_headers
Origin: https://whoever.example
--- request
POST /any?protocol=text
{"prompt":"a"}
--- response_headers
Access-Control-Allow-Origin: *
Vary:
--- no_error_log
[error]



=== TEST 6: our own errors have the origin's headers
--- more_headers
Origin: https://a.example
--- request
POST /chat
{}
--- error_code: 400
--- response_headers
Access-Control-Allow-Origin: https://a.example
--- response_body_like: "code":"invalid_request"
--- no_error_log
[error]



=== TEST 7: a preflight is answered before authentication
--- more_headers
Origin: https://a.example
Access-Control-Request-Method: POST
--- request
OPTIONS /private
--- error_code: 204
--- response_headers
Access-Control-Allow-Origin: https://a.example
--- no_error_log
[error]



=== TEST 8: nginx's own 401 is JSON with the origin's headers
--- more_headers
Origin: https://a.example
--- request
POST /private
{"prompt":"a"}
--- error_code: 401
--- response_headers
Access-Control-Allow-Origin: https://a.example
WWW-Authenticate: Basic realm="private"
Content-Type: application/json
--- response_body
{"error":{"code":"unauthorized","message":"Authentication is required.","retryable":false}}
--- no_error_log
[alert]



=== TEST 9: nginx's own 413 is JSON with the origin's headers
--- more_headers
Origin: https://a.example
--- request eval
"POST /chat\n{\"prompt\":\"" . ("a" x 100) . "\"}"
--- error_code: 413
--- response_headers
Access-Control-Allow-Origin: https://a.example
Content-Type: application/json
--- response_body_like: "code":"payload_too_large"
--- no_error_log
[alert]



=== TEST 10: nginx's own 429 is JSON with the origin's headers
--- tcp_reply eval
AIStream::says("yes")
--- more_headers
Origin: https://a.example
--- pipelined_requests eval
["POST /limited?protocol=text\n{\"prompt\":\"a\"}", "POST /limited\n{\"prompt\":\"a\"}"]
--- error_code eval
[200, 429]
--- response_body eval
["yes", qr/"code":"rate_limit"/]
--- no_error_log
[alert]



=== TEST 11: an error_page of the configuration is kept
--- request
POST /page
{"prompt":"a"}
--- error_code: 413
--- response_body chomp
own page
--- no_error_log
[alert]



=== TEST 12: a text of "return" is kept
--- config
    location /closed {
        aistream_pass provider:m;
        return 503 '{"closed":"until nine"}';
    }

    location /shut {
        aistream_pass provider:m;
        return 503;
    }
--- request eval
["POST /closed\n{\"prompt\":\"a\"}", "POST /shut\n{\"prompt\":\"a\"}"]
--- error_code eval
[503, 503]
--- response_body eval
['{"closed":"until nine"}', qr/"error":\{"code"/]
--- no_error_log
[alert]
