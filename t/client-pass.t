# A client of the provider's own dialect gets the provider's own events, if it
# is the public service's.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

my $http = <<'EOF';
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

    upstream like {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai host=like.test tls=off;
    }

    upstream failing {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai tls=off;
        aistream_key sk-test;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        location / {
            aistream_mock openai file=$document_root/failing.sse;
        }
    }
EOF

my $config = <<'EOF';
        location /own { aistream_pass own:m; aistream_protocol openai; }
        location /claude { aistream_pass claude:m; aistream_protocol anthropic; }
        location /like { aistream_pass like:m; aistream_protocol openai; }
        location /next { aistream_pass failing:m own:m; aistream_protocol openai; }
        location /alike { aistream_pass failing:m like:m; aistream_protocol openai; }
        location /data { aistream_pass own:m; aistream_protocol data; }
EOF

my $answer = AIStream::chunked(
    AIStream::Golden::events(AIStream::Golden::input("openai-chat/own")));

AIStream::defaults(
    http_config => $http,
    config => $config,
    tcp_reply => $answer);

AIStream::passthrough();

run_tests();

__DATA__

=== TEST 1: events pass unchanged, without a usage chunk that the client did not ask for
--- passthrough
--- request
POST /own
{"prompt":"a","stream":true}
--- golden: openai-chat/own.to.openai-passed
--- no_error_log
[error]



=== TEST 2: the usage chunk passes if the client asked for it
--- passthrough
--- request
POST /own
{"prompt":"a","stream":true,"stream_options":{"include_usage":true}}
--- golden: openai-chat/own.to.openai-passed-usage
--- no_error_log
[error]



=== TEST 3: events of a compatible service are generated anew
--- request
POST /like
{"prompt":"a","stream":true}
--- golden: openai-chat/own.to.openai
--- no_error_log
[error]



=== TEST 4: events for a client of another dialect are generated anew
--- request
POST /data
{"prompt":"a"}
--- golden: openai-chat/own.to.data
--- no_error_log
[error]



=== TEST 5: an error has our text, not the provider's
--- passthrough
--- request
POST /own
{"prompt":"a","stream":true}
--- tcp_reply eval
AIStream::raw(qq{data: {"id":"own-1","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n}, qq{data: {"error":{"message":"secret-marker","code":"server_error"}}\n\n})
--- response_body_like: \A(?!(?s:.*secret-marker))(?s:.*)"content":"a"\}\}\]\}\n\ndata: \{"error":\{"message":"The AI provider failed\.","type":"server_error","param":null,"code":"provider_error"\}\}\n\ndata: \[DONE\]\n\n\z
--- error_log
secret-marker



