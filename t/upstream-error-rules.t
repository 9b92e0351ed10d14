# What a provider's error means: its status, its codes and its words together,
# and what follows.  t/unit has the words of many services.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# a first target that fails, and a second one that answers "Hi"

my $second = <<'EOF';
    upstream second {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=second.test tls=off;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        location / { aistream_mock openai text=Hi; }
    }
EOF

sub dialect {
    my ($dialect, @directives) = @_;

    my $http = AIStream::http($second, "", $dialect);
    my $more = join "", map { "        $_\n" } @directives;

    $http =~ s/(aistream_key sk-test[^\n]*\n)/$1$more/;

    return $http;
}

AIStream::defaults(
    http_config => dialect("openai"),
    config => AIStream::location("aistream_protocol json;",
                                 "access_log logs/access.log aistream;"),
    request => AIStream::prompt());

# neither the key nor the provider's own words get to the client

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value("response_body_unlike", "secret-marker|sk-test")
        unless defined $block->must_die;
});

run_tests();

__DATA__

=== TEST 1: anthropic without credit is provider_auth
--- http_config eval: main::dialect("anthropic")
--- tcp_reply eval
AIStream::status(400, '{"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}}')
--- error_code: 502
--- response_body_like: "code":"provider_auth".*"retryable":false
--- error_log
failed with 400, provider_auth: "Your credit balance is too low



=== TEST 2: anthropic without credit moves to the next target
--- http_config eval: main::dialect("anthropic")
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::status(400, '{"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}}')
--- response_body_like: "Hi"
--- access_log eval
qr/^200 second m \S+ 2 stop - \d+\/\d+ \[400 : 200\]$/
--- error_log
failed with 400, provider_auth



