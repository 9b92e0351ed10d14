# Events that only keep a connection alive: skipped in every dialect and where
# events are passed on, and silence for the timeouts.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# an answer with all of them before each of its events, and after the last

sub between {
    my ($dialect) = @_;

    my @events = split /(?<=\n\n)|(?<=\r\n\r\n)/,
        AIStream::answer($dialect, "Hi");

    return AIStream::raw(map({ AIStream::keepalives(), $_ } @events),
                         AIStream::keepalives());
}

# public services, whose events are passed on, one of them slow

our $public = <<'EOF';
    aistream_retry attempts=1;
    aistream_breaker off;

    upstream own {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai tls=off;
        aistream_key sk-test;
    }

    upstream claude {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider anthropic tls=off;
        aistream_key sk-test;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;

        location /own/ {
            aistream_mock openai delay=30ms file=$document_root/events;
        }

        location /claude/ {
            aistream_mock anthropic delay=30ms file=$document_root/events;
        }
    }

    upstream slow_own {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai tls=off base=/own;
        aistream_key sk-test;
    }

    upstream slow_claude {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider anthropic tls=off base=/claude;
        aistream_key sk-test;
    }
EOF

AIStream::defaults(
    http_config => AIStream::http(),
    config => AIStream::location("aistream_protocol ndjson;"),
    request => AIStream::prompt());

AIStream::passthrough();

run_tests();

__DATA__

=== TEST 1: openai: keep-alive events are ignored
--- tcp_reply eval
::between("openai")
--- response_body_like: \A\{"type":"text","text":"Hi"\}\n\{"type":"finish","finishReason":"stop","usage":\{"inputTokens":9,"outputTokens":2\}\}\n\z
--- no_error_log
[error]



=== TEST 2: responses: keep-alive events are ignored
--- http_config eval
AIStream::http("", "", "responses")
--- tcp_reply eval
::between("responses")
--- response_body_like: \A\{"type":"text","text":"Hi"\}\n\{"type":"finish","finishReason":"stop","usage":\{"inputTokens":9,"outputTokens":2\}\}\n\z
--- no_error_log
[error]



=== TEST 3: anthropic: keep-alive events are ignored
--- http_config eval
AIStream::http("", "", "anthropic")
--- tcp_reply eval
::between("anthropic")
--- response_body_like: \A\{"type":"text","text":"Hi"\}\n\{"type":"finish","finishReason":"stop","usage":\{"inputTokens":9,"outputTokens":2\}\}\n\z
--- no_error_log
[error]



=== TEST 4: gemini: keep-alive events are ignored
--- http_config eval
AIStream::http("", "", "gemini")
--- tcp_reply eval
::between("gemini")
--- response_body_like: \A\{"type":"text","text":"Hi"\}\n\{"type":"finish","finishReason":"stop","usage":\{"inputTokens":9,"outputTokens":2\}\}\n\z
--- no_error_log
[error]



