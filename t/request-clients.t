# What clients really send, and what others made of it before them: it is
# passed on unchanged, put right, or left out.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::defaults(http_config => AIStream::http(),
                   tcp_reply => AIStream::echo_body(), config => <<'EOF');
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol text;
        }
EOF

# a conversation with one call and what it returned

sub called {
    my ($input, $result) = @_;

    return "POST /chat\n" . '{"messages":[{"role":"user","content":"q"},'
        . '{"role":"assistant","content":[{"type":"tool_use","id":"c1",'
        . qq("name":"get","input":$input}]},{"role":"user","content":)
        . qq([{"type":"tool_result","tool_use_id":"c1"$result}]}]});
}

# an AI SDK's, whose tools return any JSON

sub output {
    my ($output) = @_;

    return "POST /chat\n" . '{"trigger":"submit-message","messages":['
        . '{"role":"user","parts":[{"type":"text","text":"q"}]},'
        . '{"role":"assistant","parts":[{"type":"tool-get","toolCallId":"c1",'
        . qq("state":"output-available","input":{},"output":$output}]}]});
}

run_tests();

__DATA__

=== TEST 1: numbers in a string of arguments keep their digits
--- request
POST /chat
{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"get","arguments":"{\"id\":2512292042121000001,\"x\":1e400}"}}]},{"role":"tool","tool_call_id":"c1","content":"none"}]}
--- response_body_like eval
qr/"arguments":"\{\\"id\\":2512292042121000001,\\"x\\":1e400\}"/
--- no_error_log
[error]



=== TEST 2: numbers in a tool's input and output keep their digits
--- request eval
main::output('{"id":9007199254740993,"tiny":1.0e-400,"zero":-0.0}')
--- response_body_like eval
qr/"content":"\{\\"id\\":9007199254740993,\\"tiny\\":1.0e-400,\\"zero\\":-0.0\}"/
--- no_error_log
[error]



=== TEST 3: keys, escapes and their order are kept
--- http_config eval
AIStream::http("", "", "anthropic")
--- tcp_reply eval
AIStream::echo_as("anthropic")
--- request eval
main::called('{"b":[[],{"a":"\\u00e9\\/"}],"a":1,"b":12345678901234567890}', ',"content":"r"')
--- response_body_like eval
qr/"input":\{"b":\[\[\],\{"a":"\\u00e9\\\/"\}\],"a":1,"b":12345678901234567890\}/
--- no_error_log
[error]



=== TEST 4: numbers in a schema keep their digits with Gemini, too
--- http_config eval
AIStream::http("", "", "gemini")
--- tcp_reply eval
AIStream::echo_as("gemini")
--- request
POST /chat
{"prompt":"a","tools":[{"name":"f","parameters":{"type":"object","properties":{"n":{"maximum":18446744073709551616,"enum":[1e999]}}}}],"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"const":2512292042121000001}}}}
--- response_body_like eval
qr/"responseJsonSchema":\{"const":2512292042121000001\}.*\{"maximum":18446744073709551616,"enum":\[1e999\]\}/
--- no_error_log
[error]



=== TEST 5: a temperature beyond a double is 400
--- no_provider
--- request
POST /chat
{"prompt":"a","temperature":1e400}
--- error_code: 400
--- response_body_like: temperature.* is out of range
--- no_error_log
[error]



=== TEST 6: lone surrogates in a tool's input and result become U+FFFD
--- request eval
main::called('{"\\ud83d":"\\ude00\\ud83d\\ude00"}', ',"content":"\\udc00 \\ud800x"')
--- response_body_like eval
qr/"arguments":"\{\\"\\\\ufffd\\":\\"\\\\ufffd\\\\ud83d\\\\ude00\\"\}".*"content":"\xef\xbf\xbd \xef\xbf\xbdx"/
--- no_error_log
[error]



=== TEST 7: lone surrogates in texts, ids and string arguments become U+FFFD
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"text","text":"\ud83d\ud83d\ude00"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"c\ud83d","type":"function","function":{"name":"get","arguments":"{\"a\":\"\\ud83d\"}"}}]},{"role":"tool","tool_call_id":"c\ud83d","content":"\ud83d"}]}
--- response_body_like eval
qr/"content":"\xef\xbf\xbd\xf0\x9f\x98\x80".*"id":"c\xef\xbf\xbd".*"arguments":"\{\\"a\\":\\"\\\\ufffd\\"\}".*"tool_call_id":"c\xef\xbf\xbd","content":"\xef\xbf\xbd"/
--- no_error_log
[error]



