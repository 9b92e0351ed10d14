# Connections to providers are used again.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# answers with the number of its connection's request

sub provider {
    my ($directives) = @_;

    return <<"EOF";
    log_format tries '\$aistream_attempts \$status';
    upstream provider {
        server 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        keepalive 4;
        aistream_provider openai host=provider.test tls=off;
    }
    server {
        listen 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        $directives
        location / {
            aistream_mock openai "text=request \$connection_requests";
        }
        location /fails/ {
            aistream_mock openai status=503;
        }
    }
    upstream fails {
        server 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        keepalive 4;
        aistream_provider openai host=provider.test tls=off base=/fails;
    }
EOF
}

AIStream::defaults(config => <<'EOF');
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            access_log logs/access.log tries;
        }
        location /fails {
            aistream_pass fails:m;
        }
EOF

run_tests();

__DATA__

=== TEST 1: three requests use one connection
--- http_config eval: main::provider("")
--- pipelined_requests eval
["POST /chat\n{\"prompt\":\"a\"}", "POST /chat\n{\"prompt\":\"b\"}", "POST /chat\n{\"prompt\":\"c\"}"]
--- response_body eval
["request 1", "request 2", "request 3"]
--- no_error_log
[error]



=== TEST 2: the connection is kept after an error
--- http_config eval: main::provider("")
--- pipelined_requests eval
["POST /fails\n{\"prompt\":\"a\"}", "POST /fails\n{\"prompt\":\"b\"}", "POST /chat\n{\"prompt\":\"c\"}"]
--- error_code eval
[503, 503, 200]
--- response_body eval
[qr/overloaded/, qr/overloaded/, "request 1"]
--- no_error_log
[alert]



=== TEST 3: a connection that the provider closes is replaced
--- http_config eval: main::provider("keepalive_timeout 0;")
--- pipelined_requests eval
["POST /chat\n{\"prompt\":\"a\"}", "POST /chat\n{\"prompt\":\"b\"}"]
--- response_body eval
["request 1", "request 1"]
--- no_error_log
[error]
