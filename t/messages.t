# Mistakes that show with the first request: what the log or the client is told.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# a page with this in its beginning, or JSON

sub page {
    my ($text, $type) = @_;

    return "HTTP/1.1 200 OK\r\nContent-Type: $type\r\n"
        . "Connection: close\r\n\r\n$text";
}

AIStream::defaults(
    http_config => AIStream::http(),
    config => "location /v1/ { aistream_pass provider:m-1; }\n"
        . AIStream::location("aistream_websocket on;"),
    request => AIStream::prompt());

run_tests();

__DATA__

=== TEST 1: a page instead of events is logged with its type and its beginning
--- tcp_reply eval: main::page("<!DOCTYPE html>\n<html>\n<title>Sign in</title>", "text/html; charset=utf-8")
--- error_code: 502
--- response_body_like: "code":"provider_error","message":"The AI provider failed\."
--- error_log
aistream: upstream "provider" ended its answer with data that is not an event, content type: "text/html; charset=utf-8", first bytes: "<!DOCTYPE html>"
--- no_error_log
Sign in



=== TEST 2: no more than the beginning is logged
--- tcp_reply eval: main::page("<p>" . "word " x 100, "text/html")
--- error_code: 502
--- error_log eval
qr/first bytes: "<p>(word ){12}w"/
--- no_error_log
(word ){13}



=== TEST 3: the key is masked in it, whole or cut
--- tcp_reply eval: main::page("sk-test-0123456789abcdef <a href=?k=sk-test-0123456789abcdef>sk-test-0123456789abcdef", "text/html")
--- error_code: 502
--- error_log
first bytes: "*** <a href=?k=***>"
--- no_error_log
sk-test
0123456789



=== TEST 4: the key is masked in its type
--- tcp_reply eval: main::page("<p>", "text/sk-test-0123456789abcdef")
--- error_code: 502
--- error_log
content type: "***", first bytes: "<p>"
--- no_error_log
sk-test



=== TEST 5: bytes that are not text are replaced
--- tcp_reply eval: main::page("\x1f\x8b\"\\\x00\xff<", "application/gzip")
--- error_code: 502
--- error_log
content type: "application/gzip", first bytes: " ??? ?<"



=== TEST 6: a whole JSON answer is logged as one
--- tcp_reply eval: main::page('{"id":"c1","object":"chat.completion"}', "application/json")
--- error_code: 502
--- error_log
content type: "application/json", first bytes: "{?id?:?c1?,?object?:?chat.completion?}"



=== TEST 7: a page instead of Ollama's lines is logged in the same way
--- http_config eval
AIStream::http("", "", "ollama")
--- tcp_reply eval: main::page("<html>\n<title>Sign in</title>\n", "text/html")
--- error_code: 502
--- error_log
aistream: upstream "provider" sent an invalid event, content type: "text/html", first bytes: "<html>"
--- no_error_log
Sign in



=== TEST 8: an invalid event is not logged: it has what users write
--- tcp_reply eval: AIStream::raw("data: {\"choices\":secret-marker}\n\n")
--- error_code: 502
--- error_log
aistream: upstream "provider" sent an invalid event
--- no_error_log
secret-marker



=== TEST 9: nor is anything of an answer that has begun
--- tcp_reply eval: AIStream::raw(AIStream::delta("a"), "secret-marker\n")
--- response_body_like: \n0:"a"
--- error_log
aistream: upstream "provider" ended its answer with data that is not an event
--- no_error_log
secret-marker



=== TEST 10: a 404 names both causes, a wrong base and a wrong model
--- http_config eval
AIStream::http("", "base=/openai/v2 query=key=secret-marker")
--- tcp_reply eval: AIStream::status(404, "<html>Not Found</html>")
--- error_code: 502
--- response_body_like: "code":"provider_error","message":"The AI provider does not know the configured model or path\."
--- error_log
aistream: upstream "provider" failed with 404, provider_error: ""
aistream: upstream "provider" does not know model "m-1" or path "/openai/v2/chat/completions", which "base=" sets
--- no_error_log
secret-marker



=== TEST 11: OpenAI's responses.create gets 404 with what is there
--- no_provider
--- request
POST /v1/responses
{"model":"m","input":"a"}
--- more_headers
Accept: application/json
--- error_code: 404
--- response_body
{"error":{"message":"Not found: only chat/completions, messages and models are here.","type":"invalid_request_error","param":null,"code":"invalid_request"}}
--- no_error_log
[error]



=== TEST 12: so does embeddings.create
--- no_provider
--- request
POST /v1/embeddings
{"model":"m","input":"a"}
--- error_code: 404
--- response_body_like: ^\{"error":\{"message":"Not found: only chat/completions, messages and models are here\.","type":"invalid_request_error"
--- no_error_log
[error]



=== TEST 13: so does completions.create, whose prompt is not a chat's
--- no_provider
--- request
POST /v1/completions
{"model":"m","prompt":"a"}
--- error_code: 404
--- response_body_like: ^\{"error":\{"message":"Not found: only
--- no_error_log
[error]



=== TEST 14: Anthropic's form is used for its package
--- no_provider
--- request
POST /v1/files
{}
--- more_headers
anthropic-version: 2023-06-01
--- error_code: 404
--- response_body_like: ^\{"type":"error","error":\{"type":"not_found_error","message":"Not found: only
--- no_error_log
[error]



=== TEST 15: "/v1" in the path tells a program as well
--- no_provider
--- request
POST /chat/v1/embeddings
{"model":"m","input":"a"}
--- error_code: 404
--- response_body_like: ^\{"error":\{"message":"Not found: only
--- no_error_log
[error]



=== TEST 16: such a path is a chat where the location is not for programs
--- request
POST /chat/responses
{"prompt":"a"}
--- tcp_reply eval: AIStream::says("yes")
--- response_body_like: \n0:"yes"
--- no_error_log
[error]



=== TEST 17: and where the location has that name
--- config
    location /v1/responses { aistream_pass provider:m-1; aistream_protocol openai; }
--- request
POST /v1/responses
{"messages":[{"role":"user","content":"a"}]}
--- tcp_reply eval: AIStream::says("yes")
--- response_body_like: "content":"yes"
--- no_error_log
[error]



=== TEST 18: a body that ends too early has the place of its end
--- no_provider
--- request
POST /chat
{
--- error_code: 400
--- response_body_like: The body is not valid JSON \(at byte 1\)\.
--- no_error_log
[error]



=== TEST 19: a WebSocket without the headers of an upgrade is told of them
--- no_provider
--- request
GET /chat
--- more_headers
Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==
Sec-WebSocket-Version: 13
--- error_code: 405
--- response_body_like: "code":"method_not_allowed","message":"A WebSocket needs HTTP/1\.1 and the headers Upgrade and Connection, which a proxy must pass\."
--- no_error_log
[error]



=== TEST 20: another GET is not
--- no_provider
--- request
GET /chat
--- error_code: 405
--- response_body_like: "message":"This method is not allowed here\."
--- no_error_log
[error]
