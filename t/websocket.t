# A WebSocket in bare bytes: handshake, turns, closes.  The clients' packages,
# long connections and all that takes time are in t/clients/websocket*.mjs.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# frames that end a connection: with the last turn, or as the client asks

our $last = AIStream::server_frame(8, pack("n", 1001));
our $closed = AIStream::server_frame(8, pack("n", 1000));
our $close = AIStream::frame(8, pack("n", 1000));

# the frames of an answer that is this text, in one piece

sub said {
    return AIStream::server_frame(1, "{\"type\":\"chunk\",\"chunk\":\"$_[0]\"}")
        . AIStream::server_frame(1, '{"type":"done","finishReason":"stop",'
                                    . '"usage":{"inputTokens":9,'
                                    . '"outputTokens":2}}');
}

AIStream::defaults(
    http_config => AIStream::http(),
    config => <<'EOC');
        location /chat {
            aistream_pass provider:m;
            aistream_websocket on turns=1;
        }
EOC

run_tests();

__DATA__

=== TEST 1: the handshake answers the example of RFC 6455
--- raw_request eval: AIStream::upgrade("/chat") . $::close
--- error_code: 101
--- response_headers
Upgrade: websocket
Connection: upgrade
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
Sec-WebSocket-Protocol:
Sec-WebSocket-Extensions:
Transfer-Encoding:
Content-Length:
--- response_body eval: $::closed
--- no_error_log
[error]



=== TEST 2: a turn is answered in frames
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, '{"text":"hi"}')
--- tcp_reply eval
AIStream::chunked(AIStream::delta("Hel"), AIStream::delta("l\"o"), AIStream::ending())
--- error_code: 101
--- response_body eval
AIStream::server_frame(1, '{"type":"chunk","chunk":"Hel"}')
. AIStream::server_frame(1, '{"type":"chunk","chunk":"l\"o"}')
. AIStream::server_frame(1, '{"type":"done","finishReason":"stop","usage":{"inputTokens":9,"outputTokens":2}}')
. $::last
--- no_error_log
[error]



=== TEST 3: a frame of 126 bytes and more has 16 bits of length
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, '{"text":"' . "q" x 200 . '"}')
--- tcp_reply eval: AIStream::says("a" x 500)
--- error_code: 101
--- response_body eval: ::said("a" x 500) . $::last
--- no_error_log
[error]



=== TEST 4: a message may come in fragments, with a ping between them
--- raw_request eval
my $first = AIStream::frame(1, '{"text":');
substr($first, 0, 1) = "\x01";
AIStream::upgrade("/chat") . $first . AIStream::frame(9, "here") . AIStream::frame(0, '"hi"}')
--- tcp_reply eval: AIStream::says("yes")
--- error_code: 101
--- response_body eval
AIStream::server_frame(10, "here") . ::said("yes") . $::last
--- no_error_log
[error]



=== TEST 5: messages sent at once are answered in order
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_websocket on turns=2;
        }
--- http_config eval
AIStream::http('
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { aistream_mock openai text=$request_body; }
    }
')
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, '{"text":"first"}') . AIStream::frame(1, '{"text":"second"}')
--- error_code: 101
--- response_body_like: (?s)"content.*"first.*"type":"done".*"content.*"second.*"type":"done"
--- no_error_log
[error]



=== TEST 6: a session has the turns of its connections
--- config
        aistream_store zone=sessions;

        location /chat {
            aistream_pass provider:m;
            aistream_websocket on turns=2;
        }
--- http_config eval
AIStream::http('
    aistream_zone sessions 1m;
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { aistream_mock openai text=$request_body; }
    }
')
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, '{"sessionId":"s","text":"first"}') . AIStream::frame(1, '{"sessionId":"s","text":"second"}')
--- error_code: 101
--- response_body_like: (?s)"type":"done".*"content.*first.*assistant.*second.*"type":"done"
--- no_error_log
[error]



