# A target that keeps failing rests, and one request at a time probes it.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();
master_on();
workers(2);

my $http = <<'EOF';
    upstream first {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=first.test tls=off;
        aistream_header X-Ok $arg_ok;
    }

    upstream second {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=second.test tls=off;
        aistream_header X-Ok 1;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;

        location / {
            if ($http_x_ok = "") {
                return 500;
            }

            if ($http_x_ok = "bad") {
                return 400;
            }

            if ($http_x_ok = "slow") {
                rewrite ^ /slow last;
            }

            aistream_mock openai "text=hello";
        }

        location /slow {
            aistream_mock openai delay=5s "text=late";
        }
    }

    aistream_retry attempts=1;
    aistream_breaker failures=3 window=10s rest=30s;
EOF

# failures where it rests shortly, then where it would for an hour; /wait takes
# longer than the short rest, since nobody answers there

sub resting {
    my ($target) = @_;

    return <<"EOF";
        location /one {
            aistream_pass $target;
            aistream_breaker failures=1 rest=300ms;
        }

        location /long {
            aistream_pass $target;
            aistream_breaker failures=1 rest=1h;
        }

        location /wait {
            proxy_pass http://127.0.0.1:\$TEST_NGINX_RAND_PORT_3;
            proxy_read_timeout 400ms;
        }
EOF
}

my %silent = (tcp_listen => '$TEST_NGINX_RAND_PORT_3', tcp_no_close => 1,
              tcp_reply_delay => "2s", tcp_reply => "x");

add_block_preprocessor(sub {
    my ($block) = @_;

    return unless ($block->config || "") =~ m{location /wait};

    $block->set_value($_, $silent{$_}) for keys %silent;
});

AIStream::defaults(http_config => $http, config => <<'EOF');
        add_header X-Tries "$aistream_provider $aistream_attempts" always;

        location /one {
            aistream_pass first:m;
        }

        location /two {
            aistream_pass first:m second:m;
            aistream_protocol text;
        }

        location /other {
            aistream_pass first:other;
            aistream_protocol text;
        }
EOF

run_tests();

__DATA__

=== TEST 1: requests after the last counted failure are answered 503 at once
--- pipelined_requests eval
[("POST /one\n{\"prompt\":\"a\"}") x 4]
--- error_code eval
[502, 502, 502, 503]
--- response_headers eval
[("X-Tries: first 1") x 3, "X-Tries: first 0\nRetry-After: 30"]
--- response_body_like eval
["provider_error", "provider_error", "provider_error", "overloaded"]
--- no_error_log
[alert]



=== TEST 2: the next target is tried at once
--- pipelined_requests eval
[("POST /one\n{\"prompt\":\"a\"}") x 3, "POST /two\n{\"prompt\":\"a\"}"]
--- error_code eval
[502, 502, 502, 200]
--- response_body_like eval
["provider_error", "provider_error", "provider_error", "^hello"]
--- response_headers eval
[("X-Tries: first 1") x 3, "X-Tries: second 1"]
--- no_error_log
[alert]



=== TEST 3: another model of the same provider has a breaker of its own
--- pipelined_requests eval
[("POST /one\n{\"prompt\":\"a\"}") x 3, "POST /other?ok=1\n{\"prompt\":\"a\"}"]
--- error_code eval
[502, 502, 502, 200]
--- no_error_log
[alert]



=== TEST 4: an answer between failures resets the count
--- pipelined_requests eval
["POST /one\n{\"prompt\":\"a\"}", "POST /one\n{\"prompt\":\"a\"}", "POST /one?ok=1\n{\"prompt\":\"a\"}",
 "POST /one\n{\"prompt\":\"a\"}", "POST /one\n{\"prompt\":\"a\"}", "POST /one?ok=1\n{\"prompt\":\"a\"}"]
--- error_code eval
[502, 502, 200, 502, 502, 200]
--- no_error_log
breaker of target



=== TEST 5: a probe after the breaker's time closes it
--- config eval: main::resting("first:m")
--- pipelined_requests eval
["POST /one\n{\"prompt\":\"a\"}", "POST /one?ok=1\n{\"prompt\":\"a\"}", "GET /wait",
 "POST /one?ok=1\n{\"prompt\":\"a\"}", "POST /one?ok=1\n{\"prompt\":\"a\"}"]
--- error_code eval
[502, 503, 504, 200, 200]
--- no_error_log
[alert]



