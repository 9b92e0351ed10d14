# Keys, and what else is in the head of a provider's request.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

use File::Temp 'tempdir';

no_long_string();
no_root_location();

BEGIN {
    my $dir = tempdir(CLEANUP => 1);

    my %files = (
        newline => "sk-from-file\n",
        crlf    => "sk-from-file\r\n",
        broken  => "sk-from\nfile\n",
        empty   => "",
    );

    for my $name (keys %files) {
        open my $out, ">", "$dir/$name" or die $!;
        print $out $files{$name};
        close $out;
    }

    $ENV{TEST_NGINX_KEYS} = $dir;
    $ENV{AISTREAM_TEST_KEY} = "sk-from-env";
    delete $ENV{AISTREAM_TEST_NO_KEY};
}

# the provider answers with the head of the request

sub head {
    return sub {
        my ($request) = @_;

        $request =~ s/\r\n\r\n.*//s;

        return AIStream::says($request);
    };
}

sub upstream {
    my ($directives, $parameters) = @_;

    $parameters = "" unless defined $parameters;

    return <<"EOF";
    upstream provider {
        server 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai host=provider.test:8443 tls=off $parameters;
        $directives
    }
EOF
}

AIStream::defaults(
    config => AIStream::location("aistream_protocol text;"),
    request => AIStream::prompt(),
    tcp_reply => head());

run_tests();

__DATA__

=== TEST 1: the request has exactly these headers, with a literal key
--- http_config eval: main::upstream("aistream_key sk-literal;")
--- more_headers
Cookie: session=client
Authorization: Bearer client
X-Api-Key: client
--- response_body eval
"POST /v1/chat/completions HTTP/1.1\r\nHost: provider.test:8443\r\nAuthorization: Bearer sk-literal\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nAccept-Encoding: identity\r\nUser-Agent: ngx_http_aistream_module\r\nContent-Length: 130"
--- no_error_log
sk-literal



=== TEST 2: a key is read from the environment
--- http_config eval: main::upstream("aistream_key env:AISTREAM_TEST_KEY;")
--- response_body_like: Authorization: Bearer sk-from-env\r
--- no_error_log
sk-from-env



=== TEST 3: a variable that is missing in the environment is key_missing
--- http_config eval: main::upstream("aistream_key env:AISTREAM_TEST_NO_KEY;")
--- no_provider
--- error_code: 503
--- response_body_like: "code":"key_missing"
--- error_log
no key in "env:AISTREAM_TEST_NO_KEY", requests to upstream "provider" will fail



=== TEST 4: a key is read from a file, without its newline
--- http_config eval: main::upstream('aistream_key file:$TEST_NGINX_KEYS/newline;')
--- response_body_like: Authorization: Bearer sk-from-file\r\nContent-Type
--- no_error_log
sk-from-file



=== TEST 5: a key is read from a file, without its CRLF
--- http_config eval: main::upstream('aistream_key file:$TEST_NGINX_KEYS/crlf;')
--- response_body_like: Authorization: Bearer sk-from-file\r\nContent-Type
--- no_error_log
[error]



=== TEST 6: a file with two lines is rejected
--- http_config eval: main::upstream('aistream_key file:$TEST_NGINX_KEYS/broken;')
--- no_provider
--- must_die
--- error_log
"aistream_key" directive has a CR, LF or NUL in its value



=== TEST 7: an empty file is key_missing
--- http_config eval: main::upstream('aistream_key file:$TEST_NGINX_KEYS/empty;')
--- no_provider
--- error_code: 503
--- response_body_like: "code":"key_missing"
--- error_log
no key for upstream "provider"
/empty", requests to upstream "provider" will fail with "key_missing"



=== TEST 8: a missing file is a warning at start
--- http_config eval: main::upstream('aistream_key file:$TEST_NGINX_KEYS/none;')
--- no_provider
--- error_code: 503
--- response_body_like: "code":"key_missing"
--- error_log
[warn]



=== TEST 9: a key may come from a variable
--- http_config eval: main::upstream('aistream_key $http_x_tenant_key;')
--- more_headers
X-Tenant-Key: sk-tenant
--- response_body_like: Authorization: Bearer sk-tenant\r
--- no_error_log
[error]



=== TEST 10: a variable with a line feed is not sent
--- http_config eval: main::upstream('aistream_key $arg_key$aistream_test_tab;') . qq{map \$uri \$aistream_test_tab { default "a\tb"; }}
--- no_provider
--- error_code: 503
--- response_body_like: "code":"key_missing"
--- error_log
has a control character



=== TEST 11: auth= sets the key's header
--- http_config eval: main::upstream("aistream_key sk-literal;", "auth=api-key")
--- response_body_like: \r\napi-key: sk-literal\r\nContent-Type
--- no_error_log
[error]



=== TEST 12: base= and query= set the path
--- http_config eval: main::upstream("aistream_key k;", "base=/openai/deployments/x/ query=api-version=1")
--- response_body_like: ^POST /openai/deployments/x/chat/completions\?api-version=1 HTTP/1\.1\r
--- no_error_log
[error]



=== TEST 13: a provider of another host may have no key
--- http_config eval: main::upstream("")
--- response_body_unlike: Authorization
--- no_error_log
[error]



=== TEST 14: aistream_header adds headers
--- http_config eval: main::upstream('aistream_header OpenAI-Organization org-1; aistream_header X-User $remote_addr; aistream_header X-Empty $arg_none;')
--- response_body_like: \r\nOpenAI-Organization: org-1\r\nX-User: 127\.0\.0\.1\r\nContent-Length
--- no_error_log
[error]



=== TEST 15: a header that the module sets is rejected
--- http_config eval: main::upstream('aistream_header Content-Length 1;')
--- no_provider
--- must_die
--- error_log
"aistream_header" directive cannot set a header that the module sets



=== TEST 16: a rejected key inside a longer word is not logged
--- http_config eval: main::upstream("aistream_key local-secret; aistream_header X-A b;")
--- no_provider
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
AIStream::status(401, '{"error":"bad key=local-secret (a/local-secret), ?token=local-se"}')
--- error_code: 502
--- response_body_unlike: local-se
--- error_log
failed with 401, provider_auth: "bad key=*** (***), ?token=***"
--- no_error_log
local-se



=== TEST 17: a key of variables is not in the debug log
--- http_config
    split_clients $remote_addr $first { * sk-marker-one; }
    split_clients $remote_addr $other { * marker-two; }

    upstream provider {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai host=provider.test tls=off;
        aistream_key "${first}-and-$other";
        aistream_header X-Secret "a $other";
        aistream_header X-Attempts $aistream_attempts;
    }
--- config
    location /chat {
        aistream_pass provider:m-1;
        aistream_protocol text;
    }
--- request
POST /chat
{"prompt":"a"}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
sub { AIStream::says($_[0] =~ /Bearer sk-marker-one-and-marker-two\r\n/ && $_[0] =~ /X-Secret: a marker-two\r\nX-Attempts: 1\r\n/ ? "right" : "wrong") }
--- response_body chomp
right
--- log_level: debug
--- no_error_log
marker-one
marker-two



=== TEST 18: a key of an unknown variable is rejected
--- http_config eval
AIStream::http("", "") =~ s/aistream_key .*/aistream_key "x\${none";/r
--- config
    location /chat { aistream_pass provider:m-1; }
--- must_die
--- no_provider
--- error_log
invalid variable name
