# Aliases, what a client may ask for, and what follows a target that fails.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

my $models = <<'EOF';
    upstream second {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=second.test tls=off;
    }
    upstream keyless {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=keyless.test tls=off;
        aistream_key $http_x_key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        location / {
            client_body_buffer_size 64k;
            aistream_mock openai text=$request_body;
        }
    }
    aistream_model fast second:small;
    aistream_model smart provider:large fast;
    aistream_model hidden second:hidden;
EOF

AIStream::defaults(http_config => AIStream::http($models),
                   request => AIStream::prompt(), config => <<'EOF');
        location /chat {
            aistream_pass provider:first second:other;
            aistream_protocol text;
            access_log logs/access.log aistream;
        }
EOF

run_tests();

__DATA__

=== TEST 1: a target that cannot be reached is followed by the next
--- response_body_like: ^\{"model":"other",
--- access_log eval
qr/^200 second other text 2 stop - \d+\/\d+ \[502 : 200\]$/
--- error_log
Connection refused



=== TEST 2: a rate-limited target is followed by the next
--- tcp_reply eval
AIStream::status(429, "{}")
--- response_body_like: ^\{"model":"other",
--- access_log eval
qr/^200 second other text 2 stop - \d+\/\d+ \[429 : 200\]$/
--- error_log
failed with 429, rate_limit



=== TEST 3: a target that fails inside a 200 is followed by the next
--- tcp_reply eval
AIStream::chunked(qq(data: {"error":{"message":"x"}}\n\n))
--- response_body_like: ^\{"model":"other",
--- access_log eval
qr/^200 second other text 2 stop - \d+\/\d+ \[200 : 200\]$/
--- error_log
failed with 200, provider_error



=== TEST 4: a target that rejects our key is followed by the next
--- tcp_reply eval
AIStream::status(401, "{}")
--- response_body_like: ^\{"model":"other",
--- error_log
failed with 401, provider_auth



=== TEST 5: a target that ends before its first delta is followed by the next
--- tcp_reply eval
AIStream::raw(": hello\n\n")
--- response_body_like: ^\{"model":"other",
--- error_log
sent an incomplete response



=== TEST 6: a target without a key is followed by the next
--- config
        location /chat {
            aistream_pass keyless:first second:other;
            aistream_protocol text;
            access_log logs/access.log aistream;
        }
--- response_body_like: ^\{"model":"other",
--- access_log eval
qr/^200 second other text 2 stop - \d+\/\d+ \[200\]$/
--- error_log
no key for upstream "keyless"



=== TEST 7: no target follows one that rejects the request
--- tcp_reply eval
AIStream::status(400, "{}")
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- access_log eval
qr/^400 provider first text 1 - invalid_request -\/- \[400\]$/
--- error_log
failed with 400, invalid_request



=== TEST 8: no target follows an error after the first delta
--- config
        location /chat {
            aistream_pass provider:first second:other;
            access_log logs/access.log aistream;
        }
--- tcp_reply eval
AIStream::raw(AIStream::delta("once"))
--- response_body_like eval
qr/\A[^\n]+\n0:"once"\n3:"[^"]+"\ne:[^\n]+\nd:[^\n]+\n\z/
--- access_log eval
qr/^200 provider first data 1 - provider_truncated \d+\/1 \[200\]$/
--- error_log
sent an incomplete response



=== TEST 9: the last target's error is sent when all have failed
--- config
        location /chat {
            aistream_pass provider:a keyless:b;
            access_log logs/access.log aistream;
        }
--- error_code: 503
--- response_body_like: "code":"key_missing"
--- access_log eval
qr/^503 keyless b data 2 - key_missing -\/- \[502\]$/
--- error_log
Connection refused



=== TEST 10: a request without any key is key_missing
--- config
        location /chat {
            aistream_pass keyless:m;
        }
--- error_code: 503
--- response_body
{"error":{"code":"key_missing","message":"No API key is configured for the AI provider.","retryable":false}}
--- error_log
no key for upstream "keyless"



=== TEST 11: the client's model is ignored unless models are allowed
--- config
        location /chat {
            aistream_pass second:ours;
            aistream_protocol text;
        }
--- request
POST /chat
{"prompt":"a","model":"hidden"}
--- response_body_like: ^\{"model":"ours",
--- no_error_log
[error]



=== TEST 12: an allowed model is used
--- config
        location /chat {
            aistream_pass second:ours;
            aistream_allow_models fast smart;
            aistream_protocol text;
        }
--- request
POST /chat
{"prompt":"a","model":"fast"}
--- response_body_like: ^\{"model":"small",
--- no_error_log
[error]



=== TEST 13: a model that is not allowed is 404
--- config
        location /chat {
            aistream_pass second:ours;
            aistream_allow_models fast smart;
        }
--- request
POST /chat
{"prompt":"a","model":"hidden"}
--- error_code: 404
--- response_body
{"error":{"code":"model_not_found","message":"The model does not exist or may not be used here.","retryable":false}}
--- no_error_log
[error]



=== TEST 14: an alias may name a chain with another alias in it
--- config
        location /chat {
            aistream_pass second:ours;
            aistream_allow_models smart;
            aistream_protocol text;
        }
--- request
POST /chat
{"prompt":"a","model":"smart"}
--- response_body_like: ^\{"model":"small",
--- error_log
Connection refused



=== TEST 15: the allowed models may come from a variable
--- config
        location /chat {
            aistream_pass second:ours;
            aistream_allow_models $arg_team;
            aistream_protocol text;
        }
--- request
POST /chat?team=smart,hidden,nonsense
{"prompt":"a","model":"hidden"}
--- response_body_like: ^\{"model":"hidden",
--- no_error_log
[error]



=== TEST 16: an unknown alias in the list of a variable is 404
--- config
        location /chat {
            aistream_pass second:ours;
            aistream_allow_models $arg_team;
        }
--- request
POST /chat?team=nonsense
{"prompt":"a","model":"nonsense"}
--- error_code: 404
--- response_body_like: "code":"model_not_found"
--- no_error_log
[error]



=== TEST 17: a model's name may have a colon
--- config
        location /chat {
            aistream_pass second:llama3:8b;
            aistream_protocol text;
        }
--- response_body_like: ^\{"model":"llama3:8b",
--- no_error_log
[error]