=== TEST 7: an invalid message is an error of its turn
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, "{}")
--- no_provider
--- error_code: 101
--- response_body eval
AIStream::server_frame(1, '{"type":"error","error":{"code":"invalid_request","message":"There is no string \"text\".","retryable":false}}') . $::last
--- no_error_log
[error]



=== TEST 8: a provider's error is an error of its turn
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, '{"text":"hi"}')
--- tcp_reply eval: AIStream::status(429, "{}")
--- error_code: 101
--- response_body eval
AIStream::server_frame(1, '{"type":"error","error":{"code":"rate_limit","message":"Too many requests, please try again later.","retryable":true}}') . $::last
--- error_log
failed with 429



=== TEST 9: a stop without an answer has no effect
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, '{"type":"stop"}') . AIStream::frame(1, '{"text":"hi"}')
--- tcp_reply eval: AIStream::says("yes")
--- error_code: 101
--- response_body eval: ::said("yes") . $::last
--- no_error_log
[error]



=== TEST 10: a ping is answered with its bytes
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(9, "p" x 125) . AIStream::frame(1, '{"text":"hi"}')
--- tcp_reply eval: AIStream::says("yes")
--- error_code: 101
--- response_body eval
AIStream::server_frame(10, "p" x 125) . ::said("yes") . $::last
--- no_error_log
[error]



=== TEST 11: a frame without a mask closes with 1002
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::server_frame(1, '{"text":"hi"}')
--- no_provider
--- error_code: 101
--- response_body eval
AIStream::server_frame(8, pack("n", 1002))
--- no_error_log
[error]



=== TEST 12: a binary message closes with 1003
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(2, "x")
--- no_provider
--- error_code: 101
--- response_body eval
AIStream::server_frame(8, pack("n", 1003))
--- no_error_log
[error]



=== TEST 13: text that is not UTF-8 closes with 1007
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, "{\"text\":\"\xff\"}")
--- no_provider
--- error_code: 101
--- response_body eval
AIStream::server_frame(8, pack("n", 1007))
--- no_error_log
[error]



=== TEST 14: a message over max_message closes with 1009
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_websocket on max_message=100;
        }
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, '{"text":"' . "x" x 100 . '"}')
--- no_provider
--- error_code: 101
--- response_body eval
AIStream::server_frame(8, pack("n", 1009))
--- no_error_log
[error]



=== TEST 15: a close code of the client's is answered with the same code
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(8, pack("n", 4001) . "bye")
--- error_code: 101
--- response_body eval
AIStream::server_frame(8, pack("n", 4001))
--- no_error_log
[error]



=== TEST 16: "websocket" is found in lists of tokens, in any case
--- raw_request eval
AIStream::upgrade("/chat", "Upgrade" => "h2c , WebSocket", "Connection" => "keep-alive,  UPGRADE") . $::close
--- error_code: 101
--- response_body eval: $::closed
--- no_error_log
[error]



=== TEST 17: an offered subprotocol is not selected
--- raw_request eval
AIStream::upgrade("/chat", "Sec-WebSocket-Protocol" => "chat, superchat", "Sec-WebSocket-Extensions" => "permessage-deflate") . $::close
--- error_code: 101
--- response_headers
Sec-WebSocket-Protocol:
Sec-WebSocket-Extensions:
--- response_body eval: $::closed
--- no_error_log
[error]



=== TEST 18: an upgrade without a key is 400
--- raw_request eval
AIStream::upgrade("/chat", "Sec-WebSocket-Key" => undef, "Connection" => "upgrade, close")
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- no_error_log
[error]



=== TEST 19: an upgrade with a key of another length is 400
--- raw_request eval
AIStream::upgrade("/chat", "Sec-WebSocket-Key" => "dGhlIHNhbXBsZQ==", "Connection" => "upgrade, close")
--- error_code: 400
--- response_body_like: "code":"invalid_request"
--- no_error_log
[error]



=== TEST 20: an upgrade with a body is 400, and its body is not read as the next request
--- pipelined_requests eval
["GET /chat\nbody", "GET /chat"]
--- more_headers eval
["Upgrade: websocket\nConnection: upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", ""]
--- error_code eval
[400, 405]
--- response_body_like eval
["An upgrade cannot have a body", "method_not_allowed"]
--- no_error_log
[error]



