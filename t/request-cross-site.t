# Requests that a page of another site makes a browser send.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

my $provider = <<'EOC';
    aistream_zone sessions 1m;

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { aistream_mock openai text=yes; }
    }
EOC

my $config = <<'EOC';
        location /own {
            aistream_pass provider:m;
        }

        location /listed {
            aistream_pass provider:m;
            aistream_cors https://a.example HTTPS://B.example:8443
                          http://c.example:80 http://[::1]:3000
                          chrome-extension://abcdef;
        }

        location /any {
            aistream_pass provider:m;
            aistream_cors *;
        }

        location /events {
            aistream_pass provider:m;
            aistream_message $arg_message;
            aistream_cors https://a.example;
        }

        location /socket {
            aistream_pass provider:m;
            aistream_websocket on;
            aistream_cors *;
        }

        location /listed-socket {
            aistream_pass provider:m;
            aistream_websocket on;
            aistream_cors https://a.example;
        }

        location /sessions {
            aistream_store zone=sessions;
            aistream_session $arg_id;
            aistream_sessions;
            aistream_cors https://a.example;
        }

        location /openai {
            aistream_pass provider:m;
            aistream_protocol openai;
        }
EOC

# A section "pages" has a line for each request: the status that is expected,
# the method, the path, and the headers, separated by "|".

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value("http_config", AIStream::http($provider));
    $block->set_value("config", $config) unless defined $block->config;

    my (@requests, @headers, @codes, @bodies);

    for (split /\n/, $block->pages // "") {
        my ($code, $method, $path, $headers) = split " ", $_, 4;

        push @requests, $method eq "POST"
            ? "POST $path?protocol=json\n{\"prompt\":\"a\"}"
            : "$method $path";
        push @headers, join "\r\n", split / *\| */, $headers // "";
        push @codes, $code;
        push @bodies, $method eq "HEAD" ? ""
            : $code == 403 ? q("forbidden") : $code == 200 ? "yes" : "";
    }

    if (@requests) {
        $block->set_value(request => \@requests);
        $block->set_value(more_headers => \@headers);
        $block->set_value(error_code => \@codes);
        $block->set_value(response_body_like => \@bodies);
        $block->set_value(no_error_log => "[error]");
    }
});

run_tests();

__DATA__

=== TEST 1: Sec-Fetch-Site of our own page is accepted, of others refused
--- pages
200 POST /own Sec-Fetch-Site: same-origin
200 POST /own Sec-Fetch-Site: none
200 POST /own Sec-Fetch-Site: same-origin | Origin: https://public.example
200 POST /own
403 POST /own Sec-Fetch-Site: cross-site
403 POST /own Sec-Fetch-Site: same-site
403 POST /own Sec-Fetch-Site: cross-site | Content-Type: text/plain
403 POST /own Sec-Fetch-Site: Same-Origin
403 POST /own Sec-Fetch-Site:
403 POST /own Sec-Fetch-Site: same-origin | Sec-Fetch-Site: cross-site
403 POST /own Sec-Fetch-Site: cross-site | Sec-Fetch-Site: same-origin
403 POST /listed Sec-Fetch-Site: cross-site



=== TEST 2: an origin of the request's host is accepted, with https behind a proxy, too
--- pages
200 POST /own Host: chat.example | Origin: http://chat.example
200 POST /own Host: chat.example | Origin: https://chat.example
200 POST /own Host: chat.example | Origin: https://chat.example | Sec-Fetch-Site: cross-site
200 POST /own Host: Chat.example:80 | Origin: HTTP://chat.EXAMPLE
200 POST /own Host: chat.example | Origin: http://chat.example:80
200 POST /own Host: chat.example:443 | Origin: https://chat.example
200 POST /own Host: chat.example:8080 | Origin: https://chat.example:8080
200 POST /own Host: [::1]:8080 | Origin: http://[::1]:8080