=== TEST 8: an encoded half of a surrogate pair becomes U+FFFD
--- request eval
"POST /chat\n{\"prompt\":\"a\xed\xa0\xbdb\"}"
--- response_body_like eval
qr/"content":"a\xef\xbf\xbdb"/
--- no_error_log
[error]



=== TEST 9: an empty map of tools is left out
--- request
POST /chat
{"prompt":"a","tools":{},"tool_choice":"auto"}
--- response_body_unlike: tool
--- response_body_like: "content":"a"
--- no_error_log
[error]



=== TEST 10: a map of tools is read
--- golden: request/tool-map.to.openai.json
--- no_error_log
[error]



=== TEST 11: a tool that is not an object is 400
--- no_provider
--- request
POST /chat
{"prompt":"a","tools":{"f":1}}
--- error_code: 400
--- response_body_like: tools\[0\] must be an object
--- no_error_log
[error]



=== TEST 12: 300 tools are accepted
--- no_provider
--- http_config eval
AIStream::http(<<'CONF')
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;

        location / {
            client_body_buffer_size 1m;
            aistream_mock openai text=$request_body;
        }
    }
CONF
--- request eval
"POST /chat\n" . '{"prompt":"a","tools":['
. join(",", map { qq({"name":"t$_","input_schema":{"type":"object"}}) } 1 .. 300)
. ']}'
--- response_body_like: "name":"t300"
--- no_error_log
[error]



=== TEST 13: a schema gets a missing type and properties
--- request
POST /chat
{"prompt":"a","tools":[{"name":"f","parameters":{"type":"object"}},{"name":"g","parameters":{"additionalProperties":false}},{"name":"h","parameters":{}}]}
--- response_body_like eval
qr/"f","parameters":\{"type":"object","properties":\{\}\}.*"g","parameters":\{"additionalProperties":false,"type":"object","properties":\{\}\}.*\{"name":"h"\}/
--- no_error_log
[error]



=== TEST 14: provider-run tools are left out, and named in the log
--- log_level: info
--- request
POST /chat
{"prompt":"a","tools":[{"type":"web_search_20250305","name":"web_search","max_uses":8},{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"apply_patch"}},{"type":"custom","name":"own","input_schema":{"type":"object"}},{"type":"code_interpreter"}],"tool_choice":{"type":"tool","name":"web_search"}}
--- response_body_like: "name":"f".*"name":"own"
--- response_body_unlike: web_search|apply_patch|code_interpreter|tool_choice
--- error_log
field "tools.web_search_20250305" was dropped
field "tools.custom" was dropped
field "tools.code_interpreter" was dropped
--- no_error_log
[error]



=== TEST 15: allowed_tools with all tools becomes its mode
--- request
POST /chat
{"prompt":"a","tools":[{"name":"f"}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}}}
--- response_body_like: "tool_choice":"required"
--- no_error_log
[error]



=== TEST 16: unknown blocks of the history are left out, and named in the log
--- log_level: info
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"text","text":"q1"},{"type":"video","url":"x"}]},{"role":"assistant","content":[{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"x"}},{"type":"web_search_tool_result","tool_use_id":"s1","content":[]},{"type":"something_new","text":"hidden"},{"type":"text","text":"a1"}]},{"role":"user","content":"q2"}]}
--- response_body_like: "content":"q1".*"content":"a1".*"content":"q2"
--- response_body_unlike: web_search|hidden|video
--- error_log
messages[0].content[1] was left out
messages[1].content[2] was left out
--- no_error_log
[error]



