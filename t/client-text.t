# Plain text, and one JSON answer.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::client_protocol("text", request => AIStream::prompt());

run_tests();

__DATA__

=== TEST 1: text is unescaped, also a surrogate pair split between deltas
--- tcp_reply eval
AIStream::chunked(qq{data: {"choices":[{"delta":{"content":"a\\n\\t\\"\\\\\\u00e9\\ud83d"}}]}\n\n}, qq{data: {"choices":[{"delta":{"content":"\\ude00."}}]}\n\n}, AIStream::ending())
--- response_headers
Content-Type: text/plain; charset=utf-8
--- response_body eval
qq{a\n\t"\\\xc3\xa9\xf0\x9f\x98\x80.}
--- no_error_log
[error]



=== TEST 2: a long delta is sent whole
--- tcp_reply eval
AIStream::chunked(AIStream::delta("\n\"ab" x 30000), AIStream::ending())
--- response_body eval
"\n\"ab" x 30000
--- no_error_log
[error]



=== TEST 3: an error after the first byte closes the connection
--- tcp_reply eval
AIStream::chunked(AIStream::delta("half"))
--- ignore_response
--- error_log
sent an incomplete response



=== TEST 4: an error before the first byte has a status
--- tcp_reply eval
AIStream::status(503, "{}")
--- error_code: 503
--- response_body
{"error":{"code":"overloaded","message":"The service is overloaded, please try again later.","retryable":true}}
--- error_log
failed with 503, overloaded



=== TEST 5: "stream":false gets one JSON answer
--- config
        location /chat {
            aistream_pass provider:m;
        }
--- request
POST /chat
{"prompt":"a","stream":false}
--- response_headers
Content-Type: application/json
--- golden: openai-chat/hello.to.json
--- no_error_log
[error]



=== TEST 6: Accept: application/json gets one JSON answer
--- config
        location /chat {
            aistream_pass provider:m;
        }
--- more_headers
Accept: application/json
--- tcp_reply eval
AIStream::chunked(qq{data: {"choices":[{"delta":{"refusal":"no"}}]}\n\n}, AIStream::ending())
--- response_body_like eval
qr/"content":"","refusal":"no","model":"m"/
--- no_error_log
[error]



=== TEST 7: protocol json has a status for an error after the first delta, too
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol json;
        }
--- tcp_reply eval
AIStream::chunked(AIStream::delta("half"))
--- error_code: 502
--- response_body_like: "code":"provider_truncated"
--- error_log
sent an incomplete response



=== TEST 8: an answer over the limit is an error
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol json;
            aistream_limits answer=10;
        }
--- tcp_reply eval
AIStream::chunked(AIStream::delta("0123456"), AIStream::delta("789a"), AIStream::ending())
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
the answer is larger than 10 bytes



=== TEST 9: limit_rate has no effect on an answer
--- config
        limit_rate 100;
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
        }
--- request
POST /chat
{"prompt":"a"}
--- tcp_reply eval
AIStream::chunked((map { AIStream::delta($_ x 1000) } "a" .. "z"), AIStream::ending())
--- response_body eval
CORE::join "", map { $_ x 1000 } "a" .. "z"
--- no_error_log
[error]
