# What a provider can do wrong, and what the client is told.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::defaults(
    http_config => AIStream::http(),
    config => AIStream::location(),
    request => AIStream::prompt());

# neither the key nor the provider's own words get to the client

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value("response_body_unlike", "secret-marker|sk-test")
        unless defined $block->response_body_like;
});

run_tests();

__DATA__

=== TEST 1: 400 is invalid_request
--- tcp_reply eval
AIStream::status(400, '{"error":{"message":"secret-marker bad","type":"invalid_request_error","param":null,"code":null}}')
--- error_code: 400
--- response_body_like: ^\{"error":\{"code":"invalid_request","message":"The AI provider rejected the request\.","retryable":false\}\}$
--- error_log
upstream "provider" failed with 400, invalid_request: "secret-marker bad"



=== TEST 2: a conversation that is too long is context_length_exceeded
--- tcp_reply eval
AIStream::status(400, '{"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}')
--- error_code: 400
--- response_body_like: "code":"context_length_exceeded"
--- error_log
failed with 400, context_length_exceeded



=== TEST 3: 401 is provider_auth, and the key is not in the log
--- tcp_reply eval
AIStream::status(401, '{"error":{"message":"Incorrect API key provided: sk-test-0123456789abcdef (sk-test-01*****cdef). Try \"x\"","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}')
--- error_code: 502
--- response_body_like: "code":"provider_auth"
--- error_log
failed with 401, provider_auth: "Incorrect API key provided: *** (***). Try "x""
--- no_error_log
0123456789
cdef



=== TEST 4: 403 is provider_auth
--- tcp_reply eval
AIStream::status(403, '{"error":"secret-marker no"}')
--- error_code: 502
--- response_body_like: "code":"provider_auth"
--- error_log
failed with 403, provider_auth: "secret-marker no"



=== TEST 5: 404 is provider_error
--- tcp_reply eval
AIStream::status(404, '{"error":{"message":"no such model","code":"model_not_found"}}')
--- error_code: 502
--- response_body_like: "code":"provider_error".*"retryable":false
--- error_log
failed with 404, provider_error: "no such model"



=== TEST 6: 429 keeps the provider's Retry-After
--- tcp_reply eval
AIStream::status(429, '{"error":{"message":"slow","code":"rate_limit_exceeded"}}', "Retry-After: 7")
--- error_code: 429
--- response_headers
Retry-After: 7
--- response_body_like: "code":"rate_limit".*"retryable":true
--- error_log
failed with 429, rate_limit



=== TEST 7: 429 rounds up Retry-After-Ms
--- tcp_reply eval
AIStream::status(429, '{}', "retry-after-ms: 2500")
--- error_code: 429
--- response_headers
Retry-After: 3
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit



=== TEST 8: 429 without Retry-After has a default
--- tcp_reply eval
AIStream::status(429, '')
--- error_code: 429
--- response_headers
Retry-After: 1
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 429, rate_limit



=== TEST 9: 500 is provider_error
--- tcp_reply eval
AIStream::status(500, '<html>secret-marker</html>')
--- error_code: 502
--- response_body_like: "code":"provider_error","message":"The AI provider failed\."
--- error_log
failed with 500, provider_error: ""



=== TEST 10: 503 is overloaded, whatever the type in its body
--- tcp_reply eval
AIStream::status(503, '{"error":{"message":"x","type":"server_error"}}')
--- error_code: 503
--- response_body_like: "code":"overloaded"
--- error_log
failed with 503, overloaded



=== TEST 11: 529 is overloaded
--- tcp_reply eval
AIStream::status(529, '{}')
--- error_code: 503
--- response_body_like: "code":"overloaded"
--- error_log
failed with 529, overloaded



=== TEST 12: a redirect is not followed
--- tcp_reply eval
AIStream::status(302, '', "Location: http://127.0.0.1/secret-marker")
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 302, provider_error



=== TEST 13: a 204 is an error
--- tcp_reply eval
"HTTP/1.1 204 No Content\r\n\r\n"
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 204, provider_error



=== TEST 14: a long error body does not change the code
--- tcp_reply eval
AIStream::status(500, "x" x 100000)
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 500, provider_error



=== TEST 15: an error inside a 200 before the first delta has a status
--- tcp_reply eval
AIStream::chunked(qq(data: {"error":{"message":"secret-marker","type":"server_error","code":null}}\n\n), AIStream::done())
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 200, provider_error: "secret-marker"



=== TEST 16: a numeric code inside a 200 is a status
--- tcp_reply eval
AIStream::chunked(qq(data: {"error":{"message":"secret-marker","code":429}}\n\n))
--- error_code: 429
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 200, rate_limit