=== TEST 5: [DONE] may have blanks around it
--- tcp_reply eval
AIStream::raw(AIStream::delta("Hi"), AIStream::finish(), "data:\t [DONE] \t\n\n")
--- response_body_like: "text":"Hi"\}\n\{"type":"finish","finishReason":"stop"
--- no_error_log
[error]



=== TEST 6: [DONE] is ignored in other dialects
--- http_config eval
AIStream::http("", "", "gemini")
--- tcp_reply eval
AIStream::raw(AIStream::answer("gemini", "Hi"), "data: [DONE] \n\n")
--- response_body_like: "text":"Hi"\}\n\{"type":"finish","finishReason":"stop"
--- no_error_log
[error]



=== TEST 7: keep-alive events before the first token leave the status open
--- tcp_reply eval
AIStream::raw(AIStream::keepalives(), qq{data: {"error":{"message":"no","code":429}}\n\n})
--- error_code: 429
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 200, rate_limit



=== TEST 8: an answer of only keep-alive events is truncated
--- tcp_reply eval
AIStream::raw(AIStream::keepalives())
--- error_code: 502
--- response_body_like: "code":"provider_truncated"
--- error_log
sent an incomplete response



=== TEST 9: another event that is not JSON is an error
--- tcp_reply eval
AIStream::raw(AIStream::delta("Hi"), "data: hello\n\n", AIStream::ending())
--- response_body_like: "text":"Hi"\}\n\{"type":"error","error":\{"code":"provider_error"
--- error_log
sent an invalid event



=== TEST 10: an event that begins like a keep-alive is an error
--- tcp_reply eval
AIStream::raw(AIStream::delta("Hi"), "data: null,\n\n", AIStream::ending())
--- response_body_like: "text":"Hi"\}\n\{"type":"error","error":\{"code":"provider_error"
--- error_log
sent an invalid event



=== TEST 11: an error event with empty data is an error
--- tcp_reply eval
AIStream::raw(AIStream::delta("Hi"), "event: error\ndata:\n\n", AIStream::ending())
--- response_body_like: "text":"Hi"\}\n\{"type":"error","error":\{"code":"provider_error"
--- error_log
failed with 200, provider_error



=== TEST 12: anthropic: an error event with empty data is an error
--- http_config eval
AIStream::http("", "", "anthropic")
--- tcp_reply eval
AIStream::raw("event: error\ndata: {}\n\n", AIStream::answer("anthropic", "Hi"))
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 200, provider_error



=== TEST 13: anthropic: an event without a type is read by its name
--- http_config eval
AIStream::http("", "", "anthropic")
--- tcp_reply eval
AIStream::raw(qq{event: content_block_delta\ndata: {"index":0,"delta":{"type":"text_delta","text":"A"}}\n\n}, qq{event: usage_report\ndata: {"x":1}\n\n}, AIStream::answer("anthropic", "B"))
--- response_body_like: "text":"A"\}\n\{"type":"text","text":"B"\}\n\{"type":"finish","finishReason":"stop"
--- no_error_log
[error]



=== TEST 14: openai: keep-alive events are left out where events are passed on
--- passthrough
--- http_config eval: $::public
--- config
    location /chat { aistream_pass own:m; aistream_protocol openai; }
--- request
POST /chat
{"prompt":"a","stream":true}
--- tcp_reply eval
AIStream::raw(AIStream::delta("Hi"), AIStream::keepalives(), AIStream::finish(), "data: [DONE] \n\n")
--- response_body eval
AIStream::delta("Hi") . AIStream::finish() . AIStream::done()
--- no_error_log
[error]



=== TEST 15: anthropic: only pings are kept where events are passed on
--- passthrough
--- http_config eval: $::public
--- config
    location /chat { aistream_pass claude:m; aistream_protocol anthropic; }
--- request
POST /chat
{"prompt":"a","stream":true}
--- tcp_reply eval
AIStream::raw("event: ping\ndata: {\"type\": \"ping\"}\n\n", AIStream::keepalives(), AIStream::answer("anthropic", "Hi"))
--- response_body eval
"event: ping\ndata: {\"type\": \"ping\"}\n\n" . AIStream::answer("anthropic", "Hi")
--- no_error_log
[error]



=== TEST 16: keep-alive events do not extend the idle timeout
--- http_config eval: $::public
--- config
    location /chat {
        aistream_pass slow_own:m;
        aistream_protocol ndjson;
        aistream_idle_timeout 300ms;
    }
--- user_files eval
">>> events\n" . AIStream::delta("Hi") . CORE::join("", AIStream::keepalives()) x 3 . AIStream::delta("B") . AIStream::ending()
--- response_body_like: "text":"Hi"\}\n\{"type":"error","error":\{"code":"provider_timeout"
--- error_log
timed out, idle timeout



=== TEST 17: keep-alive events do not extend the idle timeout where events are passed on
--- http_config eval: $::public
--- config
    location /chat {
        aistream_pass slow_own:m;
        aistream_protocol openai;
        aistream_idle_timeout 300ms;
    }
--- request
POST /chat
{"prompt":"a","stream":true}
--- user_files eval
">>> events\n" . AIStream::delta("Hi") . CORE::join("", AIStream::keepalives()) x 3 . AIStream::delta("B") . AIStream::ending()
--- response_body_like: "content":"Hi".*\n\ndata: \{"error":\{"message":"The AI provider did not answer in time\."
--- error_log
timed out, idle timeout



=== TEST 18: anthropic: pings are passed on, and do not extend the idle timeout
--- passthrough
--- http_config eval: $::public
--- config
    location /chat {
        aistream_pass slow_claude:m;
        aistream_protocol anthropic;
        aistream_idle_timeout 300ms;
    }
--- request
POST /chat
{"prompt":"a","stream":true}
--- user_files eval
my @events = split /(?<=\n\n)/, AIStream::answer("anthropic", "Hi");
">>> events\n" . $events[0] . $events[1] . "event: ping\ndata: {\"type\":\"ping\"}\n\n" x 60 . $events[2] . $events[3]
--- response_body_like: "text":"Hi"(.|\n)*event: ping(.|\n)*event: error\ndata: .*did not answer in time
--- error_log
timed out, idle timeout



=== TEST 19: an answer that ends inside a field's name is truncated
--- tcp_reply eval
AIStream::raw(AIStream::delta("Hi"), "dat")
--- response_body_like: "text":"Hi"\}\n\{"type":"error","error":\{"code":"provider_truncated"
--- error_log
sent an incomplete response



=== TEST 20: an answer that ends after a field's name is truncated before the first token
--- tcp_reply eval
AIStream::raw("event: x\ndata")
--- error_code: 502
--- response_body_like: "code":"provider_truncated"
--- error_log
sent an incomplete response



=== TEST 21: a finished answer that ends inside a field's name is complete
--- http_config eval
AIStream::http("", "", "gemini")
--- tcp_reply eval
AIStream::raw(AIStream::answer("gemini", "Hi"), "d")
--- response_body_like: "text":"Hi"\}\n\{"type":"finish","finishReason":"stop"
--- no_error_log
[error]



=== TEST 22: a last line that is not a field's name is an error's text
--- tcp_reply eval
AIStream::raw(AIStream::delta("Hi"), "{\"error\": ")
--- response_body_like: "text":"Hi"\}\n\{"type":"error","error":\{"code":"provider_error"
--- error_log
ended its answer with data that is not an event
