# Headers that every answer has, whoever gives it.

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
        location /chat {
            aistream_pass provider:m;
            aistream_store zone=sessions;
            aistream_cors https://a.example;
            aistream_message $arg_message;
            aistream_websocket on;
            client_max_body_size 64;
        }

        location /sessions {
            aistream_store zone=sessions;
            aistream_session $arg_id;
            aistream_sessions;
        }

        location /private {
            aistream_pass provider:m;
            auth_basic "private";
            auth_basic_user_file /dev/null;
        }

        location /status {
            aistream_status;
        }
EOC

AIStream::defaults(http_config => AIStream::http($provider),
                   config => $config);

run_tests();

__DATA__

=== TEST 1: answers of all protocols have nosniff
--- request eval
[(map { "POST /chat?protocol=$_\n{\"prompt\":\"a\",\"stream\":true}" }
     qw(data ui sse openai anthropic text ndjson json)),
 (map { "POST /chat?protocol=$_\n{\"prompt\":\"a\",\"stream\":false}" }
     qw(openai anthropic))]
--- error_code eval
[(200) x 10]
--- response_headers eval
[("X-Content-Type-Options: nosniff") x 10]
--- no_error_log
[error]



=== TEST 2: errors, lists and empty responses have nosniff and no-store
--- request eval
["POST /chat\n{}", "POST /chat?protocol=openai\n{}",
"POST /chat?protocol=anthropic\n{}", "PUT /chat", "GET /chat/models",
"OPTIONS /chat", "GET /chat/c1/stream",
"POST /chat\n" . "a" x 65, "POST /private\n{\"prompt\":\"a\"}"]
--- error_code eval
[400, 400, 400, 405, 200, 204, 204, 413, 401]
--- response_headers eval
[("X-Content-Type-Options: nosniff\nCache-Control: no-store") x 9]
--- no_error_log
[alert]



=== TEST 3: conversations and the status have nosniff
--- request eval
["POST /chat\n{\"prompt\":\"a\",\"conversation_id\":\"t3\"}",
"GET /sessions?id=t3", "DELETE /sessions?id=t3", "GET /sessions?id=t3",
"GET /status?format=json", "GET /status?format=html",
"GET /status?format=cats", "POST /status\n"]
--- error_code eval
[200, 200, 204, 404, 200, 200, 404, 405]
--- response_headers eval
[("X-Content-Type-Options: nosniff") x 8]
--- no_error_log
[alert]



=== TEST 4: responses without a body have no-store
--- request eval
["OPTIONS /chat", "OPTIONS /chat", "GET /chat/c1/stream",
"GET /chat?chatId=c1", "GET /chat?message=again",
"POST /chat\n{\"prompt\":\"a\",\"conversation_id\":\"t4\"}",
"DELETE /sessions?id=t4", "OPTIONS /sessions?id=t4"]
--- more_headers eval
["", "Origin: https://a.example\nAccess-Control-Request-Method: POST", "", "",
"Last-Event-ID: 1", "", "", ""]
--- error_code eval
[204, 204, 204, 204, 204, 200, 204, 204]
--- response_headers eval
[("Cache-Control: no-store") x 5,
"Cache-Control: no-cache, no-store, must-revalidate",
("Cache-Control: no-store") x 2]
--- no_error_log
[error]
