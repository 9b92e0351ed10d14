# The variables in the log, for each way in which a request can end.  A client
# that leaves while connecting is in t/clients/status-load.mjs.
#
# Test::Nginx does not read the access log of a block with "ignore_response":
# such a block writes its line to the error log.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

our $http = <<'EOF';
    log_format all '$status $aistream_provider:$aistream_model '
        '$aistream_protocol attempts=$aistream_attempts '
        'first=$aistream_first_token_time '
        'tokens=$aistream_input_tokens/$aistream_output_tokens/'
        '$aistream_cached_tokens/$aistream_reasoning_tokens '
        'finish=$aistream_finish_reason error=$aistream_error '
        'left=$aistream_abort_phase cost=$aistream_cost';

    log_format charged 'tokens=$aistream_input_tokens/$aistream_output_tokens '
        'estimated=$aistream_tokens_estimated cost=$aistream_cost '
        'error=$aistream_error';

    access_log logs/access.log all;

    aistream_retry attempts=1;
    aistream_breaker off;

    aistream_price m      input=0.15 output=0.60 cached=0.075;
    aistream_price whole  input=1000000 output=1000000;
    aistream_price free   input=0 output=0;
EOF

our $replies = <<'EOF';
    upstream replies {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai host=replies.test tls=off;
    }
EOF

our $mocks = <<'EOF';
    upstream ok {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=mock.test tls=off base=/ok;
    }

    upstream silent {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=mock.test tls=off base=/silent;
    }

    upstream fails {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=mock.test tls=off base=/fails;
    }

    upstream nokey {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=mock.test tls=off;
        aistream_key $arg_none;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        access_log off;

        location /ok { aistream_mock openai "text=one two"; }
        location /silent { aistream_mock openai delay=9s; }
        location /fails { aistream_mock openai status=503; }
    }
EOF

sub usage {
    my ($usage) = @_;

    return AIStream::chunked(AIStream::delta("hi"), AIStream::finish(),
        "data: {\"id\":\"c1\",\"choices\":[],\"usage\":$usage}\n\n",
        AIStream::done());
}

add_block_preprocessor(sub {
    my ($block) = @_;

    my $replies = defined $block->tcp_reply;

    # a request is logged when its client has the answer

    $block->set_value("wait", 0.1) unless defined $block->wait;

    $block->set_value("http_config", $::http . ($replies ? $::replies
                                                         : $::mocks))
        unless defined $block->http_config;

    $block->set_value("tcp_listen", '$TEST_NGINX_RAND_PORT_1') if $replies;

    $block->set_value("config", <<'EOF') unless defined $block->config;
        location /chat { aistream_pass replies:m; }
EOF

    $block->set_value("request", "POST /chat\n{\"prompt\":\"a\"}")
        unless defined $block->request;
});

run_tests();

__DATA__

=== TEST 1: a success has all counts
--- tcp_reply eval
main::usage('{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050,"prompt_tokens_details":{"cached_tokens":400},"completion_tokens_details":{"reasoning_tokens":30}}')
--- response_body_like: 0:"hi"
--- access_log eval
qr{^200 replies:m data attempts=1 first=\d\.\d{3} tokens=1000/50/400/30 finish=stop error=- left=- cost=0\.00015$}



=== TEST 2: a provider without usage leaves the counts empty
--- tcp_reply eval
AIStream::chunked(AIStream::delta("hi"), AIStream::finish("length"), AIStream::done())
--- response_body_like: 0:"hi"
--- access_log eval
qr{^200 replies:m data attempts=1 first=\d\.\d{3} tokens=-/-/-/- finish=length error=- left=- cost=-$}



=== TEST 3: Gemini's thinking tokens are charged
--- http_config eval
$::http . $::replies =~ s/openai/gemini/r
--- tcp_reply eval
AIStream::chunked("data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hi\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":5,\"thoughtsTokenCount\":20,\"totalTokenCount\":35}}\r\n\r\n")
--- response_body_like: 0:"hi"
--- access_log eval
qr{^200 replies:m data attempts=1 first=\d\.\d{3} tokens=10/5/-/20 finish=stop error=- left=- cost=0\.0000165$}



=== TEST 4: Anthropic's cached tokens are added to its input
--- http_config eval
$::http . $::replies =~ s/openai/anthropic/r
--- tcp_reply eval
AIStream::chunked("data: {\"type\":\"message_start\",\"message\":{\"content\":[],\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":100,\"output_tokens\":1}}}\n\n", "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n", "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n", "data: {\"type\":\"message_stop\"}\n\n")
--- response_body_like: 0:"hi"
--- access_log eval
qr{^200 replies:m data attempts=1 first=\d\.\d{3} tokens=10/2/100/- finish=stop error=- left=- cost=0\.0000102$}



=== TEST 5: a whole cost has no decimals
--- config
    location /chat { aistream_pass replies:whole; }
--- tcp_reply eval
main::usage('{"prompt_tokens":9,"completion_tokens":1}')
--- response_body_like: 0:"hi"
--- access_log eval
qr{^200 replies:whole .* cost=10$}



