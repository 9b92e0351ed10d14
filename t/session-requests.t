# What a conversation that is kept hands on of its earlier requests.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# a provider that calls a tool, one that repeats what it was told

my $http = <<'EOF';
    aistream_zone sessions 1m;

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;

        location / {
            client_body_buffer_size 1m;
            aistream_mock openai text=$request_body;
        }

        location /calls {
            aistream_mock openai file=$document_root/calls;
        }
    }

    upstream calling {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai host=provider.test tls=off base=/calls
            reasoning=reasoning_content;
    }

    upstream wanting {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai host=provider.test tls=off
            reasoning=reasoning_content;
    }
EOF

my $config = <<'EOF';
        aistream_protocol text;
        aistream_store zone=sessions;

        location /chat { aistream_pass provider:m; }
        location /off { aistream_pass provider:m; aistream_allow_urls off; }
        location /call { aistream_pass calling:m; aistream_protocol openai; }
        location /want { aistream_pass wanting:m; }
EOF

my $calls = <<'EOF';
data: {"choices":[{"index":0,"delta":{"reasoning_content":"I need f"}}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"id\":2512292042121000001,\"x\":1e400}"}}]}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: [DONE]

EOF

AIStream::defaults(http_config => AIStream::http($http), config => $config,
                   user_files => ">>> calls\n$calls");

run_tests();

__DATA__

=== TEST 1: numbers of arguments and results keep their digits, reasoning is sent back
--- request eval
[
"POST /call\n" . '{"conversation_id":"a","stream":true,"messages":[{"role":"user","content":"q"}]}',
"POST /want\n" . '{"conversation_id":"a","messages":[{"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"\\ud83d"}]}]}',
"POST /want\n" . '{"conversation_id":"a","messages":[{"role":"user","content":"q2"}]}',
]
--- response_body_like eval
[
qr/2512292042121000001/,
qr/"reasoning_content":"I need f".*"arguments":"\{\\"id\\":2512292042121000001,\\"x\\":1e400\}".*"content":"\xef\xbf\xbd"/,
qr/"arguments":"\{\\"id\\":2512292042121000001,\\"x\\":1e400\}".*"content":"\xef\xbf\xbd".*"content":"q2"/,
]
--- no_error_log
[error]



=== TEST 2: a URL that is no longer allowed is left out of the request
--- request eval
[
"POST /chat\n" . '{"conversation_id":"b","messages":[{"role":"user","content":[{"type":"text","text":"q1"},{"type":"image_url","image_url":{"url":"https://files.example.com/a.png"}}]}]}',
"POST /chat\n" . '{"conversation_id":"b","messages":[{"role":"user","content":"q2"}]}',
"POST /off\n" . '{"conversation_id":"b","messages":[{"role":"user","content":"q3"}]}',
]
--- response_body_like eval
[
qr/"url":"https:/,
qr/"url":"https:\/\/files.*q2/,
qr/^\{"model":"m","messages":\[\{"role":"user","content":"q1"\}/,
]
--- no_error_log
[error]