=== TEST 3: an origin that only resembles the request's host is refused
--- pages
403 POST /own Host: chat.example | Origin: http://chat.example:8080
403 POST /own Host: chat.example:8080 | Origin: http://chat.example
403 POST /own Host: chat.example:80 | Origin: https://chat.example
403 POST /own Host: chat.example | Origin: ftp://chat.example
403 POST /own Host: chat.example | Origin: x://chat.example
403 POST /own Host: chat.example | Origin: x/ychat.example
403 POST /own Host: chat.example | Origin: ://chat.example
403 POST /own Host: chat.example | Origin: //chat.example
403 POST /own Host: chat.example | Origin: chat.example
403 POST /own Host: chat.example | Origin: http://user@chat.example
403 POST /own Host: chat.example | Origin: http://chat.example/
403 POST /own Host: chat.example | Origin: http://chat.example:
403 POST /own Host: chat.example | Origin: http://chat.example:0
403 POST /own Host: chat.example | Origin: http://chat.example:65616
403 POST /own Host: chat.example | Origin: http://evil.example/chat.example
403 POST /own Host: chat.example | Origin: http://chat.example.evil.example
403 POST /own Host: chat.example | Origin: null
403 POST /own Host: null | Origin: null
403 POST /own Host: chat.example | Origin:
403 POST /own Host: chat.example | Origin: http://chat.example http://evil.example
403 POST /own Host: chat.example | Origin: http://evil.example | Origin: http://chat.example
403 POST /own Host: [::1]:8080 | Origin: http://[::1



=== TEST 4: the origins of the list are compared whole
--- pages
200 POST /listed Origin: https://a.example
200 POST /listed Origin: https://A.example
200 POST /listed Origin: https://a.example:443
200 POST /listed Origin: https://a.example | Sec-Fetch-Site: cross-site | Cookie: a=b
200 POST /listed Origin: https://b.example:8443
200 POST /listed Origin: http://c.example
200 POST /listed Origin: http://[::1]:3000
200 POST /listed Origin: chrome-extension://abcdef
403 POST /listed Origin: http://a.example
403 POST /listed Origin: https://a.example:80
403 POST /listed Origin: https://a.example:8443
403 POST /listed Origin: https://b.example
403 POST /listed Origin: https://c.example
403 POST /listed Origin: https://sub.a.example
403 POST /listed Origin: https://a.example.evil.example
403 POST /listed Origin: https://evil.example/https://a.example
403 POST /listed Origin: null
403 POST /listed Origin: https://a.example | Origin: https://a.example



=== TEST 5: "*" refuses requests with cookies or credentials
--- pages
200 POST /any Origin: https://whoever.example
200 POST /any Origin: https://whoever.example | Sec-Fetch-Site: cross-site
200 POST /any Origin: https://whoever.example | Authorization: Bearer sk-mine
200 POST /any Cookie: a=b
200 POST /any Cookie: a=b | Sec-Fetch-Site: same-origin
200 POST /any Cookie: a=b | Host: chat.example | Origin: https://chat.example
403 POST /any Origin: https://whoever.example | Cookie: a=b
403 POST /any Origin: https://whoever.example | Authorization: Basic YTpi
403 POST /any Origin: https://whoever.example | Authorization: Bearer
403 POST /any Origin: null
403 POST /any Origin: x
403 POST /any Sec-Fetch-Site: cross-site



=== TEST 6: a GET of another site's image, link or frame is refused
--- pages
200 GET /events?message=a
200 GET /events?message=a Sec-Fetch-Site: none
200 GET /events?message=a Origin: https://a.example | Sec-Fetch-Site: cross-site
403 GET /events?message=a Sec-Fetch-Site: cross-site
403 GET /events?message=a Sec-Fetch-Site: same-site
403 GET /events?message=a Origin: https://evil.example
403 GET /events?message=a Origin: http://a.example
403 GET /events/stream Sec-Fetch-Site: cross-site
403 GET /events/models Sec-Fetch-Site: cross-site



=== TEST 7: a conversation is neither shown to another site nor deleted by it
--- pages
403 GET /sessions?id=a Sec-Fetch-Site: cross-site
403 GET /sessions?id=a Origin: https://evil.example
403 DELETE /sessions?id=a Origin: https://evil.example
403 DELETE /sessions?id=a Sec-Fetch-Site: same-site
403 HEAD /sessions?id=a Sec-Fetch-Site: cross-site
404 GET /sessions?id=a Origin: https://a.example | Sec-Fetch-Site: cross-site
404 GET /sessions?id=a Sec-Fetch-Site: same-origin
404 GET /sessions?id=a
404 DELETE /sessions?id=a Origin: https://a.example
404 DELETE /sessions?id=a



