# The AI SDK's data stream, and what all protocols have in common.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::defaults(
    http_config => AIStream::http(),
    config => AIStream::location(),
    request => AIStream::prompt());

run_tests();

__DATA__

=== TEST 1: an answer has the protocol's headers and parts
--- config
        location /chat {
            aistream_pass provider:m;
            gzip on;
            gzip_types *;
            gzip_min_length 0;
        }
--- more_headers
Accept-Encoding: gzip
--- response_headers
Content-Type: text/event-stream; charset=utf-8
X-Vercel-AI-Data-Stream: v1
Cache-Control: no-cache, no-store, must-revalidate
X-Accel-Buffering: no
Content-Encoding:
Content-Length:
Transfer-Encoding: chunked
--- golden: openai-chat/hello.to.data
--- no_error_log
[error]



=== TEST 2: a delta is sent before the provider sends the next
--- raw_request eval
"POST /chat HTTP/1.0\r\nHost: localhost\r\nContent-Length: 14\r\n\r\n{\"prompt\":\"a\"}"
--- tcp_no_close
--- tcp_reply eval
AIStream::raw(AIStream::delta("first"))
--- timeout: 0.5
--- abort
--- response_body_like eval
qr/\Af:.*\n0:"first"\n\z/
--- no_error_log
[error]



=== TEST 3: escapes are passed as the provider sent them
--- tcp_reply eval
AIStream::chunked("data: {\"choices\":[{\"delta\":{\"content\":\"\\u00e9 \\ud83d\\ude00 \\\"q\\\" \\\\ \\/ \\n\"}}]}\n\n", "data: {\"choices\":[{\"delta\":{\"content\":\"\xc3\xa9\"}}]}\n\n", AIStream::ending())
--- response_body_like eval
qr/\n0:"\\u00e9 \\ud83d\\ude00 \\"q\\" \\\\ \\\/ \\n"\n0:"\xc3\xa9"\ne:/
--- no_error_log
[error]



=== TEST 4: reasoning and refusals have parts of their own
--- tcp_reply eval
AIStream::chunked(qq{data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n}, qq{data: {"choices":[{"delta":{"refusal":"no"}}]}\n\n}, AIStream::ending())
--- response_body_like eval
qr/\ng:"hm"\n8:\[\{"refusal":"no"\}\]\ne:/
--- no_error_log
[error]



=== TEST 5: an answer without usage ends without usage
--- tcp_reply eval
AIStream::chunked(AIStream::delta("x"), AIStream::finish("length"), AIStream::done())
--- response_body_like eval
qr/\ne:\{"finishReason":"length","isContinued":false\}\nd:\{"finishReason":"length"\}\n\z/
--- no_error_log
[error]



=== TEST 6: heartbeats are empty lines
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_heartbeat 100ms;
            aistream_idle_timeout 250ms;
        }
--- tcp_no_close
--- tcp_reply eval
AIStream::raw(AIStream::delta("x"))
--- response_body_like eval
qr/\n0:"x"\n\n+3:"The AI provider did not answer in time\."\ne:/
--- error_log
timed out, idle timeout



=== TEST 7: an error after a heartbeat is an error part
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_heartbeat 100ms;
            aistream_first_token_timeout 250ms;
        }
--- tcp_no_close
--- tcp_reply eval
AIStream::raw(": nothing\n\n")
--- error_code: 200
--- response_body_like eval
qr/\A\n+f:\{"messageId":"[^"]+"\}\n3:"The AI provider did not answer in time\."\ne:\{"finishReason":"error","isContinued":false\}\nd:\{"finishReason":"error"\}\n\z/
--- error_log
timed out, first token timeout



=== TEST 8: heartbeat off leaves the status to the error
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_heartbeat off;
            aistream_first_token_timeout 250ms;
        }
--- tcp_no_close
--- tcp_reply eval
AIStream::raw(": nothing\n\n")
--- error_code: 504
--- response_body_like: "code":"provider_timeout"
--- error_log
timed out, first token timeout



=== TEST 9: the log line has provider, model, protocol and usage
--- config
        location /chat {
            aistream_pass provider:gpt-x;
            access_log logs/access.log aistream;
        }
--- tcp_reply eval
AIStream::says("x")
--- access_log eval
qr{^200 provider gpt-x data 1 stop - 9/2 \[200\]$}
--- no_error_log
[error]




=== TEST 10: data=basic uses only the codes of old packages
--- config eval
AIStream::location("aistream_protocol data=basic;")
--- golden: openai-chat/all-parts.to.data-basic
--- no_error_log
[error]



=== TEST 11: data=basic is inherited from the server, and reports an error
--- config
        aistream_protocol data=basic;

        location /chat {
            aistream_pass provider:m;
        }
--- tcp_reply eval
AIStream::raw(AIStream::choice('"reasoning_content":"hm"'), AIStream::delta("x"))
--- response_body
0:"x"
3:"The AI provider's answer was cut short."
e:{"finishReason":"error","isContinued":false}
d:{"finishReason":"error"}
--- error_log
sent an incomplete response
