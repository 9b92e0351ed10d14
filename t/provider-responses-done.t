# Responses that say their text only when it is done: it is said once, wherever
# it comes first.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

our $completed = '{"type":"response.completed","response":{"usage":{}}}';

sub events {
    return AIStream::raw(map { "data: $_\n\n" } @_);
}

AIStream::defaults(
    http_config => AIStream::http("", "", "responses"),
    config => AIStream::location("aistream_protocol json;"),
    request => AIStream::prompt());

run_tests();

__DATA__

=== TEST 1: text that comes only in output_text.done is sent
--- tcp_reply eval
::events('{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Hi"}', $::completed)
--- response_body_like: "content":"Hi","model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 2: text and source that every event repeats are sent once
--- tcp_reply eval
my $part = '{"type":"output_text","text":"Hi","annotations":[{"type":"url_citation","url":"https://e.x/1","title":"One"}]}';
my $item = '{"type":"message","role":"assistant","content":[' . $part . ']}';
::events('{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"H"}', '{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"i"}', '{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Hi"}', "{\"type\":\"response.content_part.done\",\"output_index\":0,\"content_index\":0,\"part\":$part}", "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":$item}", "{\"type\":\"response.completed\",\"response\":{\"output\":[$item],\"usage\":{}}}")
--- response_body_like: "content":"Hi","sources":\[\{"url":"https://e.x/1","title":"One"\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 3: text that comes only in content_part.done is sent
--- tcp_reply eval
::events('{"type":"response.content_part.done","output_index":0,"content_index":0,"part":{"type":"output_text","text":"Hi"}}', $::completed)
--- response_body_like: "content":"Hi","model"
--- no_error_log
[error]



=== TEST 4: the part without deltas is taken from output_item.done
--- tcp_reply eval
::events('{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"A"}', '{"type":"response.output_item.done","output_index":1,"item":{"type":"message","content":[{"type":"output_text","text":"A"},{"type":"output_text","text":"B"}]}}', $::completed)
--- response_body_like: "content":"AB","model"
--- no_error_log
[error]



=== TEST 5: an answer that comes only in response.completed is sent
--- tcp_reply eval
::events('{"type":"response.created","response":{"output":[]}}', '{"type":"response.completed","response":{"output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}]},{"type":"message","content":[{"type":"output_text","text":"Hi"}]},{"type":"function_call","call_id":"k","name":"f","arguments":"{\"p\":1}"}],"usage":{}}}')
--- response_body_like: "content":"Hi","reasoning":"a\\n\\nb","toolCalls":\[\{"toolCallId":"k","toolName":"f","args":\{"p":1\}\}\],"model":"m-1","finishReason":"tool-calls"
--- no_error_log
[error]



=== TEST 6: text that response.completed has at another index is sent once
--- tcp_reply eval
::events('{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"Hi"}', '{"type":"response.completed","response":{"output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]},{"type":"other"},null,7],"usage":{}}}')
--- response_body_like: "content":"Hi","model"
--- no_error_log
[error]



=== TEST 7: a call that response.completed has at another index is one call
--- tcp_reply eval
::events('{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","call_id":"k","name":"f","arguments":""}}', '{"type":"response.completed","response":{"output":[{"type":"function_call","call_id":"k","name":"f","arguments":"{\"p\":1}"}],"usage":{}}}')
--- response_body_like: "toolCalls":\[\{"toolCallId":"k","toolName":"f","args":\{"p":1\}\}\],"model"
--- no_error_log
[error]



=== TEST 8: refusal and reasoning that come only in done events are sent
--- tcp_reply eval
::events('{"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"a"}', '{"type":"response.reasoning_summary_part.done","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"a"}}', '{"type":"response.reasoning_summary_part.done","output_index":0,"summary_index":1,"part":{"type":"summary_text","text":"b"}}', '{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],"content":[{"type":"reasoning_text","text":"ab"}]}}', '{"type":"response.refusal.done","output_index":1,"content_index":0,"refusal":"no"}', '{"type":"response.content_part.done","output_index":1,"content_index":0,"part":{"type":"refusal","refusal":"no"}}', $::completed)
--- response_body_like: "content":"","refusal":"no","reasoning":"a\\n\\nb","model"
--- no_error_log
[error]



=== TEST 9: arguments that come only in arguments.done are sent
--- tcp_reply eval
::events('{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"k","name":"f","arguments":""}}', '{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"p\":1}"}', $::completed)
--- response_body_like: "toolCalls":\[\{"toolCallId":"k","toolName":"f","args":\{"p":1\}\}\],"model"
--- no_error_log
[error]



=== TEST 10: a stream has a line for each text that comes only in a done event
--- config eval
AIStream::location("aistream_protocol ndjson;")
--- tcp_reply eval
::events('{"type":"response.reasoning_text.done","output_index":0,"content_index":0,"text":"hm"}', '{"type":"response.output_text.done","output_index":1,"content_index":0,"text":"Hi"}', '{"type":"response.output_item.done","output_index":1,"item":{"type":"message","content":[{"type":"output_text","text":"Hi"}]}}', $::completed)
--- response_body_like: \A\{"type":"reasoning","text":"hm"\}\n\{"type":"text","text":"Hi"\}\n\{"type":"finish","finishReason":"stop".*\n\z
--- no_error_log
[error]
