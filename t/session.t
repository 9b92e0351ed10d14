# Conversations that are kept: whose they are, what counts, what is refused.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# a provider that repeats what it was told, another one that always fails

my $mock = <<'EOF';
    aistream_zone sessions 1m;

    log_format session '$status "$aistream_session" $aistream_error';

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;

        location / {
            client_body_buffer_size 1m;
            aistream_mock openai text=$request_body;
        }
    }

    upstream broken {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=provider.test tls=off;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;

        location / {
            aistream_mock openai status=500;
        }
    }
EOF

my $config = <<'EOF';
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_store zone=sessions;
        }

        location /broken {
            aistream_pass broken:m;
            aistream_store zone=sessions;
        }

        location /sessions {
            aistream_store zone=sessions;
            aistream_session $arg_id;
            aistream_sessions;
        }
EOF

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value("http_config", AIStream::http($mock))
        unless defined $block->http_config;
    $block->set_value("config", $config) unless defined $block->config;
});

run_tests();

__DATA__

=== TEST 1: earlier messages are sent with the request
--- request eval
["POST /chat\n" . '{"prompt":"a","conversation_id":"t1"}',
"POST /chat\n" . '{"prompt":"b","conversation_id":"t1"}']
--- response_body_like eval
['"messages":\[\{"role":"user","content":"a"\}\]',
'"messages":\[\{"role":"user","content":"a"\},\{"role":"assistant","content":".*"\},\{"role":"user","content":"b"\}\]']
--- no_error_log
[error]



=== TEST 2: an unknown session is 404
--- request
GET /sessions?id=nothing
--- error_code: 404
--- response_headers
Content-Type: application/json
--- response_body
{"error":{"code":"session_not_found","message":"There is no such conversation.","retryable":false}}
--- no_error_log
[error]



=== TEST 3: a list without an id is 404
--- request
GET /sessions
--- error_code: 404
--- response_body_like: session_not_found
--- no_error_log
[error]



=== TEST 4: invalid ids are 400
--- request eval
["POST /chat\n" . '{"prompt":"a","conversation_id":"a b"}',
"POST /chat\n" . '{"prompt":"a","conversation_id":"a/b"}',
"POST /chat\n" . '{"prompt":"a","conversation_id":"a\u0000b"}',
"POST /chat\n" . '{"prompt":"a","conversation_id":"' . ("x" x 129) . '"}',
"GET /sessions?id=%41",
"POST /chat\n" . '{"prompt":"a","conversation_id":"' . ("x" x 128) . '"}',
"POST /chat\n" . '{"prompt":"a","conversation_id":"a-B_0.1:2~@"}']
--- error_code eval
[400, 400, 400, 400, 400, 200, 200]
--- response_body_like eval
["The id of the conversation is not valid", "id of the conversation",
"invalid_request", "id of the conversation", "id of the conversation", "a", "a"]
--- no_error_log
[error]



=== TEST 5: the user's message is saved once when the provider fails
--- request eval
["POST /broken\n" . '{"prompt":"a","conversation_id":"t5"}',
"POST /broken\n" . '{"prompt":"a","conversation_id":"t5"}',
"GET /sessions?id=t5",
"POST /chat\n" . '{"prompt":"a","conversation_id":"t5"}',
"POST /broken\n" . '{"prompt":"b","conversation_id":"t5"}',
"POST /chat\n" . '{"prompt":"c","conversation_id":"t5"}']
--- error_code eval
[502, 502, 200, 200, 502, 200]
--- response_body_like eval
["provider_error", "provider_error",
'\A\{"id":"t5","messages":\[\{"role":"user","content":"a","metadata":\{"time":[\d.]+,"model":"broken:m","error":"provider_error"\}\}\]\}\n\z',
'"messages":\[\{"role":"user","content":"a"\}\]',
"provider_error",
'"messages":\[\{"role":"user","content":"a"\},\{"role":"assistant","content":".*"\},\{"role":"user","content":"b"\},\{"role":"user","content":"c"\}\]']
--- no_error_log
[alert]