=== TEST 6: a price of 0 is a cost of 0
--- config
    location /chat { aistream_pass replies:free; aistream_protocol ui; }
--- tcp_reply eval
main::usage('{"prompt_tokens":9,"completion_tokens":1}')
--- response_body_like: text-delta
--- access_log eval
qr{^200 replies:free ui .* cost=0$}



=== TEST 7: a model without a price has no cost
--- config
    location /chat { aistream_pass replies:other; }
--- tcp_reply eval
main::usage('{"prompt_tokens":9,"completion_tokens":1}')
--- response_body_like: 0:"hi"
--- access_log eval
qr{^200 replies:other .* tokens=9/1/-/- .* cost=-$}



=== TEST 8: a fallback has the answering target and all attempts
--- config
    location /chat { aistream_pass fails:first ok:m; }
--- response_body_like: 0:"one"
--- access_log eval
qr{^200 ok:m data attempts=2 first=\d\.\d{3} tokens=\d+/2/0/0 finish=stop error=- left=- cost=0\.\d+$}



=== TEST 9: a request without a target left has the last error
--- config
    location /chat { aistream_pass nokey:first fails:m; }
--- error_code: 503
--- access_log eval
qr{^503 fails:m data attempts=2 first=- tokens=-/-/-/- finish=- error=overloaded left=- cost=-$}



=== TEST 10: a provider's error has its code
--- tcp_reply eval
AIStream::status(401, "{}")
--- error_code: 502
--- access_log eval
qr{^502 replies:m data attempts=1 first=- tokens=-/-/-/- finish=- error=provider_auth left=- cost=-$}



=== TEST 11: an error after the first token has a code and a cost
--- tcp_reply eval
AIStream::chunked(AIStream::delta("hi"), "data: {\"error\":{\"message\":\"no\",\"code\":503}}\n\n")
--- response_body_like: 3:"
--- access_log eval
qr{^200 replies:m data attempts=1 first=\d\.\d{3} tokens=1/1/-/- finish=- error=\w+ left=- cost=0.00000075$}



=== TEST 12: a truncated answer has a code and a cost
--- tcp_reply eval
AIStream::raw(AIStream::delta("hi"))
--- response_body_like: 3:"
--- access_log eval
qr{^200 replies:m data attempts=1 first=\d\.\d{3} tokens=1/1/-/- finish=- error=provider_truncated left=- cost=0.00000075$}



=== TEST 13: a first token timeout has its code
--- config
    location /chat {
        aistream_pass silent:m;
        aistream_first_token_timeout 100ms;
    }
--- error_code: 504
--- access_log eval
qr{^504 silent:m data attempts=1 first=- tokens=-/-/-/- finish=- error=provider_timeout left=- cost=-$}



=== TEST 14: a request that is not a chat has no provider
--- config
    location /chat { aistream_pass ok:m; }
--- request
POST /chat
x
--- error_code: 400
--- access_log eval
qr{^400 -:- - attempts=0 first=- tokens=-/-/-/- finish=- error=invalid_request left=- cost=-$}



=== TEST 15: our own errors have their codes
--- config
    location /chat {
        aistream_pass ok:m;
        aistream_model n ok:n;
        aistream_allow_models n;
        client_max_body_size 100;
        limit_except POST PUT { deny all; }
    }
--- pipelined_requests eval
["POST /chat\n{\"prompt\":\"a\",\"model\":\"x\"}", "PUT /chat\n{}", "GET /chat", "POST /chat\n" . "x" x 200]
--- error_code eval
[404, 405, 403, 413]
--- access_log eval
[qr{^404 -:- - attempts=0 .* error=model_not_found left=-}m, qr{^405 -:- - attempts=0 .* error=method_not_allowed left=-}m, qr{^403 -:- - attempts=\S+ .* error=forbidden left=-}m, qr{^413 -:- - attempts=\S+ .* error=payload_too_large left=-}m]



=== TEST 16: a request to another location has no values
--- config
    location /chat {
        aistream_pass ok:m;
        aistream_cors *;
    }
    location /other { return 204; }
--- request
GET /other
--- error_code: 204
--- access_log eval
qr{^204 -:- - attempts=- first=- tokens=-/-/-/- finish=- error=- left=- cost=-$}



=== TEST 17: a client that leaves before the first token has the phase first_token
--- config
    location /chat {
        aistream_pass silent:m;
        access_log logs/error.log all;
    }
--- timeout: 0.3
--- abort
--- ignore_response
--- wait: 0.3
--- error_log eval
qr{^499 silent:m data attempts=1 first=- tokens=-/-/-/- finish=- error=- left=first_token cost=-$}



=== TEST 18: a client that leaves during the stream has the phase stream
--- config
    location /chat {
        aistream_pass replies:m;
        access_log logs/error.log all;
    }
