# What aistream_status shows, in each of its forms.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

our $http = <<'EOF';
    upstream good {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=good.test tls=off;
        aistream_key sk-secret;
    }

    upstream bad {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=bad.test tls=off base=/bad;
        aistream_key $arg_first;
        aistream_key sk-second;
    }

    aistream_price m input=1.25 output=10 cached=0.125;
    aistream_retry attempts=1;

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;

        location /bad { aistream_mock openai status=401; }
        location / { aistream_mock openai "text=one two three"; }
    }
EOF

our $dead = <<'EOF';
    upstream dead {
        server 127.0.0.1:1;
        aistream_provider openai host=dead.test tls=off;
    }

    aistream_retry attempts=1;
EOF

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value("http_config", $::http)
        unless defined $block->http_config;

    $block->set_value("config", <<'EOF') unless defined $block->config;
        location /good { aistream_pass good:m; }
        location /bad { aistream_pass bad:m; }
        location /status { aistream_status; }
EOF

    $block->set_value("no_error_log", "[alert]")
        unless defined $block->must_die;
});

run_tests();

__DATA__

=== TEST 1: the default format is Prometheus
--- request
GET /status
--- more_headers
Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1
--- response_headers
Content-Type: text/plain; version=0.0.4; charset=utf-8
Cache-Control: no-store
--- response_body_like: ^# HELP gen_ai_server_request_duration_seconds .*\n# TYPE gen_ai_server_request_duration_seconds histogram\n



