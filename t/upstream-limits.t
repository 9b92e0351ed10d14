# A provider cannot make us hold more than we mean to.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::defaults(
    http_config => AIStream::http(),
    config => AIStream::location(),
    request => AIStream::prompt());

# one event with so many tool calls

sub calls {
    my ($n) = @_;

    return 'data: {"choices":[{"index":0,"delta":{"tool_calls":['
        . CORE::join(",", map {
            qq~{"index":$_,"id":"c$_","function":{"name":"f","arguments":"{}"}}~
          } 0 .. $n - 1)
        . "]}}]}\n\n";
}

# one event with so many sources, each with a URL of its own

sub sources {
    my ($n) = @_;

    return 'data: {"choices":[{"index":0,"delta":{"annotations":['
        . CORE::join(",", map {
            qq~{"type":"url_citation","url_citation":{"url":"https://e.x/$_"}}~
          } 1 .. $n)
        . "]}}]}\n\n";
}

run_tests();

__DATA__

=== TEST 1: 128 tool calls are accepted
--- tcp_reply eval
AIStream::chunked(main::calls(128), AIStream::ending())
--- response_body_like: \n9:\{"toolCallId":"c127","toolName":"f","args":\{\}\}\ne:\{"finishReason":"tool-calls"
--- no_error_log
[error]



=== TEST 2: the 129th tool call ends the answer with an error
--- tcp_reply eval
AIStream::chunked(main::calls(129), AIStream::ending())
--- response_body_like: \A(?!(?s:.*c128))(?s:.*)\n3:"[^"]+"\ne:\{"finishReason":"error"
--- error_log
too many tool calls



=== TEST 3: a huge index is accepted
--- tcp_reply eval
AIStream::chunked(qq{data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":4000000000,"id":"c1","function":{"name":"f","arguments":"{}"}}]}}]}\n\n}, AIStream::ending())
--- response_body_like: \{"toolCallId":"c1","toolName":"f","args":\{\}\}\ne:\{"finishReason":"tool-calls"
--- no_error_log
[error]



=== TEST 4: sources after the 512th are left out
--- tcp_reply eval
AIStream::chunked(AIStream::delta("a"), main::sources(600), AIStream::ending())
--- response_body_like: "https://e\.x/512"[^\n]*\ne:\{"finishReason":"stop"
--- no_error_log
[error]



=== TEST 5: a header larger than the buffer is an error
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Large: " . ("x" x 30000) . "\r\n\r\n"
--- error_code: 502
--- response_body
{"error":{"code":"provider_error","message":"The AI provider failed.","retryable":true}}
--- error_log
upstream sent too big header



=== TEST 6: endless header lines are an error
--- tcp_reply eval
["HTTP/1.1 200 OK\r\n", ("X-Many: x\r\n") x 2000]
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
upstream sent too big header



=== TEST 7: only the beginning of an error's body is read
--- tcp_reply eval
AIStream::status(500, '{"error":{"message":"' . ("x" x 100000) . '"}}')
--- error_code: 502
--- response_body_like: "code":"provider_error"
--- error_log
failed with 500



=== TEST 8: implausible token counts are ignored
--- tcp_reply eval
AIStream::chunked(AIStream::delta("a"), AIStream::finish(), qq{data: {"choices":[],"usage":{"prompt_tokens":99999999999999999999999,"completion_tokens":-5,"total_tokens":1e999}}\n\n}, AIStream::done())
--- response_body_like: \ne:\{"finishReason":"stop",.*\nd:
--- no_error_log
[error]