=== TEST 6: a failed probe opens the breaker again
--- config eval: main::resting("first:m")
--- pipelined_requests eval
["POST /one\n{\"prompt\":\"a\"}", "GET /wait", "POST /one\n{\"prompt\":\"a\"}",
 "POST /one?ok=1\n{\"prompt\":\"a\"}"]
--- error_code eval
[502, 504, 502, 503]
--- no_error_log
[alert]



=== TEST 7: "off" disables the breaker
--- config
    location /one {
        aistream_pass first:m;
        aistream_breaker off;
    }
--- pipelined_requests eval
[("POST /one\n{\"prompt\":\"a\"}") x 8]
--- error_code eval
[(502) x 8]
--- no_error_log
breaker of target



=== TEST 8: a probe that the provider rejects as invalid does not extend the breaker
--- config eval: main::resting("first:m")
--- pipelined_requests eval
["POST /one\n{\"prompt\":\"a\"}", "GET /wait", "POST /long?ok=bad\n{\"prompt\":\"a\"}",
 "POST /long?ok=1\n{\"prompt\":\"a\"}"]
--- error_code eval
[502, 504, 400, 200]
--- no_error_log
[alert]



=== TEST 9: a total timeout does not count as a failure
--- http_config
    upstream long {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=long.test tls=off;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;

        location / {
            aistream_mock openai delay=300ms
                          "text=hello 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18";
        }
    }
--- config
    location /one {
        aistream_pass long:m;
        aistream_protocol sse;
        aistream_total_timeout 1500ms;
        aistream_breaker failures=1;
    }
--- timeout: 15
--- pipelined_requests eval
[("POST /one\n{\"prompt\":\"a\"}") x 2]
--- error_code eval
[200, 200]
--- response_body_like eval
[("hello.*provider_timeout") x 2]
--- no_error_log
breaker of target



=== TEST 10: a location overrides "off" of its surrounding location
--- config
    location / {
        aistream_breaker off;

        location /one {
            aistream_pass first:m;
            aistream_breaker rest=20s;
        }
    }
--- pipelined_requests eval
[("POST /one\n{\"prompt\":\"a\"}") x 6]
--- error_code eval
[(502) x 5, 503]
--- no_error_log
[alert]



=== TEST 11: a probe that goes on with another key is still the probe
--- http_config
    upstream pool {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=pool.test tls=off;
        aistream_key limited;
        aistream_key failing;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;

        location / {
            add_header Retry-After 0 always;

            if ($http_authorization ~ limited) {
                return 429;
            }

            return 500;
        }
    }

    aistream_retry attempts=1;
--- config eval: main::resting("pool:m")
--- pipelined_requests eval
["POST /one\n{\"prompt\":\"a\"}", "GET /wait",
 ("POST /long\n{\"prompt\":\"a\"}") x 2]
--- error_code eval
[502, 504, 502, 503]
--- no_error_log
[alert]



=== TEST 12: a probe whose client leaves does not extend the breaker
--- config eval
main::resting("first:m") . <<'EOC'
        location /leave {
            proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/long?ok=slow;
            proxy_read_timeout 400ms;
        }
EOC
--- pipelined_requests eval
["POST /one\n{\"prompt\":\"a\"}", "GET /wait", "POST /leave\n{\"prompt\":\"a\"}",
 "GET /wait", "POST /long?ok=1\n{\"prompt\":\"a\"}"]
--- error_code eval
[502, 504, 504, 504, 200]
--- no_error_log
[alert]



=== TEST 13: failures of requests with a client's URL are not counted
--- pipelined_requests eval
[(qq(POST /one\n{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]})) x 4, "POST /one?ok=1\n{\"prompt\":\"a\"}"]
--- error_code eval
[502, 502, 502, 502, 200]
--- response_body_like eval
[("provider_error") x 4, "hello"]
--- no_error_log
breaker of target



=== TEST 14: failures to connect are counted, also with a client's URL
--- http_config
    upstream none {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_4;
        aistream_provider openai host=none.test tls=off;
    }

    aistream_retry attempts=1;
    aistream_breaker failures=3 window=10s rest=30s;
--- config
        location /one {
            aistream_pass none:m;
        }
--- pipelined_requests eval
[(qq(POST /one\n{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]})) x 4]
--- error_code eval
[502, 502, 502, 503]
--- response_body_like eval
[("provider_unreachable") x 3, "overloaded"]
--- no_error_log
[alert]