=== TEST 6: a change of model is an entry of the history
--- config
        aistream_store zone=sessions;
        aistream_model small provider:m;
        aistream_model large provider:n;

        location /chat {
            aistream_pass small;
            aistream_allow_models small large;
            aistream_protocol text;
        }

        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
--- request eval
["POST /chat\n" . '{"prompt":"a","conversation_id":"t6"}',
"POST /chat\n" . '{"prompt":"b","conversation_id":"t6","model":"large"}',
"POST /chat\n" . '{"prompt":"c","conversation_id":"t6","model":"large"}',
"GET /sessions?id=t6"]
--- response_body_like eval
['"model":"m"', '"model":"n"', '"model":"n"',
'\A\{"id":"t6","messages":\[\{"role":"user","content":"a","metadata":\{"time":[\d.]+,"model":"small"\}\},\{"role":"assistant","content":"[^\n]*","metadata":\{"time":[\d.]+,"model":"small","model_used":"m","provider":"provider","finish_reason":"stop","usage":\{"input_tokens":\d+,"output_tokens":\d+[^}]*\}\}\},\{"type":"model_switch","from":"small","to":"large","metadata":\{"time":[\d.]+\}\},\{"role":"user","content":"b",(?:(?!model_switch).)*\z']
--- no_error_log
[error]



=== TEST 7: aistream_history limits the messages sent
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_store zone=sessions;
            aistream_session $arg_id;
            aistream_history 1;
        }
--- request eval
["POST /chat?id=t7\n" . '{"prompt":"a"}',
"POST /chat?id=t7\n" . '{"prompt":"b"}']
--- response_body_like eval
['"messages":\[\{"role":"user","content":"a"\}\]',
'"messages":\[\{"role":"assistant","content":"[^\n]*"\},\{"role":"user","content":"b"\}\]']
--- no_error_log
[error]



=== TEST 8: aistream_history 0 sends no earlier messages
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_store zone=sessions;
            aistream_session $arg_id;
            aistream_history 0;
        }
--- request eval
["POST /chat?id=t8\n" . '{"prompt":"a"}',
"POST /chat?id=t8\n" . '{"prompt":"b"}']
--- response_body_like eval
['"messages":\[\{"role":"user","content":"a"\}\]',
'"messages":\[\{"role":"user","content":"b"\}\]']
--- no_error_log
[error]



=== TEST 9: a message over the limit is saved truncated, and sent whole
--- config
        aistream_store zone=sessions;
        aistream_limits session=4k;

        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
        }

        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
--- request eval
["POST /chat\n" . '{"prompt":"' . ("\xc3\xa9" x 1000) . '","conversation_id":"t9"}',
"GET /sessions?id=t9"]
--- response_body_like eval
["\xc3\xa9" x 1000,
'"role":"user","content":"' . ("\xc3\xa9" x 512) . '","metadata":\{[^}]*"truncated":true\}']
--- no_error_log
[error]



=== TEST 10: the oldest messages are removed when a session is full
--- config
        aistream_store zone=sessions;
        aistream_limits messages=4;

        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
        }

        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
--- request eval
[(map { "POST /chat\n" . '{"prompt":"' . $_ . '","conversation_id":"t10"}' } "a", "b", "c"), "GET /sessions?id=t10"]
--- response_body_like eval
["a", "b", "c", '\A\{"id":"t10","messages":\[\{"role":"user","content":"b",((?!"content":"a").)*\z']
--- no_error_log
[error]



=== TEST 11: a tool call is saved, and its result continues the turn
--- config
        aistream_store zone=sessions;

        location /call {
            aistream_pass tools:m;
            aistream_protocol text;
        }

        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
        }

        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
--- user_files
>>> call.sse
data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\": \"Oslo\"}"}}]},"finish_reason":null}]}

data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: [DONE]