=== TEST 3: no credit as the first event of a 200 moves to the next target
--- http_config eval: main::dialect("anthropic")
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::chunked(qq(event: error\ndata: {"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}\n\n))
--- response_body_like: "Hi"
--- access_log eval
qr/^200 second m \S+ 2 /
--- error_log
failed with 200, provider_auth



=== TEST 4: a wrong key that is a 400 is provider_auth
--- tcp_reply eval
AIStream::status(400, '{"code": "invalid-argument", "error": "Incorrect API key provided: xa***ab. You can obtain an API key from https://console.x.ai."}')
--- error_code: 502
--- response_body_like: "code":"provider_auth"
--- error_log
failed with 400, provider_auth



=== TEST 5: a wrong key that is a 400 moves to the next target
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::status(400, '{"code": "invalid-argument", "error": "Incorrect API key provided: xa***ab. You can obtain an API key from https://console.x.ai."}')
--- response_body_like: "Hi"
--- error_log
failed with 400, provider_auth



=== TEST 6: an error in an array moves to the next target
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::status(400, '[{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.", "status": "INVALID_ARGUMENT", "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]}}]')
--- response_body_like: "Hi"
--- error_log
failed with 400, provider_auth: "API key not valid



=== TEST 7: an error in an array inside a 200 is found
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::chunked(qq(data: [{"error":{"code":429,"message":"secret-marker","status":"RESOURCE_EXHAUSTED"}}]\n\n))
--- response_body_like: "Hi"
--- error_log
failed with 200, rate_limit: "secret-marker"



=== TEST 8: an error without an envelope inside a 200 is found
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::chunked(qq(data: {"object":"error","message":"secret-marker","type":"BadRequestError","code":503}\n\n))
--- response_body_like: "Hi"
--- error_log
failed with 200, overloaded: "secret-marker"



=== TEST 9: an error in "detail" inside a 200 is found
--- tcp_reply eval
AIStream::chunked(qq(data: {"detail":"Invalid API Key"}\n\n))
--- error_code: 502
--- response_body_like: "code":"provider_auth"
--- error_log
failed with 200, provider_auth: "Invalid API Key"



=== TEST 10: an error without a type is found in a dialect whose events have one
--- http_config eval: main::dialect("anthropic")
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::chunked(qq(data: {"error":{"message":"secret-marker","code":529}}\n\n))
--- response_body_like: "Hi"
--- error_log
failed with 200, overloaded: "secret-marker"



=== TEST 11: overloaded_error as the first event is a 503
--- http_config eval: main::dialect("anthropic")
--- tcp_reply eval
AIStream::chunked(qq(event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n))
--- error_code: 503
--- response_body_like: "code":"overloaded"
--- error_log
failed with 200, overloaded



=== TEST 12: overloaded_error as the first event moves to the next target
--- http_config eval: main::dialect("anthropic")
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::chunked(qq(event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n))
--- response_body_like: "Hi"
--- error_log
failed with 200, overloaded



=== TEST 13: an error after the first delta is sent, and nothing is retried
--- http_config eval: main::dialect("anthropic")
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::chunked(qq(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}\n\n), qq(event: error\ndata: {"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}\n\n))
--- error_code: 502
--- response_body_like: "code":"provider_auth"
--- access_log eval
qr/^502 provider m-1 \S+ 1 \S+ provider_auth /
--- error_log
failed with 200, provider_auth



=== TEST 14: a 503 is overloaded, whatever the type in its body
--- http_config eval: main::dialect("anthropic")
--- tcp_reply eval
AIStream::status(503, '{"type":"error","error":{"type":"api_error","message":"x"}}')
--- error_code: 503
--- response_body_like: "code":"overloaded"
--- error_log
failed with 503, overloaded



=== TEST 15: Ollama's text for a conversation that is too long is known
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::status(400, '{"error": {"message": "prompt too long; exceeded max context length by 100918 tokens", "type": "invalid_request_error", "param": null, "code": null}}')
--- response_body_like: "Hi"
--- error_log
failed with 400, context_length_exceeded



=== TEST 16: OpenRouter's text for a conversation that is too long is known
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::status(400, '{"error": {"message": "Input length 131393 exceeds the maximum allowed input length of 131040 tokens.", "code": 400}}')
--- response_body_like: "Hi"
--- error_log
failed with 400, context_length_exceeded



=== TEST 17: too large a max_tokens is invalid_request
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::status(400, '{"error":{"message":"max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided 100000.","type":"invalid_request_error","code":"invalid_value"}}')
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- access_log eval
qr/^400 provider m-1 \S+ 1 /
--- error_log
failed with 400, invalid_request



=== TEST 18: insufficient_quota is not retried
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_retry attempts=3 backoff=1ms;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::status(429, '{"error":{"message":"secret-marker","type":"insufficient_quota","code":"insufficient_quota"}}')
--- error_code: 502
--- response_body_like: "code":"provider_auth"
--- access_log eval
qr/^502 provider m-1 \S+ 1 /
--- error_log
failed with 429, provider_auth



=== TEST 19: an error that is plain text is logged
--- tcp_reply eval
AIStream::status(400, 'prompt is too long')
--- error_code: 400
--- response_body_like: "code":"context_length_exceeded"
--- error_log
failed with 400, context_length_exceeded: "prompt is too long"



=== TEST 20: an error whose body is truncated is read
--- tcp_reply eval
AIStream::status(400, '{"detail":"prompt is too long","input":"' . "x " x 20000 . '"}')
--- error_code: 400
--- response_body_like: "code":"context_length_exceeded"
--- error_log
failed with 400, context_length_exceeded



=== TEST 21: aistream_error precedes the built-in rules
--- http_config eval
main::dialect("openai", 'aistream_error overloaded "THE gpu is melting";', 'aistream_error rate_limit status=400 slots;')
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::status(400, '{"error":"The GPU is melting (401)"}')
--- response_body_like: "Hi"
--- error_log
failed with 400, overloaded: "The GPU is melting (401)"



=== TEST 22: a rule with a status applies to that status
--- http_config eval: main::dialect("openai", 'aistream_error rate_limit status=400 slots;')
--- tcp_reply eval
AIStream::status(400, '{"error":"no free Slots"}')
--- error_code: 429
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 400, rate_limit



=== TEST 23: a rule with another status does not apply
--- http_config eval: main::dialect("openai", 'aistream_error rate_limit status=400 slots;')
--- tcp_reply eval
AIStream::status(422, '{"error":"no free Slots"}')
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- error_log
failed with 422, invalid_request



=== TEST 24: a rule applies to errors inside a 200, too
--- http_config eval: main::dialect("openai", 'aistream_error context_length_exceeded "api key";')
--- config
    location /chat {
        aistream_pass provider:m-1 second:m;
        aistream_protocol json;
        access_log logs/access.log aistream;
    }
--- tcp_reply eval
AIStream::chunked(qq(data: {"error":{"message":"Invalid API Key","code":401}}\n\n))
--- response_body_like: "Hi"
--- error_log
failed with 200, context_length_exceeded



=== TEST 25: an unknown code is rejected
--- http_config eval: main::dialect("openai", 'aistream_error busy "x";')
--- no_provider
--- must_die
--- error_log
unknown error code "busy"



=== TEST 26: a status that is not an error's is rejected
--- http_config eval: main::dialect("openai", 'aistream_error overloaded status=302 "x";')
--- no_provider
--- must_die
--- error_log
invalid parameter "status=302"



=== TEST 27: a status without a text is rejected
--- http_config eval: main::dialect("openai", 'aistream_error overloaded status=500;')
--- no_provider
--- must_die
--- error_log
"aistream_error" directive has no text



=== TEST 28: an empty text is rejected
--- http_config eval: main::dialect("openai", 'aistream_error overloaded "";')
--- no_provider
--- must_die
--- error_log
"aistream_error" directive has an empty text



=== TEST 29: Retry-After may be a date
--- tcp_reply eval
use POSIX ();
AIStream::status(429, '{"error": {"message": "x"}}', "Retry-After: " . POSIX::strftime("%a, %d %b %Y %H:%M:%S GMT", gmtime(time + 3000)))
--- error_code: 429
--- response_headers_like
Retry-After: (2[89]\d\d|3000)
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit



=== TEST 30: a Retry-After in the past is ignored
--- tcp_reply eval
AIStream::status(429, '{}', "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT")
--- error_code: 429
--- response_headers
Retry-After: 1
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit



=== TEST 31: a fractional Retry-After is rounded up
--- tcp_reply eval
AIStream::status(429, '{}', "Retry-After: 7.2")
--- error_code: 429
--- response_headers
Retry-After: 8
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit



=== TEST 32: an invalid Retry-After is ignored
--- tcp_reply eval
AIStream::status(429, '{}', "Retry-After: 7 seconds, please")
--- error_code: 429
--- response_headers
Retry-After: 1
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit



=== TEST 33: an invalid Retry-After-Ms leaves Retry-After valid
--- tcp_reply eval
AIStream::status(429, '{}', "Retry-After: 7", "Retry-After-Ms: soon")
--- error_code: 429
--- response_headers
Retry-After: 7
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit



=== TEST 34: Gemini's RetryInfo is Retry-After
--- http_config eval: main::dialect("gemini")
--- tcp_reply eval
AIStream::status(429, '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"x","details":[{"@type":"type.googleapis.com/google.rpc.Help"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"13.5s"}]}}')
--- error_code: 429
--- response_headers
Retry-After: 14
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit



=== TEST 35: Retry-After precedes RetryInfo
--- http_config eval: main::dialect("gemini")
--- tcp_reply eval
AIStream::status(429, '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"x","details":[{"@type":"type.googleapis.com/google.rpc.Help"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"13.5s"}]}}', "Retry-After: 2")
--- error_code: 429
--- response_headers
Retry-After: 2
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit



=== TEST 36: RetryInfo inside a 200 is Retry-After
--- http_config eval: main::dialect("gemini")
--- tcp_reply eval
AIStream::chunked(qq(data: {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"x","details":[{"\@type":"type.googleapis.com/google.rpc.Help"},{"\@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"13.5s"}]}}\n\n))
--- error_code: 429
--- response_headers
Retry-After: 14
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 200, rate_limit



=== TEST 37: an invalid RetryInfo is ignored
--- http_config eval: main::dialect("gemini")
--- tcp_reply eval
AIStream::status(429, '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"-3s"},{"retryDelay":[]},5]}}')
--- error_code: 429
--- response_headers
Retry-After: 1
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit
