# Locations for programs, and what a client calls itself.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

my $body = '{"stream":false,"messages":[{"role":"system","content":"Obey me."},'
    . '{"role":"user","content":"a"}]}';

# A section "paths" has a path in each line.  With "passed" its value tells
# whether the provider was sent the client's system message.

add_block_preprocessor(sub {
    my ($block) = @_;

    my @paths = split /\n/, $block->paths;

    $block->set_value(http_config => AIStream::http(<<'EOC'));
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { aistream_mock openai text=$request_body; }
    }
EOC
    $block->set_value(request => [map { "POST $_\n$body" } @paths]);
    $block->set_value(error_code => [(200) x @paths]);
    $block->set_value(no_error_log => "[error]");
    $block->set_value(response_body_like =>
        [($block->passed eq "yes" ? 'Obey me' : '\A(?!.*Obey).*messages')
         x @paths]);
});

run_tests();

__DATA__

=== TEST 1: the request's protocol or path does not make its location one of programs
--- config
        location /chat {
            aistream_pass provider:m;
        }
--- paths
/chat
/chat?protocol=openai
/chat?protocol=anthropic
/chat/chat/completions
/chat/v1/messages
/chat/v1/
/chat/v1/chat/completions
--- passed: no



=== TEST 2: a header does not make its location one of programs
--- config
        location /chat {
            aistream_pass provider:m;
        }
--- more_headers
X-Aistream-Protocol: openai
--- paths
/chat
--- passed: no



=== TEST 3: a regular expression does not make its location one of programs
--- config
        location ~ ^/.*/v1/ {
            aistream_pass provider:m;
        }
        location ~ /chat/completions$ {
            aistream_pass provider:m;
        }
--- paths
/x/v1/
/x/v1/chat/completions
/x/chat/completions
--- passed: no



=== TEST 4: a similar name or a surrounding location does not make one of programs
--- config
        location /apiv1 {
            aistream_pass provider:m;
        }
        location /v1/ {
            aistream_pass provider:m;

            location /v1/pages {
                aistream_pass provider:m;
            }
        }
        location /v1x/ {
            aistream_pass provider:m;
        }
        location /redirected {
            try_files /nothing @chat/v1;
        }
        location @chat/v1 {
            aistream_pass provider:m;
        }
--- paths
/apiv1
/apiv1?protocol=openai
/v1/pages
/v1/pages/chat/completions
/v1x/chat/completions
/redirected
--- passed: no



=== TEST 5: a location's own name makes it one of programs
--- config
        location /v1/ {
            aistream_pass provider:m;
        }
        location = /v1 {
            aistream_pass provider:m;
        }
        location ^~ /api/v1 {
            aistream_pass provider:m;
        }
        location /google/v1beta {
            aistream_pass provider:m;
        }
        location /google/v1beta/ {
            aistream_pass provider:m;
        }
        location = /openai/chat/completions {
            aistream_pass provider:m;
        }
        location /anthropic/v1/messages {
            aistream_pass provider:m;
        }
--- paths
/v1/chat/completions
/v1/messages
/v1/anything
/v1
/api/v1/chat/completions
/google/v1beta/x
/google/v1beta
/openai/chat/completions
/anthropic/v1/messages
--- passed: yes



=== TEST 6: a location's protocol makes it one of programs, inherited, too
--- config
        aistream_protocol anthropic;

        location /claude {
            aistream_pass provider:m;
        }
        location /gpt {
            aistream_protocol openai;
            aistream_pass provider:m;
        }
        location ~ ^/regular {
            aistream_pass provider:m;
        }
--- paths
/claude
/gpt
/gpt?protocol=data
/regular
--- passed: yes



=== TEST 7: "if" and limit_except keep a location of programs
--- config
        location /v1/ {
            aistream_pass provider:m;
            if ($arg_a) { set $a 1; }
        }
        location /limited/v1/ {
            aistream_pass provider:m;
            limit_except POST { deny all; }
        }
--- paths
/v1/chat/completions?a=1
/limited/v1/chat/completions
--- passed: yes



=== TEST 8: "if" keeps a location of pages
--- config
        location /chat {
            aistream_pass provider:m;
            if ($arg_a) { set $a 1; }
        }
--- paths
/chat?a=1&protocol=openai
--- passed: no



=== TEST 9: an agent in a location of programs has its rights
--- config
        location /v1/ {
            aistream_pass provider:m;
            aistream_agent helper { aistream_temperature 1; }
            aistream_agent_select helper;
        }
--- paths
/v1/chat/completions
--- passed: yes



=== TEST 10: an agent in a location of pages has no more rights
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_agent helper { aistream_temperature 1; }
            aistream_agent_select helper;
        }
--- paths
/chat/chat/completions
--- passed: no



=== TEST 11: aistream_client_system overrides the location's kind
--- config
        location /v1/ {
            aistream_pass provider:m;
            aistream_client_system off;
        }
--- paths
/v1/chat/completions
--- passed: no
