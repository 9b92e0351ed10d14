# Tool calls as services send them, rather than as they should: each has the
# arguments that the model gave it, or {}.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# an event with one piece of a call: index, id, name, arguments, "" for none

sub piece {
    my ($index, $id, $name, $arguments) = @_;

    my @function = ($name eq "" ? () : "\"name\":\"$name\"",
                    "\"arguments\":\"" . AIStream::escape($arguments) . "\"");

    return AIStream::choice('"tool_calls":[{'
        . join(",", $index eq "" ? () : "\"index\":$index",
                    $id eq "" ? () : "\"id\":\"$id\"",
                    '"function":{' . join(",", @function) . "}")
        . "}]");
}

sub calls {
    return AIStream::raw(@_, AIStream::finish("tool_calls"),
                         AIStream::done());
}

# Anthropic's events of one block

sub block {
    my ($index, $input, @pieces) = @_;

    return "data: {\"type\":\"content_block_start\",\"index\":$index,"
            . "\"content_block\":{\"type\":\"tool_use\",\"id\":\"t$index\","
            . "\"name\":\"f\",\"input\":$input}}\n\n",
        map({ "data: {\"type\":\"content_block_delta\",\"index\":$index,"
              . "\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\""
              . AIStream::escape($_) . "\"}}\n\n" } @pieces),
        "data: {\"type\":\"content_block_stop\",\"index\":$index}\n\n";
}

sub message {
    my $answer = AIStream::answer("anthropic", "");

    $answer =~ s/"end_turn"/"tool_use"/;
    $answer =~ s/(.*?\n\n)/$1 . join "", @_/es;

    return AIStream::raw($answer);
}

# Responses' events of one function call

sub item {
    my ($index, $added, $done, @pieces) = @_;

    my $item = "\"output_index\":$index,\"item\":{\"type\":\"function_call\","
        . "\"id\":\"fc$index\",\"call_id\":\"k$index\",\"name\":\"f\"";

    return "data: {\"type\":\"response.output_item.added\",$item"
            . ",\"arguments\":\"" . AIStream::escape($added) . "\"}}\n\n",
        map({ "data: {\"type\":\"response.function_call_arguments.delta\","
              . "\"output_index\":$index,\"delta\":\"" . AIStream::escape($_)
              . "\"}\n\n" } @pieces),
        "data: {\"type\":\"response.output_item.done\",$item"
            . ",\"arguments\":\"" . AIStream::escape($done) . "\"}}\n\n";
}

sub items {
    return AIStream::raw(@_, 'data: {"type":"response.completed",'
                             . '"response":{"usage":{}}}' . "\n\n");
}

AIStream::defaults(
    http_config => AIStream::http(),
    config => AIStream::location("aistream_protocol json;"),
    request => AIStream::prompt());

run_tests();

__DATA__

=== TEST 1: nothing, null, blanks, brackets and quotes are empty arguments
--- tcp_reply eval
::calls(map { ::piece($_, "k$_", "f", ("", "null", " \n", "{ }", "[]", '""', "\t{}\n")[$_]) } 0 .. 6)
--- response_body_like eval
'"toolCalls":\[' . CORE::join(",", map { "\\{\"toolCallId\":\"k$_\",\"toolName\":\"f\",\"args\":\\{\\}\\}" } 0 .. 6) . '\]'
--- no_error_log
[error]



=== TEST 2: null is streamed as empty arguments
--- config eval
AIStream::location("aistream_protocol ui;")
--- tcp_reply eval
::calls(::piece(0, "k0", "f", "null"), ::piece(1, "k1", "g", '{"a":1}'))
--- response_body_like: "tool-input-delta","toolCallId":"k0","inputTextDelta":"\{\}"(.|\n)*"tool-input-available","toolCallId":"k0","toolName":"f","input":\{\}
--- response_body_unlike: "inputTextDelta":"null"
--- no_error_log
[error]



=== TEST 3: braces before the arguments are dropped
--- tcp_reply eval
::calls(::piece(0, "k0", "f", "{}"), ::piece(0, "", "", '{"q":'), ::piece(0, "", "", "2}"))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","args":\{"q":2\}\}\]
--- no_error_log
[error]



