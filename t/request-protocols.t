# In which protocol a request is answered, errors before its body included, and
# that the body may have any shape in each of them.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# "asks" has a path in each line.  Each is sent what is no chat, an upload, and
# a chat with a model that is not allowed, streamed and not; "form" is what all
# of their errors look like.

my $text = '"(?:[^"\\\\]|\\\\.)+"';

my %forms = (
    ours => '\A\{"error":\{"code":"\w+","message":' . $text
            . ',"retryable":false\}\}\n\z',
    openai => '\A\{"error":\{"message":' . $text
            . ',"type":"\w+","param":null,"code":"\w+"',
    anthropic => '\A\{"type":"error","error":\{"type":"\w+",'
            . '"message":' . $text,
);

my @bodies = (
    ["", '{"messages":1}', 400],
    ["Content-Type: multipart/form-data", 'x', 415],
    ["", '{"prompt":"a","model":"x","stream":true}', 404],
    ["", '{"prompt":"a","model":"x","stream":false}', 404],
    ["Accept: application/json", '{"prompt":"a","model":"x"}', 404],
    ["", '{"prompt":"a","model":"x","trigger":"submit-message"}', 404],
);

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value(http_config => AIStream::http(<<'EOC'));
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { aistream_mock openai text=$request_body; }
    }

    aistream_model m provider:m-1;
    aistream_allow_models m;
EOC
    return unless defined $block->asks;

    my @asks = map { my $path = $_; map { [$path, @$_] } @bodies }
                   split /\n/, $block->asks;

    $block->set_value(request => [map { "POST $_->[0]\n$_->[2]" } @asks]);
    $block->set_value(more_headers => [map { $_->[1] } @asks]);
    $block->set_value(error_code => [map { $_->[3] } @asks]);
    $block->set_value(response_body_like =>
                      [($forms{$block->form}) x @asks]);
    $block->set_value(no_error_log => "[error]");
});

run_tests();

__DATA__

=== TEST 1: an error has our JSON if the client names no protocol
--- config
        location / {
            aistream_pass provider:m-1;
        }
--- asks
/chat
/chat?protocol=none
/v1/messages/none
--- form: ours



=== TEST 2: an error has Anthropic's JSON by path or argument
--- config
        location / {
            aistream_pass provider:m-1;
        }
--- asks
/v1/messages
/any/v1/messages
/v1/messages?protocol=none
/chat?protocol=anthropic
/v1/chat/completions?protocol=anthropic
--- form: anthropic



=== TEST 3: an error has OpenAI's JSON by path or argument
--- config
        location / {
            aistream_pass provider:m-1;
        }
--- asks
/chat/completions
/v1/chat/completions?protocol=
/chat?protocol=openai
/v1/messages?protocol=openai
--- form: openai



=== TEST 4: an argument takes precedence over the path
--- config
        location / {
            aistream_pass provider:m-1;
        }
--- asks
/v1/messages?protocol=data
/chat/completions?protocol=json
--- form: ours



=== TEST 5: the location's protocol takes precedence over path and argument
--- config
        location / {
            aistream_pass provider:m-1;
            aistream_protocol anthropic;
        }
--- asks
/chat
/chat/completions
/chat?protocol=data
--- form: anthropic



=== TEST 6: fields of every dialect are read in every protocol
--- config
        location / {
            aistream_pass provider:m-1;
            aistream_client_system on;
        }
--- request eval
[map { "POST $_\n" . '{"messages":[{"role":"user","content":"q"}],'
       . '"system":"S","stop":"x","stop_sequences":["y"],'
       . '"max_completion_tokens":7,"stream":false}' }
 "/chat", "/chat/completions", "/v1/messages", "/chat?protocol=text"]
--- response_body_like eval
[('"content\W+S\b.*"content\W+q\b.*"max_tokens\W+7\b.*"stop\W+x\W+y\b') x 4]
--- no_error_log
[error]



=== TEST 7: fields of WebSocket messages are ignored in HTTP requests
--- config
        location / {
            aistream_pass provider:m-1;
        }
--- request eval
[map { "POST $_\n" . '{"text":"q","sessionId":1}' }
 "/chat", "/chat/completions", "/v1/messages"]
--- error_code eval
[400, 400, 400]
--- response_body_like eval
[("neither an array ..messages.. nor a string ..prompt") x 3]
--- no_error_log
[error]