=== TEST 17: an unknown block of the question is 400 and named
--- no_provider
--- request
POST /chat
{"messages":[{"role":"user","content":"q1"},{"role":"assistant","content":"a1"},{"role":"user","content":[{"type":"text","text":"q2"},{"type":"video","url":"x"}]}]}
--- error_code: 400
--- response_body_like: messages\[2\]\.content\[1\] is of a type
--- no_error_log
[error]



=== TEST 18: audio of OpenAI's and Gemini's form is sent as input_audio
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"text","text":"t"},{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},{"type":"file","mediaType":"audio/mpeg","url":"data:audio/mpeg;base64,AAAA"}]}]}
--- response_body_like eval
qr/\{"type":"input_audio","input_audio":\{"data":"UklGRg==","format":"wav"\}\},\{"type":"input_audio","input_audio":\{"data":"AAAA","format":"mp3"\}\}/
--- no_error_log
[error]



=== TEST 19: an unsupported file is replaced by a text for an Anthropic model
--- http_config eval
AIStream::http("", "", "anthropic")
--- tcp_reply eval
AIStream::echo_as("anthropic")
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"text","text":"t"},{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}]}]}
--- response_body_like: a file of type audio/wav, which cannot be read here
--- response_body_unlike: UklGRg
--- no_error_log
[error]



=== TEST 20: image/jpg becomes image/jpeg
--- http_config eval
AIStream::http("", "", "anthropic")
--- tcp_reply eval
AIStream::echo_as("anthropic")
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/JPG;base64,/9j/4AAQ"}},{"type":"image","source":{"type":"base64","media_type":"image/jpg","data":"/9j/4AAR"}}]}]}
--- response_body_like eval
qr{"media_type":"image/jpeg","data":"/9j/4AAQ".*"media_type":"image/jpeg","data":"/9j/4AAR"}
--- no_error_log
[error]



=== TEST 21: JSON and other text files become text
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"file","mediaType":"application/json","url":"data:application/json;base64,eyJhIjoxfQ=="},{"type":"file","mediaType":"application/vnd.x+json; charset=utf-8","url":"data:;base64,WzFd"},{"type":"file","url":"data:image/svg+xml,%3Csvg%2F%3E"},{"type":"file","url":"data:,a%20b%zz+"},{"type":"text","text":"see"}]}]}
--- response_body_like eval
qr/"content":"\{\\"a\\":1\}\\n\\n\[1\]\\n\\n<svg\/>\\n\\na b%zz\+\\n\\nsee"/
--- no_error_log
[error]



=== TEST 22: percent-encoded data URLs are decoded
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"file","url":"data:image/png,%89PNG"},{"type":"file","url":"data:image/png;base64,iVBO%2Bw%3D%3D"}]}]}
--- response_body_like eval
qr{"url":"data:image/png;base64,iVBORw==".*"url":"data:image/png;base64,iVBO\+w=="}
--- no_error_log
[error]



=== TEST 23: empty files are left out
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"file","mediaType":"text/plain","url":"data:text/plain;base64,"},{"type":"file","mediaType":"image/png","url":"data:image/png;base64,"},{"type":"text","text":"see"}]}]}
--- response_body_like: "content":"see"
--- no_error_log
[error]



=== TEST 24: an invalid file of the history is left out
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"text","text":"q1"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"!"}},{"type":"image","source":{"type":"file","file_id":"f1"}},{"type":"file","url":"data:text/plain;base64,/////w=="}]},{"role":"assistant","content":"a1"},{"role":"user","content":"q2"}]}
--- response_body_like: "content":"q1".*"content":"q2"
--- no_error_log
[error]



=== TEST 25: a result without content is empty, a result of null is "null"
--- request eval
main::called('{}', '') =~ s/\]\}\]\}$/]},{"role":"assistant","parts":[{"type":"tool-get","toolCallId":"c2","state":"output-available","input":{},"output":null}]}]}/r
--- response_body_like eval
qr/"tool_call_id":"c1","content":"".*"tool_call_id":"c2","content":"null"/
--- no_error_log
[error]



=== TEST 26: an empty list of blocks, or content null, is an empty result
--- request eval
main::called('{}', ',"content":[]') =~ s/\]\}\]\}$/]},{"role":"assistant","content":null,"tool_calls":[{"id":"c2","function":{"name":"f","arguments":""}}]},{"role":"tool","tool_call_id":"c2","content":null}]}/r
--- response_body_like eval
qr/"tool_call_id":"c1","content":"".*"tool_call_id":"c2","content":""/
--- no_error_log
[error]



