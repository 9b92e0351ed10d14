# Configurations: mistakes are named, and what is inherited is.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

our $provider = <<'EOF';
    upstream provider {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai host=provider.test tls=off;
    }
EOF

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value("http_config", $::provider . ($block->more || ""))
        unless defined $block->http_config;

    $block->set_value("config", <<"EOF") unless defined $block->config;
        location /chat {
            aistream_pass provider:m;
            @{[ $block->directives || "" ]}
        }
EOF

    if (defined $block->echo) {
        $block->set_value("tcp_listen", '$TEST_NGINX_RAND_PORT_1');
        $block->set_value("tcp_reply", AIStream::echo_body());
        $block->set_value("request", "POST /chat\n{\"prompt\":\"a\"}");

    } else {
        $block->set_value("must_die", "");
    }
});

run_tests();

__DATA__

=== TEST 1: an unknown provider is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider klingon;
    }
--- error_log
unknown provider "klingon"



=== TEST 2: an unknown value of a provider's parameter is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai tls=maybe;
    }
--- error_log
invalid parameter "tls=maybe"



=== TEST 3: a base that is not a path is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai base=v1;
    }
--- error_log
invalid parameter "base=v1"



=== TEST 4: a missing file of authorities is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai ca=nowhere.pem;
    }
--- error_log
nowhere.pem



=== TEST 5: a key in an upstream without a provider is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
        aistream_key x;
    }
--- config
--- error_log
upstream "provider" in



=== TEST 6: a target whose upstream has no provider is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
    }
--- error_log
upstream "provider" of target "provider:m" has no "aistream_provider"



=== TEST 7: a target whose upstream is not defined is rejected
--- config
        location /chat { aistream_pass nowhere:m; }
--- error_log
upstream "nowhere" of target "nowhere:m" is not defined



=== TEST 8: a target without a model is rejected
--- config
        location /chat { aistream_pass provider; }
--- error_log
target "provider" is neither "UPSTREAM:MODEL" nor an alias



=== TEST 9: a target with an empty model is rejected
--- config
        location /chat { aistream_pass provider:; }
--- error_log
invalid model in target "provider:"



=== TEST 10: aliases that refer to each other are rejected
--- more
    aistream_model a b;
    aistream_model b a;
--- error_log
stands for itself



=== TEST 11: a second alias of the same name is rejected
--- more
    aistream_model a provider:m;
    aistream_model a provider:n;
--- error_log
duplicate model alias "a"



=== TEST 12: an alias with a colon is rejected
--- more
    aistream_model a:b provider:m;
--- error_log
model alias "a:b" has a colon or a comma



=== TEST 13: an allowed model that is not an alias is rejected
--- directives: aistream_allow_models fast;
--- error_log
"aistream_allow_models" has "fast", which is not an alias



=== TEST 14: an unknown protocol is rejected
--- directives: aistream_protocol smoke;
--- error_log
unknown protocol "smoke"



=== TEST 15: a field name that JSON would have to escape is rejected
--- directives: aistream_protocol 'sse=a"b';
--- error_log
has an invalid field name



=== TEST 16: an unknown level of the system prompt is rejected
--- directives: aistream_system boss "x";
--- error_log
unknown level "boss"



=== TEST 17: a second prompt of the same level is rejected
--- directives: aistream_system team "x"; aistream_system team "y";
--- error_log
"aistream_system" directive is duplicate



=== TEST 18: a missing prompt file is rejected
--- directives: aistream_system team file:nowhere.txt;
--- error_log
nowhere.txt" failed



=== TEST 19: a temperature over 2 is rejected
--- directives: aistream_temperature 2.5;
--- error_log
takes a number from 0 to 2



=== TEST 20: a maximum less than the default is rejected
--- directives: aistream_max_tokens 100 max=50;
--- error_log
invalid parameter "max=50"



=== TEST 21: an unknown limit is rejected
--- directives: aistream_limits cats=9;
--- error_log
invalid parameter "cats=9"



=== TEST 22: any origin with credentials is rejected
--- directives: aistream_cors * credentials;
--- error_log
cannot have credentials or other origins with "*"



=== TEST 23: an origin with a path is rejected
--- directives: aistream_cors https://a.example/;
--- error_log
an origin is written as "https://example.com"



=== TEST 24: credentials without an origin are rejected
--- directives: aistream_cors credentials;
--- error_log
has no origin



