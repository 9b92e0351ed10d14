# What a client may ask for besides its messages, and what the location says.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::defaults(
    http_config => AIStream::http(),
    config => AIStream::location("aistream_protocol text;"),
    tcp_reply => AIStream::echo_body());

run_tests();

__DATA__

=== TEST 1: options have the provider's form, unknown ones are left out
--- request
POST /chat
{"prompt":"a","top_p":0.25,"seed":42,"stop":["x","y\n"],"temperature":1,"max_tokens":10,"user":"me","n":5,"logit_bias":{"1":2}}
--- response_body chomp
{"model":"m-1","messages":[{"role":"user","content":"a"}],"stream":true,"stream_options":{"include_usage":true},"temperature":1,"top_p":0.25,"seed":42,"max_tokens":10,"stop":["x","y\n"],"logit_bias":{"1":2},"user":"me"}
--- no_error_log
[error]



=== TEST 2: one stop sequence becomes a list
--- request
POST /chat
{"prompt":"a","stop":"END"}
--- response_body_like: "stop":\["END"\]\}$
--- no_error_log
[error]



=== TEST 3: the location's temperature and max_tokens are the default
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol text;
        aistream_temperature 0.75 max=1.5;
        aistream_max_tokens 100 max=200;
    }
--- request
POST /chat
{"prompt":"a","temperature":null}
--- response_body_like: "temperature":0\.75,"max_tokens":100\}$
--- no_error_log
[error]



=== TEST 4: values over the location's maximum are clamped
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol text;
        aistream_temperature 0.75 max=1.5;
        aistream_max_tokens 100 max=200;
    }
--- request
POST /chat
{"prompt":"a","temperature":1.9,"max_tokens":100000}
--- response_body_like: "temperature":1\.5,"max_tokens":200\}$
--- no_error_log
[error]



=== TEST 5: values under the location's maximum are passed on
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol text;
        aistream_temperature 0.75 max=1.5;
        aistream_max_tokens 100 max=200;
    }
--- request
POST /chat
{"prompt":"a","temperature":0,"max_completion_tokens":7}
--- response_body_like: "temperature":0,"max_tokens":7\}$
--- no_error_log
[error]



=== TEST 6: the default is the maximum without max=
--- request
POST /chat
{"prompt":"a","max_tokens":5000}
--- response_body_like: "max_tokens":4000\}$
--- no_error_log
[error]



=== TEST 7: max_tokens= sets the field's name
--- http_config eval: AIStream::http("", "max_tokens=max_completion_tokens")
--- request
POST /chat
{"prompt":"a"}
--- response_body_like: "max_completion_tokens":4000\}$
--- no_error_log
[error]



=== TEST 8: a temperature of another type is 400
--- no_provider
--- request
POST /chat
{"prompt":"a","temperature":"hot"}
--- error_code: 400
--- response_body_like: \\"temperature\\" must be a number
--- no_error_log
[error]



=== TEST 9: a max_tokens out of range is 400
--- no_provider
--- request
POST /chat
{"prompt":"a","max_tokens":-1}
--- error_code: 400
--- response_body_like: \\"max_tokens\\" is out of range
--- no_error_log
[error]



=== TEST 10: stop sequences of another type are 400
--- no_provider
--- request
POST /chat
{"prompt":"a","stop":[1]}
--- error_code: 400
--- response_body_like: \\"stop\\" must be a string or an array
--- no_error_log
[error]



=== TEST 11: a stream flag of another type is 400
--- no_provider
--- request
POST /chat
{"prompt":"a","stream":"yes"}
--- error_code: 400
--- response_body_like: \\"stream\\" must be a boolean
--- no_error_log
[error]



=== TEST 12: the levels of the system prompt are joined, the agent's last
--- config
        aistream_system agent "You write verse.";
        aistream_system platform "Be kind.";
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_system team "Team $arg_team.";
            aistream_system user "Call me \"$arg_name\".";
        }
--- request
POST /chat?team=red&name=Ann
{"messages":[{"role":"system","content":"I rule."},{"role":"user","content":"a"}]}
--- response_body_like: "messages":\[\{"role":"system","content":"Be kind\.\\n\\nTeam red\.\\n\\nCall me \\"Ann\\"\.\\n\\nYou write verse\."\},\{"role":"user","content":"a"\}\]
--- no_error_log
[error]



=== TEST 13: the client's system messages follow ours where they are allowed
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_system platform "Be kind.";
            aistream_client_system on;
        }
--- request
POST /chat
{"messages":[{"role":"system","content":"One."},{"role":"user","content":"a"},{"role":"developer","content":"Two."}]}
--- response_body_like: "messages":\[\{"role":"system","content":"Be kind\.\\n\\nOne\.\\n\\nTwo\."\},\{"role":"user","content":"a"\}\]
--- no_error_log
[error]



=== TEST 14: a system prompt is read from a file, without variables
--- user_files
>>> prompt.txt
Line "one".
Line two, $not_a_variable.
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_system platform file:../html/prompt.txt;
        }
--- request
POST /chat
{"prompt":"a"}
--- response_body_like: "role":"system","content":"Line \\"one\\"\.\\nLine two, \$not_a_variable\."\}
--- no_error_log
[error]



=== TEST 15: invalid UTF-8 of a variable becomes "?" in the system prompt
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_system platform "a $http_x_name z";
        }
--- more_headers eval
"X-Name: \xff\xc3\xa4"
--- request
POST /chat
{"prompt":"a"}
--- response_body_like eval
qr/"content":"a \?\xc3\xa4 z"/
--- no_error_log
[error]



=== TEST 16: a maximum temperature of 0 clamps every value
--- config eval
AIStream::location("aistream_protocol text;",
                   "aistream_temperature 0 max=0;")
--- request
POST /chat
{"prompt":"a","temperature":1.9}
--- response_body_like: "temperature":0,"max_tokens":\d+\}$
--- no_error_log
[error]