=== TEST 27: white space at the end of a prefill is removed for an Anthropic model
--- http_config eval
AIStream::http("", "", "anthropic")
--- tcp_reply eval
AIStream::echo_as("anthropic")
--- request
POST /chat
{"messages":[{"role":"user","content":"q "},{"role":"assistant","content":"Sure: \n\u00a0\u3000"}]}
--- response_body_like eval
qr/"text":"q ".*"text":"Sure:"\}\]\}\]/
--- no_error_log
[error]



=== TEST 28: a blank prefill is left out for an Anthropic model
--- http_config eval
AIStream::http("", "", "anthropic")
--- tcp_reply eval
AIStream::echo_as("anthropic")
--- request
POST /chat
{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":" \n"}]}
--- response_body_like eval
qr/"messages":\[\{"role":"user","content":\[\{"type":"text","text":"q"\}\]\}\]/
--- no_error_log
[error]



=== TEST 29: an image in a result follows in a user message
--- request eval
main::called('{}', ',"content":[{"type":"text","text":"here"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}}]')
--- response_body_like eval
qr/"role":"tool","tool_call_id":"c1","content":"here"\},\{"role":"user","content":\[\{"type":"text","text":"\(result of get\)"\},\{"type":"image_url","image_url":\{"url":"data:image\/png;base64,iVBORw=="\}\}\]\}/
--- no_error_log
[error]



=== TEST 30: an image in a result stays there for an Anthropic model
--- http_config eval
AIStream::http("", "", "anthropic")
--- tcp_reply eval
AIStream::echo_as("anthropic")
--- request eval
main::output('{"type":"content","value":[{"type":"text","text":"here"},{"type":"media","data":"iVBORw==","mediaType":"image/png"}]}')
--- response_body_like eval
qr/"tool_use_id":"c1","content":\[\{"type":"text","text":"here"\},\{"type":"image","source":\{"type":"base64","media_type":"image\/png","data":"iVBORw=="\}\}\]\}/
--- no_error_log
[error]



=== TEST 31: an image in a result stays there for Responses
--- http_config eval
AIStream::http("", "", "responses")
--- tcp_reply eval
AIStream::echo_as("responses")
--- request eval
main::output('{"content":[{"type":"image","data":"iVBORw==","mimeType":"image/png"},{"type":"text","text":"here"}],"isError":false}')
--- response_body_like eval
qr/"call_id":"c1","output":\[\{"type":"input_text","text":"here"\},\{"type":"input_image","image_url":"data:image\/png;base64,iVBORw=="\}\]\}/
--- no_error_log
[error]



=== TEST 32: an image in a result stays there for Gemini 3
--- http_config eval
AIStream::http("", "", "gemini")
--- config
location /chat { aistream_pass provider:gemini-3-pro; aistream_protocol text; }
--- tcp_reply eval
AIStream::echo_as("gemini")
--- request eval
main::output('{"content":[{"type":"image","data":"iVBORw==","mimeType":"image/png"}]}')
--- response_body_like eval
qr/\{"functionResponse":\{"name":"get","response":\{"output":""\},"parts":\[\{"inlineData":\{"mimeType":"image\/png","data":"iVBORw=="\}\}\]\}\}/
--- no_error_log
[error]



=== TEST 33: an image in a result follows in a turn of its own for Gemini 2
--- http_config eval
AIStream::http("", "", "gemini")
--- config
location /chat { aistream_pass provider:gemini-2.5-pro; aistream_protocol text; }
--- tcp_reply eval
AIStream::echo_as("gemini")
--- request eval
main::output('{"content":[{"type":"image","data":"iVBORw==","mimeType":"image/png"}]}')
--- response_body_like eval
qr/\{"functionResponse":\{"name":"get","response":\{"output":""\}\}\}\]\},\{"role":"user","parts":\[\{"inlineData":\{"mimeType":"image\/png","data":"iVBORw=="\}\}\]\}/
--- no_error_log
[error]