=== TEST 4: braces before the arguments of parallel calls are dropped in a stream
--- config eval
AIStream::location("aistream_protocol openai;")
--- request
POST /chat
{"prompt":"a","stream":true}
--- tcp_reply eval
::calls(::piece(0, "k0", "f", "{}"), ::piece(1, "k1", "g", "{}"), ::piece(0, "", "", '{"p":1}'), ::piece(1, "", "", '{"q":2}'))
--- response_body_like: "index":0,"function":\{"arguments":"\{\\"p\\":1\}"\}(.|\n)*"index":1,"function":\{"arguments":"\{\\"q\\":2\}"\}
--- response_body_unlike: "arguments":"\{\}"
--- no_error_log
[error]



=== TEST 5: null before the arguments is dropped, a brace of their own is kept
--- tcp_reply eval
::calls(::piece(0, "k0", "f", "null"), ::piece(0, "", "", "{"), ::piece(0, "", "", '"q":2'), ::piece(0, "", "", "}"))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","args":\{"q":2\}\}\]
--- no_error_log
[error]



=== TEST 6: a piece at an unused index belongs to the last call
--- tcp_reply eval
::calls(::piece(0, "k0", "f", '{"p":1}'), ::piece(0, "k1", "g", ""), ::piece(1, "", "", '{"q":'), ::piece(1, "", "", "2}"))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","args":\{"p":1\}\},\{"toolCallId":"k1","toolName":"g","args":\{"q":2\}\}\]
--- no_error_log
[error]



=== TEST 7: a known id at another index belongs to its call
--- tcp_reply eval
::calls(::piece(0, "k0", "f", '{"p":'), ::piece(1, "k1", "g", '{"q":'), ::piece(0, "k1", "", "2}"), ::piece(1, "k0", "", "1}"))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","args":\{"p":1\}\},\{"toolCallId":"k1","toolName":"g","args":\{"q":2\}\}\]
--- no_error_log
[error]



=== TEST 8: pieces with a new id each belong to one call
--- tcp_reply eval
::calls(::piece(0, "k0", "f", '{"p":'), ::piece(0, "k1", "f", "[1,"), ::piece(0, "k2", "", "2]}"))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","args":\{"p":\[1,2\]\}\}\]
--- no_error_log
[error]



=== TEST 9: calls of one tool at index 0 are told apart by their ids
--- tcp_reply eval
::calls(::piece(0, "k0", "f", '{"p":1}'), ::piece(0, "k1", "f", '{"p":2}'), ::piece(0, "k2", "f", ""))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","args":\{"p":1\}\},\{"toolCallId":"k1","toolName":"f","args":\{"p":2\}\},\{"toolCallId":"k2","toolName":"f","args":\{\}\}\]
--- no_error_log
[error]



=== TEST 10: calls without an index are told apart by their ids
--- tcp_reply eval
::calls(::piece("", "k0", "f", '{"p":'), ::piece("", "", "", "1}"), ::piece("", "k1", "g", '{"q":'), ::piece("", "", "", "2}"))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","args":\{"p":1\}\},\{"toolCallId":"k1","toolName":"g","args":\{"q":2\}\}\]
--- no_error_log
[error]



=== TEST 11: calls without index and id are told apart by complete arguments
--- tcp_reply eval
::calls(::piece("", "", "f", '{"p":'), ::piece("", "", "f", "1}"), ::piece("", "", "f", '{"p":2}'))
--- response_body_like: "toolCalls":\[\{"toolCallId":"[^"]+","toolName":"f","args":\{"p":1\}\},\{"toolCallId":"[^"]+","toolName":"f","args":\{"p":2\}\}\]
--- no_error_log
[error]



=== TEST 12: another name at the same index starts another call
--- tcp_reply eval
::calls(::piece(0, "", "f", '{"p":1}'), ::piece(0, "", "g", '{"q":2}'))
--- response_body_like: "toolCalls":\[\{"toolCallId":"[^"]+","toolName":"f","args":\{"p":1\}\},\{"toolCallId":"[^"]+","toolName":"g","args":\{"q":2\}\}\]
--- no_error_log
[error]



=== TEST 13: arguments that are repeated whole are taken once
--- tcp_reply eval
::calls(::piece(0, "k0", "f", '{"p":"}{\\"'), ::piece(0, "", "", '"}'), ::piece(0, "k0", "f", '{"p":"}{\\""}'))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","args":\{"p":"\}\{\\""\}\}\]
--- no_error_log
[error]