=== TEST 25: a second aistream_pass is rejected
--- directives: aistream_pass provider:n;
--- error_log
"aistream_pass" directive is duplicate



=== TEST 26: levels, numbers and protocols are inherited, and can be replaced
--- echo
--- more
    aistream_system platform "one";
    aistream_system user "two";
    aistream_temperature 1;
    aistream_max_tokens 50;
    aistream_protocol text;
--- config
        aistream_system user "three";
        aistream_temperature 0.5;
        location /chat {
            aistream_pass provider:m;
            aistream_max_tokens 20;
        }
--- response_body_like: "content":"one\\n\\nthree"\}.*"temperature":0\.5,"max_tokens":20\}$
--- no_error_log
[error]



=== TEST 27: an "if" keeps its location's endpoint
--- echo
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            if ($http_x_team) {
                set $team 1;
            }
        }
--- more_headers
X-Team: red
--- response_body_like: "model":"m"
--- no_error_log
[error]



=== TEST 28: a WebSocket that is neither on nor off is rejected
--- directives: aistream_websocket maybe;
--- error_log
invalid parameter "maybe"



=== TEST 29: a WebSocket message size of 0 is rejected
--- directives: aistream_websocket on max_message=0;
--- error_log
invalid parameter "max_message=0"



=== TEST 30: a WebSocket with 0 turns is rejected
--- directives: aistream_websocket on turns=0;
--- error_log
invalid parameter "turns=0"



=== TEST 31: an unknown parameter of a WebSocket is rejected
--- directives: aistream_websocket on max_message=1k cats=9;
--- error_log
invalid parameter "cats=9"



=== TEST 32: a second aistream_websocket is rejected
--- directives: aistream_websocket on; aistream_websocket off;
--- error_log
"aistream_websocket" directive is duplicate



=== TEST 33: an origin with a wildcard is rejected
--- directives: aistream_cors https://*.example.com;
--- error_log
invalid parameter "https://*.example.com"



=== TEST 34: a store whose upstream is a provider is rejected
--- directives: aistream_store redis=provider;
--- error_log
"aistream_store" uses upstream "provider", which is a provider's



=== TEST 35: a host that is a URL is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai host=https://api.example.com tls=off;
    }
--- error_log
invalid parameter "host=https://api.example.com"



=== TEST 36: a base with arguments is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai base=/v1?a=b tls=off;
    }
--- error_log
invalid parameter "base=/v1?a=b"



=== TEST 37: arguments that begin with a question mark are rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai query=?a=b tls=off;
    }
--- error_log
invalid parameter "query=?a=b"



=== TEST 38: a key header that is not a header name is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai auth=X-Key: tls=off;
    }
--- error_log
invalid parameter "auth=X-Key:"



=== TEST 39: a key header that the module sets itself is rejected
--- http_config
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai auth=Content-Length tls=off;
    }
--- error_log
invalid parameter "auth=Content-Length"



=== TEST 40: a connect timeout of 0 is rejected
--- directives: aistream_connect_timeout 0;
--- error_log
"aistream_connect_timeout" directive must be longer than 0



=== TEST 41: a first token timeout of 0 is rejected
--- directives: aistream_first_token_timeout 0s;
--- error_log
"aistream_first_token_timeout" directive must be longer than 0



=== TEST 42: an idle timeout of 0 is rejected
--- directives: aistream_idle_timeout 0;
--- error_log
"aistream_idle_timeout" directive must be longer than 0



=== TEST 43: a breaker's parameters after "off" are rejected
--- directives: aistream_breaker off; aistream_breaker rest=5s;
--- error_log
"aistream_breaker" directive is duplicate



=== TEST 44: "off" after a breaker's parameters is rejected
--- directives: aistream_breaker rest=5s; aistream_breaker off;
--- error_log
"aistream_breaker" directive is duplicate



=== TEST 45: an origin "null" is rejected
--- directives: aistream_cors null;
--- error_log
invalid parameter "null": an origin is written as "https://example.com"



=== TEST 46: an origin with a user name is rejected
--- directives: aistream_cors https://me@a.example;
--- error_log
invalid parameter "https://me@a.example"



=== TEST 47: an origin with a port over 65535 is rejected
--- directives: aistream_cors https://a.example:65536;
--- error_log
invalid parameter "https://a.example:65536"



=== TEST 48: an origin without a scheme is rejected
--- directives: aistream_cors a.example;
--- error_log
invalid parameter "a.example"