=== TEST 6: an error before the first delta has a status
--- request
POST /own
{"prompt":"a","stream":true}
--- tcp_reply eval
AIStream::raw(qq{data: {"id":"own-1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n}, qq{data: {"error":{"message":"no","code":"rate_limit_exceeded"}}\n\n})
--- error_code: 429
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 200, rate_limit



=== TEST 7: events of a failed target are discarded before the next target's
--- passthrough
--- request
POST /next
{"prompt":"a","stream":true}
--- user_files eval
[["failing.sse", qq{data: {"id":"failing-1","choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\ndata: {"error":{"message":"no","code":"rate_limit_exceeded"}}\n\n}]]
--- response_body_like: \A(?!(?s:.*failing-1))data: \{"id":"own-1"
--- error_log
failed with 200, rate_limit



=== TEST 8: a truncated answer ends with an error event
--- passthrough
--- request
POST /own
{"prompt":"a","stream":true}
--- tcp_reply eval
AIStream::raw(qq{data: {"id":"own-1","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n})
--- response_body_like: "content":"a"\}\}\]\}\n\ndata: \{"error":\{"message":"[^"]+","type":"server_error","param":null,"code":"provider_truncated"\}\}\n\ndata: \[DONE\]\n\n\z
--- error_log
sent an incomplete response



=== TEST 9: an event with several data lines stays one event
--- passthrough
--- request
POST /own
{"prompt":"a","stream":true}
--- tcp_reply eval
AIStream::raw(qq{data: {"choices":[{"index":0,\ndata: "delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n})
--- response_body eval
qq{data: {"choices":[{"index":0,\ndata: "delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n}
--- no_error_log
[error]



=== TEST 10: Anthropic's events pass with their names
--- passthrough
--- request
POST /claude
{"messages":[{"role":"user","content":"a"}],"stream":true}
--- tcp_reply eval
AIStream::raw(AIStream::recording("anthropic/tool-no-args.sse"))
--- response_body eval
AIStream::recording("anthropic/tool-no-args.sse")
--- no_error_log
[error]



=== TEST 11: an overload before the first delta has a status
--- request
POST /claude
{"messages":[{"role":"user","content":"a"}],"stream":true}
--- tcp_reply eval
AIStream::raw(AIStream::recording("anthropic/error-first-event.sse"))
--- error_code: 503
--- response_body_like: \{"type":"error","error":\{"type":"overloaded_error"
--- error_log
failed with 200, overloaded



=== TEST 12: discarded events leave the next target's generated events whole
--- request
POST /alike
{"prompt":"a","stream":true}
--- user_files eval
[["failing.sse", qq{data: {"id":"failing-1","choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\ndata: {"error":{"message":"no","code":"rate_limit_exceeded"}}\n\n}]]
--- response_body_like: \A(data: \{"id":"chatcmpl-[^\n]+\n\n){3}data: \[DONE\]\n\n\z
--- error_log
failed with 200, rate_limit



=== TEST 13: events that differ only in their text pass unchanged, as do all others
--- passthrough
--- request
POST /own
{"prompt":"a","stream":true}
--- tcp_reply eval
AIStream::chunked(
    CORE::join("", map {
        qq~data: {"id":"own-1","choices":[{"index":0,"delta":{"content":$_}}],"obfuscation":"~
        . "x" x length($_) . qq~"}\n\n~
    } '"a"', '"bc"', '"d\\n"', '"\\ud83d\\ude00"', "\"\xc3\xa9\"", '"\"}}]}"', '["no"]'),
    qq~data: {"id":"own-2","choices":[{"index":0,"delta":{"content":"e"}}],"obfuscation":"x"}\n\n~,
    qq~data: {"id":"own-2","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n~,
    "data: [DONE]\n\n")
--- response_body eval
CORE::join("", map {
        qq~data: {"id":"own-1","choices":[{"index":0,"delta":{"content":$_}}],"obfuscation":"~
        . "x" x length($_) . qq~"}\n\n~
    } '"a"', '"bc"', '"d\\n"', '"\\ud83d\\ude00"', "\"\xc3\xa9\"", '"\"}}]}"', '["no"]')
    . qq~data: {"id":"own-2","choices":[{"index":0,"delta":{"content":"e"}}],"obfuscation":"x"}\n\n~
    . qq~data: {"id":"own-2","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n~
    . "data: [DONE]\n\n"
--- no_error_log
[error]



=== TEST 14: chunks without choices are left out
--- passthrough
--- request
POST /own
{"prompt":"a","stream":true}
--- golden: openai-chat/no-choices.to.openai-passed
--- no_error_log
[error]



=== TEST 15: invalid JSON inside a string ends the answer with an error
--- passthrough
--- request
POST /own
{"prompt":"a","stream":true}
--- tcp_reply eval
AIStream::raw(qq{data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\ndata: {"id":"\tb","choices":[{"index":0,"delta":{"content":"b"}}]}\n\ndata: [DONE]\n\n})
--- response_body_like: \Adata: [^\n]+"content":"a"\}\}\]\}\n\ndata: \{"error":\{[^\n]+\n\ndata: \[DONE\]\n\n\z
--- error_log
sent an invalid event



=== TEST 16: invalid UTF-8 ends the answer with an error, with Anthropic, too
--- passthrough
--- request
POST /claude
{"messages":[{"role":"user","content":"a"}],"stream":true}
--- tcp_reply eval
AIStream::raw(qq{event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}\n\nevent: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\xff"}}\n\n})
--- response_body_like: \Aevent: content_block_delta\ndata: [^\n]+"text":"a"\}\}\n\nevent: error\ndata: [^\n]+\n\n\z
--- error_log
sent an invalid event



=== TEST 17: an event with a name and no data is an error
--- request
POST /own
{"prompt":"a","stream":true}
--- tcp_reply eval
AIStream::raw("error:\n\n")
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
[error]
