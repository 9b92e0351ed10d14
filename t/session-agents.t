# Agents: what each has of its own, who chooses, and what a change looks like.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

my $http = <<'EOF';
    aistream_zone sessions 1m;

    log_format agent '"$aistream_agent" "$aistream_previous_agent" $status';

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;

        location / {
            client_body_buffer_size 1m;
            aistream_mock openai text=$request_body;
        }
    }
EOF

my $config = <<'EOF';
        aistream_system platform "Be kind.";
        aistream_temperature 0.5;
        aistream_protocol text;

        aistream_agent sales {
            aistream_system agent "You sell.";
            aistream_pass provider:seller;
            aistream_temperature 1;
        }

        aistream_agent support {
            aistream_system agent "You help.";
            aistream_max_tokens 7;
        }

        location /chat {
            aistream_pass provider:m;
            aistream_system agent "You talk.";
        }

        location /kept {
            aistream_pass provider:m;
            aistream_store zone=sessions;
        }

        location /told {
            aistream_pass provider:m;
            aistream_store zone=sessions;
            aistream_switch_prompt "$aistream_previous_agent, then $aistream_agent.";
            access_log logs/access.log agent;
        }

        location /sessions {
            aistream_store zone=sessions;
            aistream_session $arg_id;
            aistream_sessions;
        }
EOF

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value("http_config", AIStream::http($http))
        unless defined $block->http_config;
    $block->set_value("config", $config) unless defined $block->config;
});

run_tests();

__DATA__

=== TEST 1: an agent has its own directives and inherits the location's
--- request eval
["POST /chat\n" . '{"prompt":"a"}',
"POST /chat\n" . '{"prompt":"a","agent":"sales"}',
"POST /chat\n" . '{"prompt":"a","agent":"support"}']
--- response_body_like eval
['"model":"m",.*"content":"Be kind.\\\\n\\\\nYou talk.".*"temperature":0.5,"max_tokens":4000',
'"model":"seller",.*"content":"Be kind.\\\\n\\\\nYou sell.".*"temperature":1,"max_tokens":4000',
'"model":"m",.*"content":"Be kind.\\\\n\\\\nYou help.".*"temperature":0.5,"max_tokens":7']
--- no_error_log
[error]



=== TEST 2: an unknown agent is 404
--- request
POST /chat
{"prompt":"a","agent":"nobody"}
--- error_code: 404
--- response_body
{"error":{"code":"agent_not_found","message":"There is no such agent here.","retryable":false}}
--- no_error_log
[error]



=== TEST 3: the client's agent is ignored in a location without agents
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
        }
--- request
POST /chat
{"prompt":"a","agent":"nobody"}
--- response_body_like: "model":"m"
--- no_error_log
[error]



=== TEST 4: aistream_agent_select overrides the client's agent
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_agent_select $arg_agent;

            aistream_agent one { aistream_pass provider:one; }
            aistream_agent two { aistream_pass provider:two; }
        }
--- request eval
["POST /chat?agent=two\n" . '{"prompt":"a","agent":"one"}',
"POST /chat\n" . '{"prompt":"a","agent":"one"}',
"POST /chat?agent=three\n" . '{"prompt":"a","agent":"one"}']
--- error_code eval
[200, 200, 404]
--- response_body_like eval
['"model":"two"', '"model":"one"', 'agent_not_found']
--- no_error_log
[error]



=== TEST 5: a change of agent is announced, and is an entry of the history
--- request eval
["POST /kept\n" . '{"prompt":"a","agent":"sales","conversation_id":"a5"}',
"POST /kept\n" . '{"prompt":"b","agent":"support","conversation_id":"a5"}',
"POST /kept\n" . '{"prompt":"c","agent":"support","conversation_id":"a5"}',
"GET /sessions?id=a5"]
--- response_body_like eval
['"content":"Be kind.\\\\n\\\\nYou sell."',
'\A\{"model":"m","messages":\[\{"role":"system","content":"Be kind.\\\\n\\\\nAnswers so far are those of another assistant, \\\\"sales\\\\". You are \\\\"support\\\\" and take over from it.\\\\n\\\\nYou help."\},\{"role":"user","content":"a"\}',
'\A\{"model":"m","messages":\[\{"role":"system","content":"Be kind.\\\\n\\\\nAnswers so far are those of another assistant, \\\\"sales\\\\".',
'"role":"user","content":"a","metadata":\{"time":[\d.]+,"agent":"sales","model":"provider:seller"\}\}.*\{"type":"agent_switch","from":"sales","to":"support","metadata":\{"time":[\d.]+\}\},\{"type":"model_switch","from":"provider:seller","to":"provider:m","metadata":\{"time":[\d.]+\}\},\{"role":"user","content":"b","metadata":\{"time":[\d.]+,"agent":"support"(?:(?!"type":).)*\z']
--- no_error_log
[error]