=== TEST 14: arguments that are JSON, not a string, are taken
--- tcp_reply eval
::calls(AIStream::choice('"tool_calls":[{"index":0,"id":"k0","function":{"name":"f","arguments":{"p": 12345678901234567890}}},{"index":1,"id":"k1","function":{"name":"g","arguments":null}},{"index":2,"id":"k2","function":{"name":"h","arguments":[]}}]'))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","args":\{"p":12345678901234567890\}\},\{"toolCallId":"k1","toolName":"g","args":\{\}\},\{"toolCallId":"k2","toolName":"h","args":\{\}\}\]
--- no_error_log
[error]



=== TEST 15: truncated arguments stay truncated
--- tcp_reply eval
::calls(::piece(0, "k0", "f", '{"p":'))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","argsText":"\{\\"p\\":"\}\]
--- no_error_log
[error]



=== TEST 16: pieces of a call without a name are dropped
--- tcp_reply eval
AIStream::raw(AIStream::delta("A"), ::piece(0, "k0", "", '{"p":1}'), AIStream::finish(), AIStream::done())
--- response_body_like: "content":"A","model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 17: a custom tool's input is text
--- tcp_reply eval
::calls(AIStream::choice('"tool_calls":[{"index":0,"id":"k0","type":"custom","custom":{"name":"f","input":"{}"}}]'), AIStream::choice('"tool_calls":[{"index":0,"custom":{"input":"{x}"}}]'))
--- response_body_like: "toolCalls":\[\{"toolCallId":"k0","toolName":"f","argsText":"\{\}\{x\}"\}\]
--- no_error_log
[error]



=== TEST 18: anthropic: input may be at the start, in pieces, or both
--- http_config eval: AIStream::http("", "", "anthropic")
--- golden: anthropic/tool-input-places.to.json
--- no_error_log
[error]



=== TEST 19: anthropic: pieces replace another input at the start, and null is empty
--- http_config eval: AIStream::http("", "", "anthropic")
--- tcp_reply eval
::message(::block(0, '{"a":1}', '{"a":2}'), ::block(1, "null", "null"), ::block(2, "{}", "{}", '{"b":1}'))
--- response_body_like: "toolCalls":\[\{"toolCallId":"t0","toolName":"f","args":\{"a":2\}\},\{"toolCallId":"t1","toolName":"f","args":\{\}\},\{"toolCallId":"t2","toolName":"f","args":\{"b":1\}\}\]
--- no_error_log
[error]



=== TEST 20: anthropic: input at the start is streamed once
--- http_config eval: AIStream::http("", "", "anthropic")
--- config eval
AIStream::location("aistream_protocol data;")
--- tcp_reply eval
::message(::block(0, '{"a": "ü\n"}', '{"a": "ü\n"}'))
--- response_body_like eval
qr/\nc:\{"toolCallId":"t0","argsTextDelta":"\{\\"a\\": \\"ü\\\\n\\"\}"\}\n9:\{"toolCallId":"t0","toolName":"f","args":\{"a":"ü\\n"\}\}\n/
--- no_error_log
[error]



=== TEST 21: responses: arguments may be at the start, in pieces, or at the end
--- http_config eval: AIStream::http("", "", "responses")
--- golden: openai-responses/tool-argument-places.to.json
--- no_error_log
[error]



=== TEST 22: responses: the rest of incomplete pieces is taken from the end
--- http_config eval: AIStream::http("", "", "responses")
--- tcp_reply eval
my @events = ::item(0, "", '{"a": "ü", "b":2}', '{"a": "ü"'); $events[-1] =~ s/ü/\\u00fc/; ::items(@events)
--- response_body_like eval
qr/"toolCalls":\[\{"toolCallId":"k0","toolName":"f","args":\{"a":"ü","b":2\}\}\]/
--- no_error_log
[error]



=== TEST 23: anthropic's protocol closes each block before the next
--- config eval
AIStream::location("aistream_protocol anthropic;")
--- request
POST /chat
{"prompt":"a","stream":true}
--- tcp_reply eval
::calls(::piece(0, "k0", "f", '{"p":'), ::piece(1, "k1", "g", '{"q":'), AIStream::delta("A"), ::piece(0, "", "", "1}"), ::piece(1, "", "", "2}"), AIStream::delta("B"))
--- response_body_filters eval
sub { CORE::join "", map { /"index":(\d)/ ? ("$1" . (/block_(\w+)/)[0] . (/"(?:text|partial_json)":"(.+?)"\}/ ? " $1" : "") . "\n") : () } split /\n/, $_[0] }
--- response_body
0start
0delta {\"p\":
0delta 1}
0stop
1start
1delta A
1stop
2start
2delta {\"q\":2}
2stop
3start
3delta B
3stop
--- no_error_log
[error]