--- http_config eval
AIStream::http('aistream_zone sessions 1m;
    upstream tools {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=provider.test tls=off;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        location / { aistream_mock openai file=$document_root/call.sse; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { client_body_buffer_size 1m; aistream_mock openai text=$request_body; }
    }
')
--- request eval
["POST /call\n" . '{"prompt":"a","conversation_id":"t12"}',
"POST /chat\n" . '{"conversation_id":"t12","messages":[{"role":"tool","tool_call_id":"call_1","content":"sunny"}]}',
"GET /sessions?id=t12"]
--- response_body_like eval
['\A\z',
'"messages":\[\{"role":"user","content":"a"\},\{"role":"assistant",[^\n]*"tool_calls":\[\{"id":"call_1","type":"function","function":\{"name":"weather","arguments":"\{\\\\"city\\\\":\\\\"Oslo\\\\"\}"\}\}\]\},\{"role":"tool","tool_call_id":"call_1","content":"sunny"\}\]',
'\{"role":"assistant","content":"","parts":\[\{"type":"tool-call","toolCallId":"call_1","toolName":"weather","input":\{"city":"Oslo"\}\}\],"metadata":[^\n]*"finish_reason":"tool-calls"[^\n]*\{"role":"tool","content":"","parts":\[\{"type":"tool-result","toolCallId":"call_1","toolName":"[^"]*","output":"sunny"\}\]']
--- no_error_log
[error]



=== TEST 12: $aistream_session is in the log
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_store zone=sessions;
            access_log logs/access.log session;
        }
--- request
POST /chat
{"prompt":"a","conversation_id":"t13"}
--- response_body_like: a
--- access_log eval
qr/200 "t13" -/
--- no_error_log
[error]



=== TEST 13: a list allows GET, DELETE and OPTIONS
--- config
        location /sessions {
            aistream_store zone=sessions;
            aistream_session $arg_id;
            aistream_sessions;
            aistream_cors https://app.example.com;
        }
--- more_headers
Origin: https://app.example.com
--- request
POST /sessions?id=a
--- error_code: 405
--- response_headers
Allow: GET, DELETE, OPTIONS
Access-Control-Allow-Origin: https://app.example.com
--- response_body_like: method_not_allowed
--- no_error_log
[error]



=== TEST 14: a preflight of a list allows DELETE
--- config
        location /sessions {
            aistream_store zone=sessions;
            aistream_session $arg_id;
            aistream_sessions;
            aistream_cors https://app.example.com;
        }
--- more_headers
Origin: https://app.example.com
Access-Control-Request-Method: DELETE
--- request
OPTIONS /sessions?id=a
--- error_code: 204
--- response_headers
Access-Control-Allow-Origin: https://app.example.com
Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS
--- response_body:
--- no_error_log
[error]



=== TEST 15: an undefined zone is rejected
--- http_config eval
AIStream::http()
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_store zone=nothing;
        }
--- must_die
--- error_log
zone "nothing" of "aistream_store" is not defined by "aistream_zone"



=== TEST 16: a list without a store is rejected
--- http_config eval
AIStream::http()
--- config
        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
--- must_die
--- error_log
no "aistream_store" is defined for "aistream_sessions"



=== TEST 17: an unknown kind of store is rejected
--- http_config eval
AIStream::http()
--- config
        aistream_store file=x;
--- must_die
--- error_log
invalid parameter "file=x"



=== TEST 18: an answer passed on in OpenAI's dialect is saved
--- http_config eval
AIStream::http('aistream_zone sessions 1m;
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { aistream_mock openai text=hello; }
    }
')
--- config
        aistream_store zone=sessions;

        location /chat/completions {
            aistream_pass provider:m;
        }

        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