=== TEST 6: the announcement has the location's text, and the log the agent
--- request eval
["POST /told\n" . '{"prompt":"a","agent":"sales","conversation_id":"a6"}',
"POST /told\n" . '{"prompt":"b","agent":"support","conversation_id":"a6"}']
--- response_body_like eval
['"content":"Be kind.\\\\n\\\\nYou sell."',
'"content":"Be kind.\\\\n\\\\nsales, then support.\\\\n\\\\nYou help."']
--- access_log eval
qr/"sales" "-" 200/
--- no_error_log
[error]



=== TEST 7: an announcement names no earlier agent where there was none
--- request eval
["POST /kept\n" . '{"prompt":"a","conversation_id":"a7"}',
"POST /kept\n" . '{"prompt":"b","agent":"support","conversation_id":"a7"}',
"POST /kept\n" . '{"prompt":"c","conversation_id":"a7"}']
--- response_body_like eval
['"content":"Be kind."',
'Answers so far are those of another assistant. You are \\\\"support\\\\" and take over from it.\\\\n\\\\nYou help."',
'Answers so far are those of another assistant, \\\\"support\\\\". You take over from it."']
--- no_error_log
[error]



=== TEST 8: an agent whose messages are not sent is not announced
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_store zone=sessions;
            aistream_history 2;
            aistream_switch_prompt "after <$aistream_previous_agent>";
            aistream_agent one { aistream_temperature 1; }
            aistream_agent two { aistream_temperature 1; }
        }
--- request eval
["POST /chat\n" . '{"prompt":"a","agent":"one","conversation_id":"a8"}',
"POST /chat\n" . '{"prompt":"b","agent":"two","conversation_id":"a8"}',
"POST /chat\n" . '{"prompt":"c","agent":"two","conversation_id":"a8"}']
--- response_body_like eval
['"messages":\[\{"role":"user","content":"a"', 'after <one>',
'"messages":\[\{"role":"user","content":"b"']
--- no_error_log
[error]



=== TEST 9: another directive in an agent is rejected
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_agent one { auth_basic off; }
        }
--- must_die
--- error_log
"auth_basic" directive is not allowed here



=== TEST 10: an agent in an agent is rejected
--- config
        aistream_agent one { aistream_agent two { } }
--- must_die
--- error_log
"aistream_agent" directive is not allowed here



=== TEST 11: a second agent of the same name is rejected
--- config
        aistream_agent one { }
        aistream_agent one { }
--- must_die
--- error_log
duplicate agent "one"



=== TEST 12: an unknown target of an agent is rejected
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_agent one { aistream_pass nothing:m; }
        }
--- must_die
--- error_log
upstream "nothing" of target "nothing:m" is not defined



=== TEST 13: an alias is resolved in the location that uses the agent
--- config
        aistream_protocol text;
        aistream_agent one { aistream_pass best; }

        location /a {
            aistream_pass provider:m;
            aistream_model best provider:best-a;
        }

        location /b {
            aistream_pass provider:m;
            aistream_model best provider:best-b;
        }
--- request eval
["POST /a\n" . '{"prompt":"a","agent":"one"}',
"POST /b\n" . '{"prompt":"a","agent":"one"}']
--- response_body_like eval
['"model":"best-a"', '"model":"best-b"']
--- no_error_log
[error]



=== TEST 14: an agent's name that is not a string is 400
--- request eval
["POST /chat\n" . '{"prompt":"a","agent":7}',
"POST /chat\n" . '{"prompt":"a","agent":null}']
--- error_code eval
[400, 200]
--- response_body_like eval
['\\\\"agent\\\\" must be a string', 'messages']
--- no_error_log
[error]