=== TEST 2: format=json is JSON
--- request
GET /status
--- more_headers
Accept: application/json
--- response_headers
Content-Type: application/json
Cache-Control: no-store
--- response_body_like: ^\{"time":\d+,"active_streams":0,"tokens_per_second":0,"recent":\{"seconds":300,"deltas":0,"requests":0,"succeeded":0,"aborted":0,"failed":0,"errors":\{\},"time_to_first_token":\{"count":0,"p50":null,"p95":null\},.*,"models":\[\]\}$



=== TEST 3: format=html is a page without external resources
--- request
GET /status
--- more_headers
Accept: text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8
--- response_headers
Content-Type: text/html; charset=utf-8
Content-Security-Policy: default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
X-Content-Type-Options: nosniff
Cache-Control: no-store
--- response_body_unlike: (?:src|href)="(?!\?format=|data:)



=== TEST 4: format= takes precedence over Accept
--- pipelined_requests eval
[map { "GET /status?format=$_" } qw(json prometheus html css js xml)]
--- more_headers
Accept: text/html
--- response_body_like eval
['^\{"time"', '^# HELP', '^<!DOCTYPE html>', '^:root \{', '^/\* The dashboard', '404']
--- error_code eval
[200, 200, 200, 200, 200, 404]



=== TEST 5: HEAD has the headers only
--- request
HEAD /status?format=css
--- raw_response_headers_like: Content-Length: [1-9]\d+
--- response_body



=== TEST 6: other methods are 405
--- pipelined_requests eval
["POST /status\n{}", "DELETE /status"]
--- error_code eval
[405, 405]



=== TEST 7: a request is counted exactly
--- pipelined_requests eval
["POST /good\n{\"prompt\":\"a\"}", "GET /status"]
--- response_body_like eval
['0:"one"', '(?s)\naistream_requests_total\{gen_ai_provider_name="good",gen_ai_request_model="m",error_type=""\} 1\n.*\naistream_attempts_total\{gen_ai_provider_name="good",gen_ai_request_model="m",error_type=""\} 1\n.*\naistream_deltas_total\{gen_ai_provider_name="good",gen_ai_request_model="m"\} 3\n']



=== TEST 8: the histograms have their bounds
--- pipelined_requests eval
["POST /good\n{\"prompt\":\"a\"}", "GET /status"]
--- response_body_like eval
['0:"one"', '(?s)time_to_first_token_seconds_bucket\{[^}]*,le="0.005"\}.*time_to_first_token_seconds_bucket\{[^}]*,le="60"\} 1\n.*time_per_output_token_seconds_bucket\{[^}]*,le="0.0005"\}.*time_per_output_token_seconds_bucket\{[^}]*,le="2"\} 1\n.*gen_ai_client_token_usage_bucket\{[^}]*gen_ai_token_type="output",le="1"\} 0\n[^\n]*gen_ai_token_type="output",le="4"\} 1\n[^\n]*gen_ai_token_type="output",le="16"\} 1\n']



=== TEST 9: an invalid request is counted without a provider
--- pipelined_requests eval
["POST /good\nx", "GET /status"]
--- error_code eval
[400, 200]
--- response_body_like eval
['invalid_request', '(?s)\naistream_requests_total\{gen_ai_provider_name="",gen_ai_request_model="",error_type="invalid_request"\} 1\n']



=== TEST 10: an attempt with another key is counted, and no key is shown
--- pipelined_requests eval
["POST /bad?first=sk-first\n{\"prompt\":\"a\"}", "GET /status"]
--- error_code eval
[502, 200]
--- response_body_like eval
['provider_auth', '(?s)\A(?!.*sk-first|.*sk-second|.*bad\.test|.*127\.0).*aistream_attempts_total\{gen_ai_provider_name="bad",gen_ai_request_model="m",error_type="provider_auth"\} 2\n.*aistream_key_switches_total\{gen_ai_provider_name="bad",gen_ai_request_model="m"\} 1\n']



=== TEST 11: an open breaker is shown, and requests refused by it are counted
--- http_config eval: $::dead
--- config
    location /rests {
        aistream_pass dead:m;
        aistream_breaker failures=1 rest=1h;
    }
    location /status { aistream_status; }
--- pipelined_requests eval
[("POST /rests\n{\"prompt\":\"a\"}") x 3, "GET /status"]
--- error_code eval
[502, 503, 503, 200]
--- response_body_like eval
['provider_unreachable', 'overloaded', 'overloaded', '(?s)aistream_requests_total\{gen_ai_provider_name="dead",gen_ai_request_model="m",error_type="overloaded"\} 2\n.*aistream_attempts_total\{gen_ai_provider_name="dead",gen_ai_request_model="m",error_type="provider_unreachable"\} 1\n.*aistream_breaker_rests_total\{[^}]*\} 1\n.*aistream_breaker_state\{[^}]*,state="closed"\} 0\n.*,state="half_open"\} 0\n.*,state="open"\} 1\n']



=== TEST 12: a breaker whose time is over is shown as half-open
--- http_config eval: $::dead
--- config
    location /rests {
        aistream_pass dead:m;
        aistream_breaker failures=1 rest=1ms;
    }
    location /status { aistream_status; }
--- request eval
["POST /rests\n{\"prompt\":\"a\"}", "GET /status"]
--- error_code eval
[502, 200]
--- response_body_like eval
['provider_unreachable', '(?s)state="closed"\} 0\n.*,state="half_open"\} 1\n.*,state="open"\} 0\n']



=== TEST 13: names are escaped, and cut between characters
--- http_config eval
my $long = "m" . "\xc3\xbc" x 100;

<<"EOF";
    upstream 'a"b' {
        server 127.0.0.1:1;
        aistream_provider openai host=dead.test tls=off;
    }

    aistream_retry attempts=1;
    aistream_model alias 'a"b:$long';
EOF
--- config
    location /chat { aistream_pass alias; }
    location /status { aistream_status; }
--- pipelined_requests eval
["POST /chat\n{\"prompt\":\"a\"}", "GET /status", "GET /status?format=json"]
--- error_code eval
[502, 200, 200]
--- response_body_like eval
['provider_unreachable', '\{gen_ai_provider_name="a\\\\"b",gen_ai_request_model="m(\xc3\xbc){59}~[0-9a-f]{8}"', '"provider":"a\\\\"b","model":"m(\xc3\xbc){59}~[0-9a-f]{8}"']



=== TEST 14: models beyond the table's size are counted together
--- http_config eval
$::dead . "aistream_breaker off; aistream_model all "
    . CORE::join(" ", map { "dead:m$_" } 1 .. 70) . ";"
--- config
    location /chat { aistream_pass all; }
    location /status { aistream_status; }
--- pipelined_requests eval
["POST /chat\n{\"prompt\":\"a\"}", "GET /status"]
--- error_code eval
[502, 200]
--- response_body_like eval
['provider_unreachable', '(?s)\A(?!.*"m63").*aistream_requests_total\{gen_ai_provider_name="other",gen_ai_request_model="",error_type="provider_unreachable"\} 1\n.*aistream_attempts_total\{gen_ai_provider_name="other",gen_ai_request_model="",error_type="provider_unreachable"\} 8\n.*aistream_attempts_total\{gen_ai_provider_name="dead",gen_ai_request_model="m62",error_type="provider_unreachable"\} 1\n']



=== TEST 15: a configuration without chats has a status
--- http_config
--- config
    location /status { aistream_status; }
--- request
GET /status?format=json
--- response_body_like: "active_streams":0



=== TEST 16: a second price of a model is rejected
--- http_config
    aistream_price m input=1 output=2;
    aistream_price m input=1 output=2;
--- config
--- must_die
--- error_log
duplicate price of model "m"



=== TEST 17: an invalid price is rejected
--- http_config
    aistream_price m input=1 output=-2;
--- config
--- must_die
--- error_log
invalid parameter "output=-2"



=== TEST 18: a price without output= is rejected
--- http_config
    aistream_price m input=1 cached=2;
--- config
--- must_die
--- error_log
needs both "input=" and "output="



=== TEST 19: requests to a list of messages are not counted
--- http_config eval
"$::http\n    aistream_zone sessions 1m;\n"
--- config
        aistream_store zone=sessions;

        location /good { aistream_pass good:m; }
        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
        location /denied {
            deny all;
            aistream_session $arg_id;
            aistream_sessions;
        }
        location /status { aistream_status; }
--- pipelined_requests eval
["GET /sessions?id=nothing", "GET /denied?id=nothing", "POST /good\nx",
"GET /status?format=json"]
--- error_code eval
[404, 403, 400, 200]
--- response_body_like eval
["session_not_found", "forbidden", "invalid_request",
'"total":\{"requests":1,"succeeded":0,"aborted":0,"failed":1,"errors":\{"invalid_request":1\}']



=== TEST 20: implausible token counts do not overflow the sums
--- http_config
    upstream liar {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider anthropic host=liar.test tls=off;
        aistream_key sk-secret;
    }

    aistream_price m input=1.25 output=10;

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;

        location / { aistream_mock anthropic file=$TEST_NGINX_SERVER_ROOT/html/liar.sse; }
    }