=== TEST 17: a status in a string inside a 200 is a status
--- tcp_reply eval
AIStream::chunked(qq(data: {"error":{"message":"secret-marker","code":"429"}}\n\n))
--- error_code: 429
--- response_body_like: "code":"rate_limit"
--- error_log
failed with 200, rate_limit



=== TEST 18: an event named error is an error
--- tcp_reply eval
AIStream::chunked(qq(event: error\ndata: {"message":"secret-marker","type":"overloaded_error"}\n\n))
--- error_code: 503
--- response_body_like: "code":"overloaded"
--- error_log
failed with 200, overloaded: "secret-marker"



=== TEST 19: a line that begins with error: is an error
--- tcp_reply eval
AIStream::chunked(qq(error: {"code":500,"message":"secret-marker"}\n\n))
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 200, provider_error: "secret-marker"



=== TEST 20: an error inside a 200 after the first delta is an error part
--- tcp_reply eval
AIStream::chunked(AIStream::delta("x"), qq(data: {"error":{"message":"secret-marker","code":429}}\n\n))
--- response_body_like eval
qr/\n0:"x"\n3:"Too many requests, please try again later\."\ne:\{"finishReason":"error","isContinued":false\}\nd:\{"finishReason":"error"\}\n\z/
--- error_log
failed with 200, rate_limit



=== TEST 21: an answer truncated before the first delta has a status
--- tcp_reply eval
AIStream::raw(": hello\n\n")
--- error_code: 502
--- response_body_like: "code":"provider_truncated"
--- error_log
sent an incomplete response



=== TEST 22: an answer truncated after the first delta is an error part
--- tcp_reply eval
AIStream::raw(AIStream::delta("x"), 'data: {"choices":[{"del')
--- response_body_like eval
qr/\n0:"x"\n3:"The AI provider's answer was cut short\."\ne:/
--- error_log
sent an incomplete response



=== TEST 23: a chunked body without its last chunk is truncated
--- tcp_reply eval
["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "64\r\ndata: {\"choices\""]
--- error_code: 502
--- response_body_like: "code":"provider_truncated"
--- error_log
upstream prematurely closed connection



=== TEST 24: a body shorter than its Content-Length is truncated
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" . AIStream::delta("x")
--- response_body_like eval
qr/\n0:"x"\n3:"The AI provider's answer was cut short\."\ne:/
--- error_log
upstream prematurely closed connection



=== TEST 25: a finish reason without [DONE] completes the answer
--- tcp_reply eval
AIStream::raw(AIStream::delta("x"), AIStream::finish())
--- response_body_like eval
qr/\n0:"x"\ne:\{"finishReason":"stop","isContinued":false\}\nd:/
--- no_error_log
[error]



=== TEST 26: the last event may lack its blank line
--- tcp_reply eval
AIStream::raw(AIStream::delta("x"), AIStream::finish(), "data: [DONE]")
--- response_body_like eval
qr/\n0:"x"\ne:\{"finishReason":"stop"/
--- no_error_log
[error]



=== TEST 27: an answer of only [DONE] is an invalid event
--- tcp_reply eval
AIStream::chunked(AIStream::done())
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
sent an invalid event



=== TEST 28: a body that is not events is an error
--- tcp_reply eval
AIStream::raw("<html><body>secret-marker</body></html>\n")
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
ended its answer with data that is not an event



=== TEST 29: an event that is not JSON is an error
--- tcp_reply eval
AIStream::chunked(AIStream::delta("x"), "data: secret-marker\n\n", AIStream::ending())
--- response_body_like eval
qr/\n0:"x"\n3:"The AI provider failed\."\ne:/
--- error_log
sent an invalid event



=== TEST 30: an event with invalid UTF-8 is an error
--- tcp_reply eval
AIStream::chunked(AIStream::delta("a\xff\xfe"), AIStream::ending())
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
sent an invalid event



=== TEST 31: an event over the limit is an error
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_limits event=2k;
        }
--- tcp_reply eval
AIStream::chunked(AIStream::delta("x" x 3000), AIStream::ending())
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
sent an event larger than 2048 bytes



=== TEST 32: invalid chunks before the first delta have a status
--- tcp_reply eval
["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "xyz\r\nsecret-marker"]
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
upstream sent invalid chunked response



=== TEST 33: invalid chunks after the first delta are an error part
--- tcp_reply eval
["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", sprintf("%x\r\n%s\r\n", length(AIStream::delta("x")), AIStream::delta("x")), "xyz\r\n"]
--- response_body_like eval
qr/\n0:"x"\n3:"The AI provider failed\."\ne:/
--- error_log
upstream sent invalid chunked response



=== TEST 34: a header that is too large is an error
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Large: " . ("x" x 10000) . "\r\n\r\n"
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
upstream sent too big header



=== TEST 35: an invalid header is an error
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX\x01Y: secret-marker\r\n\r\n"
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
upstream sent invalid header



=== TEST 36: a response that is not HTTP is an error
--- tcp_reply eval
"220 secret-marker ESMTP\r\n"
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
upstream sent no valid HTTP/1.0 header



=== TEST 37: a compressed response is an error
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
upstream sent a compressed response



=== TEST 38: a closed connection is provider_unreachable
--- tcp_reply eval
[]
--- error_code: 502
--- response_body_like: "code":"provider_unreachable"
--- error_log
upstream prematurely closed connection



=== TEST 39: a refused connection is provider_unreachable
--- no_provider
--- error_code: 502
--- response_body_like: "code":"provider_unreachable"
--- error_log
Connection refused



=== TEST 40: a first token timeout is provider_timeout
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_first_token_timeout 200ms;
        }
--- tcp_no_close
--- tcp_reply eval
[]
--- error_code: 504
--- response_body_like: "code":"provider_timeout"
--- error_log
timed out, first token timeout



=== TEST 41: an idle timeout is provider_timeout, whatever pings come
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_idle_timeout 200ms;
        }
