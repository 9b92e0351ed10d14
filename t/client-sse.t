# Plain server-sent events.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::client_protocol("sse", request => AIStream::prompt());

run_tests();

__DATA__

=== TEST 1: a stream has a chunk for each delta, then [DONE]
--- tcp_reply eval
AIStream::chunked(AIStream::delta("Hel\n"), AIStream::delta("lo"), AIStream::ending())
--- response_headers
Content-Type: text/event-stream; charset=utf-8
X-Vercel-AI-Data-Stream:
--- response_body eval
qq{data: {"chunk":"Hel\\u000a"}\n\ndata: {"chunk":"lo"}\n\ndata: [DONE]\n\n}
--- no_error_log
[error]



=== TEST 2: sse=NAME sets the field's name
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol sse=content;
        }
--- tcp_reply eval
AIStream::says("x")
--- response_body eval
qq{data: {"content":"x"}\n\ndata: [DONE]\n\n}
--- no_error_log
[error]



=== TEST 3: the request chooses the protocol where the location has auto
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol auto;
        }
--- more_headers
X-Aistream-Protocol: sse
--- tcp_reply eval
AIStream::says("x")
--- response_body eval
qq{data: {"chunk":"x"}\n\ndata: [DONE]\n\n}
--- no_error_log
[error]



=== TEST 4: the request cannot change the protocol that the location sets
--- request
POST /chat?protocol=text
{"prompt":"a"}
--- tcp_reply eval
AIStream::says("x")
--- response_body eval
qq{data: {"chunk":"x"}\n\ndata: [DONE]\n\n}
--- no_error_log
[error]



=== TEST 5: an error after the first delta is an event before [DONE]
--- tcp_reply eval
AIStream::chunked(AIStream::delta("x"))
--- response_body eval
qq{data: {"chunk":"x"}\n\ndata: {"error":{"code":"provider_truncated","message":"The AI provider's answer was cut short.","retryable":true}}\n\ndata: [DONE]\n\n}
--- error_log
sent an incomplete response



=== TEST 6: heartbeats are comments
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol sse;
            aistream_heartbeat 100ms;
            aistream_idle_timeout 250ms;
        }
--- tcp_no_close
--- tcp_reply eval
AIStream::raw(AIStream::delta("x"))
--- response_body_like eval
qr/\Adata: \{"chunk":"x"\}\n\n(: heartbeat\n\n)+data: \{"error":\{"code":"provider_timeout",.*\}\}\n\ndata: \[DONE\]\n\n\z/
--- error_log
timed out, idle timeout



=== TEST 7: reasoning, usage and the finish reason are left out
--- tcp_reply eval
AIStream::chunked(qq{data: {"choices":[{"delta":{"reasoning":"hm"}}]}\n\n}, AIStream::delta("x"), AIStream::ending())
--- response_body eval
qq{data: {"chunk":"x"}\n\ndata: [DONE]\n\n}
--- no_error_log
[error]