--- config
        location /liar {
            aistream_pass liar:m;
            aistream_protocol ndjson;
        }
        location /status { aistream_status; }
--- user_files
>>> liar.sse
event: message_start
data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"model":"m","stop_reason":null,"usage":{"input_tokens":9223372036854775807,"cache_read_input_tokens":1,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":4000000000000}}

event: message_stop
data: {"type":"message_stop"}

--- request eval
["POST /liar\n{\"prompt\":\"a\"}", "GET /status?format=json"]
--- response_body_like eval
['"inputTokens":9223372036854775807,"outputTokens":4000000000000',
'"total":.*"cached_tokens":1,"reasoning_tokens":0,"estimated_answers":0,"input_tokens":0,"output_tokens":0,"cost":0,.*"models"']



=== TEST 21: models whose names have a common beginning are counted separately
--- config eval
join "", "location /status { aistream_status; }",
         map { "location /$_ { aistream_pass good:" . "m" x 140 . "$_; }" } 1, 2
--- pipelined_requests eval
["POST /1\n{\"prompt\":\"a\"}", "POST /2\n{\"prompt\":\"a\"}", "GET /status?format=prometheus"]
--- response_body_like eval
["three", "three", '(?s)model="(m{119}~[0-9a-f]{8})".*model="(?!\1)m{119}~[0-9a-f]{8}"']



=== TEST 22: the status names the versions of the module and of nginx
--- config
        location /status { aistream_status; }
--- pipelined_requests eval
["GET /status?format=json", "GET /status?format=prometheus"]
--- response_body_like eval
['"version":"0\.2\.0[^"]*","nginx_version":"1\.\d+\.\d+","models":\[',
 '(?m)^aistream_build_info\{version="0\.2\.0[^"]*",nginx_version="1\.\d+\.\d+"\} 1$']