=== TEST 34: a tool's own JSON that resembles blocks is sent as text
--- request eval
main::output('[{"type":"celsius","value":2.10},{"type":"text"}]')
--- response_body_like eval
qr/"content":"\[\{\\"type\\":\\"celsius\\",\\"value\\":2\.10\},\{\\"type\\":\\"text\\"\}\]"/
--- no_error_log
[error]



=== TEST 35: a block of an unknown type beside an image stays text
--- request eval
main::called('{}', ',"content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}},{"type":"new","n":1e400}]')
--- response_body_like eval
qr/"content":"\{\\"type\\":\\"new\\",\\"n\\":1e400\}"\},\{"role":"user","content":\[.*iVBORw==/
--- no_error_log
[error]



=== TEST 36: reasoning is sent back to services that use it
--- http_config eval
AIStream::http("", "; aistream_header X-A b") =~ s/host=provider\.test/host=api.deepseek.com/r
--- request
POST /chat
{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"","reasoning_content":"I need f","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"42"}]}
--- response_body_like eval
qr/"content":null,"reasoning_content":"I need f","tool_calls":\[/
--- no_error_log
[error]



=== TEST 37: reasoning of parts is sent back in the configured field
--- http_config eval
AIStream::http("", "reasoning=reasoning")
--- request
POST /chat
{"trigger":"submit-message","messages":[{"role":"user","parts":[{"type":"text","text":"q"}]},{"role":"assistant","parts":[{"type":"reasoning","text":"I \"think\""},{"type":"reasoning","text":", so"},{"type":"text","text":"a"}]},{"role":"user","parts":[{"type":"text","text":"q2"}]}]}
--- response_body_like eval
qr/"content":"a","reasoning":"I \\"think\\", so"\}/
--- no_error_log
[error]



=== TEST 38: reasoning is left out for other services
--- request
POST /chat
{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a","reasoning_content":"hm"},{"role":"user","content":[{"type":"text","text":"q2"}]}]}
--- response_body_unlike: reasoning|hm
--- response_body_like: "content":"a"
--- no_error_log
[error]



=== TEST 39: reasoning is left out where it is off
--- http_config eval
AIStream::http("", "reasoning=off") =~ s/host=provider\.test/host=api.moonshot.ai/r
--- request
POST /chat
{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a","reasoning_content":"hm"},{"role":"user","content":"q2"}]}
--- response_body_unlike: reasoning|hm
--- response_body_like: "content":"a"
--- no_error_log
[error]



=== TEST 40: the public service gets include_obfuscation false
--- http_config eval
AIStream::http() =~ s/host=provider\.test/host=api.openai.com/r
--- request
POST /chat
{"prompt":"a"}
--- response_body_like: "include_obfuscation":false
--- no_error_log
[error]



=== TEST 41: bare control characters in strings are accepted
--- request eval
"POST /chat\n" . '{"messages":[{"role":"user","content":"a' . "\t" . 'b"},{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{"a":"x' . "\n" . '"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"r"}]}]}'
--- response_body_like eval
qr/"content":"a\\tb".*"arguments":"\{\\"a\\":\\"x\\\\n\\"\}"/
--- no_error_log
[error]



=== TEST 42: a body with too many values is 400
--- no_provider
--- request eval
"POST /chat\n{\"prompt\":\"a\"" . (",\"a\":0" x 100000) . "}"
--- error_code: 400
--- response_body_like: The body has too many values for its size
--- no_error_log
[error]



=== TEST 43: unused values take no memory
--- request eval
main::called('{"a":[' . join(",", ("[],1e300,{}") x 50000) . ']}', ',"content":"r"')
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol text;
            client_max_body_size 2m;
        }
--- response_body_like: "name":"get"
--- no_error_log
[error]



=== TEST 44: an unreadable image in the result of the first message is an error
--- request
POST /chat
{"messages":[{"role":"tool","tool_call_id":"c1","content":[{"type":"image_url","image_url":{"url":"!"}}]}]}
--- error_code: 400
--- response_body_like: messages\[0\].content\[0\]
--- no_error_log
[alert]
