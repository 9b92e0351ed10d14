# Trying again: the same target, another key, another target, or not at all.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# a provider that knows which try it is, and with which key

my $http = <<'EOF';
    log_format aistream '$status $aistream_provider $aistream_attempts '
        '[$upstream_status] $aistream_error $aistream_abort_phase';

    upstream first {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=first.test tls=off;
        aistream_header X-Attempt $aistream_attempts;
        aistream_header X-Case $arg_case;
    }

    upstream second {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=second.test tls=off;
        aistream_header X-Attempt $aistream_attempts;
    }

    upstream pool {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=pool.test tls=off;
        aistream_key revoked;
        aistream_key limited;
        aistream_key $arg_none;
        aistream_key good;
    }

    map $http_host:$http_x_case:$http_x_attempt $answer {
        default                    ok;
        ~^first\.test::[12]$       503;
        ~^first\.test:always:      503;
        ~^first\.test:later:1$     later;
        ~^first\.test:muchlater:   muchlater;
        ~^first\.test:no:          404;
        ~^first\.test:bad:         400;
        ~^first\.test:slow:1$      slow;
    }

    map $http_authorization $keyed {
        default          ok;
        "Bearer revoked" 401;
        "Bearer limited" 429;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;

        location / {
            rewrite ^ /$answer/$keyed last;
        }

        location /503       { return 503; }
        location /404       { return 404; }
        location /400       { return 400; }
        location /ok/401    { return 401; }
        location /ok/429    { add_header Retry-After 3 always; return 429; }
        location /later     { add_header Retry-After-Ms 120 always; return 429; }
        location /muchlater { add_header Retry-After 60 always; return 429; }
        location /slow      { aistream_mock openai delay=5s; }
        location /ok/ok     { aistream_mock openai "text=hello"; }
    }

    aistream_breaker off;
EOF

AIStream::defaults(http_config => $http, request => AIStream::prompt(),
                   config => <<'EOF');
        location /chat {
            aistream_pass first:m;
            aistream_retry attempts=3 backoff=20ms;
            aistream_protocol text;
            access_log logs/access.log aistream;
        }
EOF

run_tests();

__DATA__

=== TEST 1: a target that fails twice answers the third attempt
--- response_body chomp
hello
--- access_log eval
qr/^200 first 3 \[503 : 503 : 200\] - -$/
--- error_log eval
[qr/retrying upstream "first" in (1\d|20) ms/, qr/retrying upstream "first" in [234]\d ms/]
--- log_level: info



=== TEST 2: the next target follows after the last attempt
--- config
    location /chat {
        aistream_pass first:m second:m;
        aistream_retry attempts=2 backoff=10ms;
        aistream_protocol text;
        access_log logs/access.log aistream;
    }
--- request
POST /chat?case=always
{"prompt":"a"}
--- response_body chomp
hello
--- access_log eval
qr/^200 second 3 \[503 : 503 : 200\] - -$/
--- error_log
failed with 503



=== TEST 3: the last error is sent after the last attempt
--- request
POST /chat?case=always
{"prompt":"a"}
--- error_code: 503
--- response_body_like: "code":"overloaded"
--- access_log eval
qr/^503 first 3 \[503 : 503 : 503\] overloaded -$/
--- error_log
failed with 503



=== TEST 4: the provider's Retry-After delays the next attempt
--- request
POST /chat?case=later
{"prompt":"a"}
--- response_body chomp
hello
--- error_log
retrying upstream "first" in 120 ms
--- log_level: info



=== TEST 5: a Retry-After longer than the limit ends the request
--- request
POST /chat?case=muchlater
{"prompt":"a"}
--- error_code: 429
--- response_headers
Retry-After: 60
--- response_body_like: "code":"rate_limit"
--- access_log eval
qr/^429 first 1 \[429\] rate_limit -$/
--- error_log
failed with 429