=== TEST 8: a WebSocket is accepted from a listed origin or our own only
--- pages
403 GET /socket Upgrade: websocket | Connection: upgrade, close | Origin: https://whoever.example
403 GET /socket Upgrade: websocket | Connection: upgrade, close | Origin: null
403 GET /socket Upgrade: websocket | Connection: upgrade, close | Sec-Fetch-Site: cross-site
403 GET /socket Upgrade: websocket | Connection: upgrade, close | Host: chat.example | Origin: x/ychat.example
426 GET /socket Upgrade: websocket | Connection: upgrade, close | Host: chat.example | Origin: https://chat.example
426 GET /socket Upgrade: websocket | Connection: upgrade, close | Origin: https://whoever.example | Sec-Fetch-Site: same-origin
426 GET /socket Upgrade: websocket | Connection: upgrade, close
403 GET /listed-socket Upgrade: websocket | Connection: upgrade, close | Origin: http://a.example
426 GET /listed-socket Upgrade: websocket | Connection: upgrade, close | Origin: https://a.example



=== TEST 9: the error has the client's protocol
--- request eval
["POST /own\n{}", "POST /openai\n{}", "POST /own?protocol=anthropic\n{}",
"POST /own/chat/completions\n{}"]
--- more_headers
Origin: https://evil.example
--- error_code eval
[403, 403, 403, 403]
--- response_body eval
['{"error":{"code":"forbidden","message":"Requests of pages of this origin are not allowed.","retryable":false}}' . "\n",
'{"error":{"message":"Requests of pages of this origin are not allowed.","type":"permission_error","param":null,"code":"forbidden"}}' . "\n",
'{"type":"error","error":{"type":"permission_error","message":"Requests of pages of this origin are not allowed."}}' . "\n",
'{"error":{"message":"Requests of pages of this origin are not allowed.","type":"permission_error","param":null,"code":"forbidden"}}' . "\n"]
--- no_error_log
[error]



=== TEST 10: the log has the refused origin
--- log_level: info
--- request
POST /own
{"prompt":"a"}
--- more_headers
Origin: https://evil.example
--- error_code: 403
--- error_log
aistream: cross-site request of origin "https://evil.example" is forbidden
--- response_headers
Access-Control-Allow-Origin:
Cache-Control: no-store



=== TEST 11: the body of a refused request is not read as the next request
--- pipelined_requests eval
["POST /own\n{\"prompt\":\"a\"}", "POST /own?protocol=json\n{\"prompt\":\"a\"}"]
--- more_headers eval
["Origin: https://evil.example", ""]
--- error_code eval
[403, 200]
--- no_error_log
[error]



=== TEST 12: a preflight of origin "null" is refused
--- request
OPTIONS /any
--- more_headers
Origin: null
Access-Control-Request-Method: POST
--- error_code: 403
--- response_headers
Access-Control-Allow-Origin:
--- no_error_log
[error]



=== TEST 13: answers to preflights have Cache-Control: no-store
--- request eval
["OPTIONS /listed", "OPTIONS /own", "OPTIONS /own"]
--- more_headers eval
["Origin: https://a.example\nAccess-Control-Request-Method: POST",
"", "Origin: https://evil.example\nSec-Fetch-Site: cross-site"]
--- error_code eval
[204, 204, 204]
--- response_headers eval
["Cache-Control: no-store", "Cache-Control: no-store",
"Cache-Control: no-store"]
--- no_error_log
[error]



=== TEST 14: nginx's access control is checked before the origin
--- config
        location /private {
            aistream_pass provider:m;
            auth_basic "private";
            auth_basic_user_file /dev/null;
        }
--- request
POST /private
{"prompt":"a"}
--- more_headers
Origin: https://evil.example
--- error_code: 401
--- no_error_log
[alert]