--- request eval
["POST /chat/completions\n" . '{"stream":true,"messages":[{"role":"user","content":"a"}],"conversation_id":"t19"}',
"POST /chat/completions\n" . '{"messages":[{"role":"user","content":"b"}],"conversation_id":"t19"}',
"GET /sessions?id=t19"]
--- response_body_like eval
["hello", "hello", '"content":"a".*"content":"hello".*"content":"b".*"content":"hello"']
--- no_error_log
[error]



=== TEST 19: a turn without a user's message is 400
--- request
POST /chat
{"messages":[{"role":"assistant","content":"a"}],"conversation_id":"t20"}
--- error_code: 400
--- response_body_like: There is no message of the user's
--- no_error_log
[error]



=== TEST 20: a zone of the module itself is rejected
--- http_config eval
AIStream::http()
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_store zone=aistream_metrics;
        }
--- must_die
--- error_log
zone "aistream_metrics" of "aistream_store" is not defined by "aistream_zone"



=== TEST 21: an id with another location's prefix does not find its session
--- config
        aistream_store zone=sessions prefix="";
        aistream_protocol text;

        location /a {
            aistream_pass provider:m;
            aistream_store zone=sessions prefix=a:;
        }

        location /b {
            aistream_pass provider:m;
        }

        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
--- request eval
["POST /a\n" . '{"prompt":"a","conversation_id":"t21"}',
"GET /sessions?id=a:t21",
"POST /b\n" . '{"prompt":"b","conversation_id":"a:t21"}',
"DELETE /sessions?id=a:t21",
"POST /a\n" . '{"prompt":"c","conversation_id":"t21"}']
--- error_code eval
[200, 404, 404, 404, 200]
--- response_body_like eval
['"content":"a"', "session_not_found", "session_not_found",
"session_not_found", '"content":"a".*"content":"c"']
--- no_error_log
[error]



=== TEST 22: an "if" keeps its location's list
--- config
        location /sessions {
            aistream_store zone=sessions;
            aistream_session $arg_id;
            aistream_sessions;
            aistream_cors https://app.example.com;
            if ($http_x_team) {
                set $team 1;
            }
        }
--- request
PUT /sessions?id=t22
--- more_headers
Origin: https://app.example.com
X-Team: red
--- error_code: 405
--- response_headers
Allow: GET, DELETE, OPTIONS
Access-Control-Allow-Origin: https://app.example.com
--- response_body_like: method_not_allowed
--- no_error_log
[error]



=== TEST 23: a list may be included by SSI
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_store zone=sessions;
        }

        location /sessions {
            aistream_store zone=sessions;
            aistream_session $arg_id;
            aistream_sessions;
        }

        location /page {
            ssi on;
            default_type text/html;
            return 200 'before <!--# include virtual="/sessions?id=$arg_id" --> after';
        }
--- request eval
["POST /chat\n" . '{"prompt":"a","conversation_id":"t23"}', "GET /page?id=t23",
"GET /page?id=nothing"]
--- response_body_like eval
['"a"', '^before \{"id":"t23".*\}\n after$', '^before .*session_not_found.*\n after$']
--- no_error_log
[error]



=== TEST 24: an id that is not a string is 400
--- request eval
["POST /chat\n" . '{"prompt":"a","conversation_id":24}',
"POST /chat\n" . '{"prompt":"a","conversation_id":null}']
--- error_code eval
[400, 200]
--- response_body_like eval
['\\\\"conversation_id\\\\" must be a string', '"content":"a"']
--- no_error_log
[error]



=== TEST 25: escaped characters count towards a session's limit
--- config
        aistream_store zone=sessions;
        aistream_limits session=4k;

        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
        }

        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
--- request eval
["POST /chat\n" . '{"prompt":"first","conversation_id":"t25"}',
"POST /chat\n" . '{"prompt":"' . ('\u0001' x 700) . '","conversation_id":"t25"}',
"GET /sessions?id=t25"]
--- response_body_like eval
['first', 'first',
'"content":"first".*"role":"user","content":"(\\\\u0001){170}","metadata":\{[^}]*"truncated":true\}']
--- no_error_log
[error]