=== TEST 6: a Retry-After longer than the limit moves to the next target
--- config
    location /chat {
        aistream_pass first:m second:m;
        aistream_protocol text;
        access_log logs/access.log aistream;
    }
--- request
POST /chat?case=muchlater
{"prompt":"a"}
--- response_body chomp
hello
--- access_log eval
qr/^200 second 2 \[429 : 200\] - -$/
--- error_log
failed with 429



=== TEST 7: an unknown model is not retried
--- request
POST /chat?case=no
{"prompt":"a"}
--- error_code: 502
--- access_log eval
qr/^502 first 1 \[404\] provider_error -$/
--- error_log
failed with 404



=== TEST 8: an invalid request is not retried
--- request
POST /chat?case=bad
{"prompt":"a"}
--- error_code: 400
--- access_log eval
qr/^400 first 1 \[400\] invalid_request -$/
--- error_log
failed with 400



=== TEST 9: a first token timeout is retried
--- config
    location /chat {
        aistream_pass first:m;
        aistream_retry backoff=10ms;
        aistream_first_token_timeout 150ms;
        aistream_protocol text;
        access_log logs/access.log aistream;
    }
--- request
POST /chat?case=slow
{"prompt":"a"}
--- response_body chomp
hello
--- access_log eval
qr/^200 first 2 \[\d+ : 200\] - -$/
--- error_log
timed out, first token timeout



=== TEST 10: heartbeats during backoff do not end the retries
--- config
    location /chat {
        aistream_pass first:m;
        aistream_retry backoff=200ms;
        aistream_heartbeat 50ms;
        aistream_protocol sse;
        access_log logs/access.log aistream;
    }
--- response_body_like: \A(?:: heartbeat\n\n)+data: \{"chunk":"hello"\}\n\ndata: \[DONE\]\n\n\z
--- access_log eval
qr/^200 first 3 \[503 : 503 : 200\] - -$/
--- error_log
failed with 503



=== TEST 11: an error after heartbeats has the protocol's form
--- config
    location /chat {
        aistream_pass first:m;
        aistream_retry backoff=200ms attempts=2;
        aistream_heartbeat 50ms;
        aistream_protocol sse;
        access_log logs/access.log aistream;
    }
--- request
POST /chat?case=always
{"prompt":"a"}
--- response_body_like: \A(?:: heartbeat\n\n)+data: \{"error":\{"code":"overloaded".*\}\}\n\ndata: \[DONE\]\n\n\z
--- error_log
failed with 503



=== TEST 12: the total timeout ends a backoff
--- config
    location /chat {
        aistream_pass first:m;
        aistream_retry backoff=5s;
        aistream_total_timeout 200ms;
        access_log logs/access.log aistream;
    }
--- error_code: 504
--- response_body_like: "code":"provider_timeout"
--- access_log eval
qr/^504 first 1 \[503\] provider_timeout -$/
--- error_log
failed with 503



=== TEST 13: a client that leaves during backoff is logged as such
--- config
    location /chat {
        aistream_pass first:m;
        aistream_retry backoff=5s;
        access_log logs/error.log aistream;
    }
--- timeout: 0.2
--- abort
--- ignore_response
--- wait: 0.2
--- error_log eval
[qr/^499 first 1 \[503\] - backoff$/, "client prematurely closed connection"]
--- log_level: info



=== TEST 14: rejected keys pause, and others are used
--- config
    location /chat {
        aistream_pass pool:m;
        aistream_protocol text;
        add_header X-Tries $aistream_attempts always;
    }
--- pipelined_requests eval
[("POST /chat\n{\"prompt\":\"a\"}") x 6]
--- response_body eval
["hello", "hello", "hello", "hello", "hello", "hello"]
--- response_headers eval
["X-Tries: 3", ("X-Tries: 1") x 5]
--- no_error_log
[alert]



=== TEST 15: invalid parameters are rejected
--- config
    location /chat {
        aistream_pass first:m;
        aistream_retry attempts=0;
    }
--- must_die
--- error_log
invalid parameter "attempts=0"