--- tcp_no_close
--- tcp_reply eval
AIStream::raw(AIStream::delta("x"), ": ping\n\n")
--- response_body_like eval
qr/\n0:"x"\n3:"The AI provider did not answer in time\."\ne:/
--- error_log
timed out, idle timeout



=== TEST 42: a total timeout is provider_timeout
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_total_timeout 200ms;
        }
--- tcp_no_close
--- tcp_reply eval
AIStream::raw(AIStream::delta("x"))
--- response_body_like eval
qr/\n0:"x"\n3:"The AI provider did not answer in time\."\ne:/
--- error_log
timed out, total timeout



=== TEST 43: an answer is complete though its chunked body stays open
--- tcp_no_close
--- tcp_reply eval
["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", sprintf("%x\r\n%s\r\n", length(AIStream::delta("x") . AIStream::ending()), AIStream::delta("x") . AIStream::ending())]
--- timeout: 1
--- response_body_like eval
qr/\n0:"x"\ne:\{"finishReason":"stop",.*\nd:.*\n\z/
--- no_error_log
[error]



=== TEST 44: an answer is complete though its connection stays open
--- tcp_no_close
--- tcp_reply eval
AIStream::raw(AIStream::delta("x"), AIStream::ending())
--- timeout: 1
--- response_body_like eval
qr/\n0:"x"\ne:\{"finishReason":"stop",.*\nd:.*\n\z/
--- no_error_log
[error]



=== TEST 45: a body with Content-Length is read
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: " . length(AIStream::delta("x") . AIStream::ending()) . "\r\n\r\n" . AIStream::delta("x") . AIStream::ending()
--- response_body_like eval
qr/\n0:"x"\ne:\{"finishReason":"stop"/
--- no_error_log
[error]



=== TEST 46: a body is read in single bytes
--- tcp_reply eval
AIStream::bytes(AIStream::delta("one\n"), AIStream::delta("\xc3\xa4\xf0\x9f\x98\x80"), AIStream::ending())
--- response_body_like eval
qr/\n0:"one\\u000a"\n0:"\xc3\xa4\xf0\x9f\x98\x80"\ne:\{"finishReason":"stop"/
--- no_error_log
[error]



=== TEST 47: lines may end in CRLF or CR
--- tcp_reply eval
AIStream::raw(map { my $s = $_; $s =~ s/\n/\r\n/g; $s } (AIStream::delta("a")), do { my $s = AIStream::delta("b"); $s =~ s/\n/\r/g; $s }, AIStream::ending())
--- response_body_like eval
qr/\n0:"a"\n0:"b"\ne:\{"finishReason":"stop"/
--- no_error_log
[error]



=== TEST 48: 1xx responses are skipped
--- tcp_reply eval
"HTTP/1.1 100 Continue\r\n\r\n"
. "HTTP/1.1 103 Early Hints\r\nConnection: close\r\nRetry-After: 9\r\n\r\n"
. AIStream::status(400, '{"error":{"message":"bad","type":"invalid_request_error"}}')
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- error_log
upstream "provider" failed with 400, invalid_request: "bad"



=== TEST 49: compatible services' texts for a conversation that is too long are known
--- tcp_reply eval
AIStream::status(400, q~{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.","type":"BadRequestError","param":null,"code":400}~)
--- error_code: 400
--- response_body_like: "code":"context_length_exceeded"
--- error_log
failed with 400, context_length_exceeded



=== TEST 50: llama.cpp's type for a conversation that is too long is known
--- tcp_reply eval
AIStream::status(400, '{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}')
--- error_code: 400
--- response_body_like: "code":"context_length_exceeded"
--- error_log
failed with 400, context_length_exceeded



=== TEST 51: a switch of protocols is an error
--- tcp_no_close
--- tcp_reply eval
"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
upstream sent an unexpected 101 response