=== TEST 21: another version is 426, with the version that is supported
--- raw_request eval
AIStream::upgrade("/chat", "Sec-WebSocket-Version" => 8, "Connection" => "upgrade, close")
--- error_code: 426
--- response_headers
Sec-WebSocket-Version: 13
--- no_error_log
[error]



=== TEST 22: an upgrade without a version is 426
--- raw_request eval
AIStream::upgrade("/chat", "Sec-WebSocket-Version" => undef, "Connection" => "upgrade, close")
--- error_code: 426
--- response_headers
Sec-WebSocket-Version: 13
--- no_error_log
[error]



=== TEST 23: an upgrade without "Connection: upgrade" is 405
--- raw_request eval
AIStream::upgrade("/chat", "Connection" => "close")
--- error_code: 405
--- response_body_like: "code":"method_not_allowed"
--- no_error_log
[error]



=== TEST 24: an upgrade to another protocol is 405
--- raw_request eval
AIStream::upgrade("/chat", "Upgrade" => "h2c", "Connection" => "upgrade, close")
--- error_code: 405
--- response_body_like: "code":"method_not_allowed"
--- no_error_log
[error]



=== TEST 25: an upgrade over HTTP/1.0 is 405
--- raw_request eval
AIStream::upgrade("/chat") =~ s{HTTP/1.1}{HTTP/1.0}r
--- error_code: 405
--- response_body_like: "code":"method_not_allowed"
--- no_error_log
[error]



=== TEST 26: an upgrade in a location without a WebSocket is 405
--- config
        location /chat {
            aistream_pass provider:m;
        }
--- raw_request eval
AIStream::upgrade("/chat", "Connection" => "upgrade, close")
--- error_code: 405
--- response_body_like: "code":"method_not_allowed"
--- no_error_log
[error]



=== TEST 27: an upgrade of another origin is 403
--- raw_request eval
AIStream::upgrade("/chat", "Host" => "chat.example", "Origin" => "https://evil.example", "Connection" => "upgrade, close")
--- error_code: 403
--- response_body_like: "code":"forbidden"
--- no_error_log
[error]



=== TEST 28: an upgrade of the host's own origin is accepted
--- raw_request eval
AIStream::upgrade("/chat", "Host" => "chat.example", "Origin" => "https://chat.example") . $::close
--- error_code: 101
--- response_body eval: $::closed
--- no_error_log
[error]



=== TEST 29: an upgrade of a listed origin is accepted
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_websocket on;
            aistream_cors https://app.example;
        }
--- raw_request eval
AIStream::upgrade("/chat", "Host" => "chat.example", "Origin" => "https://app.example") . $::close
--- error_code: 101
--- response_body eval: $::closed
--- no_error_log
[error]



=== TEST 30: "*" refuses the upgrade of another origin
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_websocket on;
            aistream_cors *;
        }
--- raw_request eval
AIStream::upgrade("/chat", "Host" => "chat.example", "Origin" => "https://app.example", "Connection" => "upgrade, close")
--- error_code: 403
--- response_body_like: "code":"forbidden"
--- no_error_log
[error]



=== TEST 31: nginx's access control applies to the upgrade
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_websocket on;
            deny all;
        }
--- raw_request eval
AIStream::upgrade("/chat", "Connection" => "upgrade, close")
--- error_code: 403
--- response_body_like: "code":"forbidden"
--- error_log
access forbidden by rule



=== TEST 32: a turn has a log line, before the connection's
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_websocket on turns=1;
            access_log logs/access.log aistream;
        }
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, '{"text":"hi"}')
--- tcp_reply eval: AIStream::says("yes")
--- error_code: 101
--- response_body eval: ::said("yes") . $::last
--- access_log eval
[qr/^200 provider m websocket 1 stop - 9\/2 /m, qr/^101 /m]
--- no_error_log
[error]