--- tcp_no_close
--- tcp_reply eval
AIStream::raw(AIStream::delta("first"))
--- timeout: 0.5
--- abort
--- ignore_response
--- wait: 0.3
--- error_log eval
qr{^200 replies:m data attempts=1 first=\d\.\d{3} tokens=1/[1-9]\d*/-/- finish=- error=- left=stream cost=0\.00000\d+$}



=== TEST 19: a client that leaves during backoff has the phase backoff
--- config
    location /chat {
        aistream_pass fails:m;
        aistream_retry attempts=2 backoff=5s;
        access_log logs/error.log all;
    }
--- timeout: 0.3
--- abort
--- ignore_response
--- wait: 0.3
--- error_log eval
qr{^499 fails:m data attempts=1 first=- tokens=-/-/-/- finish=- error=- left=backoff cost=-$}



=== TEST 20: tokens of a failed answer are estimated and charged
--- http_config eval
$::http . $::replies
--- config
    location /chat {
        aistream_pass replies:m;
        access_log logs/access.log charged;
    }
--- request eval
"POST /chat\n{\"prompt\":\"" . "q" x 400 . "\"}"
--- tcp_reply eval
AIStream::chunked((AIStream::delta("x" x 100)) x 3, qq(data: {"error":{"code":500}}\n\n))
--- response_body_like: .
--- access_log eval
qr{^tokens=101/75 estimated=1 cost=0\.00006015 error=provider_error$}



=== TEST 21: usage that the provider reported is not estimated
--- http_config eval
$::http . $::replies
--- config
    location /chat {
        aistream_pass replies:m;
        access_log logs/access.log charged;
    }
--- request eval
"POST /chat\n{\"prompt\":\"" . "q" x 400 . "\"}"
--- tcp_reply eval
AIStream::raw(AIStream::delta("x" x 100), AIStream::usage(9, 2), AIStream::delta("y"))
--- response_body_like: .
--- access_log eval
qr{^tokens=9/2 estimated=- cost=0\.00000255 error=provider_truncated$}



=== TEST 22: each delta is estimated as at least one token
--- http_config eval
$::http . $::replies
--- config
    location /chat {
        aistream_pass replies:m;
        access_log logs/access.log charged;
    }
--- request eval
"POST /chat\n{\"prompt\":\"" . "q" x 400 . "\"}"
--- tcp_reply eval
AIStream::raw((AIStream::delta("a")) x 7)
--- response_body_like: .
--- access_log eval
qr{^tokens=101/7 estimated=1 cost=0\.00001935 error=provider_truncated$}



=== TEST 23: tokens of a truncated tool call are estimated
--- http_config eval
$::http . $::replies
--- config
    location /chat {
        aistream_pass replies:m;
        access_log logs/access.log charged;
    }
--- request eval
"POST /chat\n{\"prompt\":\"" . "q" x 400 . "\"}"
--- tcp_reply eval
AIStream::raw(AIStream::choice('"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":""}}]'), AIStream::choice('"tool_calls":[{"index":0,"function":{"arguments":"' . "1" x 80 . '"}}]'))
--- response_body_like: .
--- access_log eval
qr{^tokens=101/20 estimated=1 cost=\S+ error=provider_truncated$}



=== TEST 24: a complete answer without usage is not estimated
--- http_config eval
$::http . $::replies
--- config
    location /chat {
        aistream_pass replies:m;
        access_log logs/access.log charged;
    }
--- request eval
"POST /chat\n{\"prompt\":\"" . "q" x 400 . "\"}"
--- tcp_reply eval
AIStream::chunked(AIStream::delta("x" x 100), AIStream::finish(), AIStream::done())
--- response_body_like: .
--- access_log eval
qr{^tokens=-/- estimated=- cost=- error=-$}



=== TEST 25: Anthropic's first count is replaced by an estimate
--- http_config eval
$::http . $::replies =~ s/openai host/anthropic host/r
--- config
    location /chat {
        aistream_pass replies:m;
        access_log logs/access.log charged;
    }
--- request eval
"POST /chat\n{\"prompt\":\"" . "q" x 400 . "\"}"
--- tcp_reply eval
AIStream::raw(qq(data: {"type":"message_start","message":{"content":[],"usage":{"input_tokens":9,"output_tokens":1}}}\n\n), (qq(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"abcdefgh"}}\n\n)) x 5)
--- response_body_like: .
--- access_log eval
qr{^tokens=9/10 estimated=1 cost=\S+ error=provider_truncated$}



=== TEST 26: the header of a whole answer has the final values
--- config
    location /chat {
        aistream_pass replies:whole;
        aistream_protocol json;
        add_header X-End "$aistream_input_tokens/$aistream_output_tokens $aistream_finish_reason $aistream_cost";
    }
--- tcp_reply eval
main::usage('{"prompt_tokens":9,"completion_tokens":1}')
--- response_body_like: "content":"hi"
--- response_headers
X-End: 9/1 stop 10



=== TEST 27: the version is known everywhere
--- http_config
--- config
    location /version {
        return 200 "$aistream_version\n";
    }
--- request
GET /version
--- response_body_like: ^0\.2\.0(\+git\d{14}\.\w+(\.m\d{14})?)?$
