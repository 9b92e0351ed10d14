# Conversations in Redis: two real servers, one of them with a password, run
# while this suite does.  Several nginx, restarts and servers that fail in the
# middle of something are in t/clients/redis.mjs.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

use File::Temp 'tempdir';
use IO::Socket::INET;
use POSIX ();
use Time::HiRes 'sleep';

my (%servers, $parent);

# a command's reply as it is on the wire

sub redis {
    my ($port, @words) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port",
                                       Timeout => 3) or return "";

    print $socket "*" . @words . "\r\n",
        map { "\$" . length($_) . "\r\n$_\r\n" } @words;

    return scalar(<$socket>) // "";
}

# The server ends with the suite; should that be killed, after five minutes.

sub start {
    my ($variable, @options) = @_;

    my $port = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")
        ->sockport;
    my $dir = tempdir(CLEANUP => 1);
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, ">", "$dir/log";
        exec "timeout", 300, "redis-server", "--port", $port, "--bind",
            "127.0.0.1", "--dir", $dir, "--save", "", "--appendonly", "no",
            @options or POSIX::_exit(127);
    }

    $servers{$pid} = $port;
    $ENV{$variable} = $port;

    for (1 .. 200) {
        return if redis($port, "PING");
        sleep 0.05;
    }

    die "redis-server does not start";
}

BEGIN {
    $parent = $$;

    start("TEST_NGINX_REDIS");
    start("TEST_NGINX_REDIS_LOCKED", "--requirepass", "correct horse");

    $ENV{TEST_NGINX_NO_REDIS} = IO::Socket::INET->new(
        Listen => 1, LocalAddr => "127.0.0.1")->sockport;

    redis($ENV{TEST_NGINX_REDIS}, "SET", "aistream:r6", "not a list");
}

END {
    if ($$ == $parent) {
        my $status = $?;

        for my $pid (keys %servers) {
            kill TERM => $pid;
            waitpid $pid, 0;
        }

        $? = $status;
    }
}

no_long_string();
no_root_location();

# A section "redis" has a command and the beginning of its reply for each
# request: the answer does not wait until a turn is saved, the next request of
# the block does.

add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated_req_idx, $dry_run) = @_;

    my $line = (split /\n/, $block->redis // "")[$req_idx];

    return if !defined $line || $line eq "-";

    SKIP: {
        skip $block->name . " - redis", 1 if $dry_run;

        my ($command, $expected) = $line =~ /^(.*) => (.*)$/ or die $line;
        my $reply;

        for (1 .. 100) {
            $reply = redis($ENV{TEST_NGINX_REDIS}, split / /, $command);
            last if index($reply, $expected) == 0;
            sleep 0.05;
        }

        like($reply, qr/^\Q$expected\E/, $block->name . " - $command");
    }
});

# the server without a password, and a provider whose answer is the request

sub http {
    my ($more) = @_;

    return AIStream::http(<<'EOC' . ($more // ""));
    upstream redis {
        server 127.0.0.1:$TEST_NGINX_REDIS;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / {
            client_body_buffer_size 1m;
            aistream_mock openai text=$request_body;
        }
    }

EOC
}

AIStream::defaults(http_config => http(), config => <<'EOC');
        aistream_store redis=redis;
        aistream_protocol text;

        location /chat {
            aistream_pass provider:m;
        }

        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
EOC

run_tests();

__DATA__

=== TEST 1: a turn is saved, and sent with the next
--- request eval
["POST /chat\n" . '{"prompt":"one","conversation_id":"r1"}',
"POST /chat\n" . '{"prompt":"two","conversation_id":"r1"}',
"GET /sessions?id=r1"]
--- redis
LLEN aistream:r1 => :3
LLEN aistream:r1 => :5
LLEN aistream:r1 => :5
--- response_body_like eval
['"messages":\[\{"role":"user","content":"one"\}\]',
'"messages":\[\{"role":"user","content":"one"\},\{"role":"assistant","content":".*"\},\{"role":"user","content":"two"\}\]',
'\A\{"id":"r1","messages":\[\{"role":"user","content":"one",.*\{"role":"assistant",.*\{"role":"user","content":"two",.*\{"role":"assistant",']
--- no_error_log
[error]



=== TEST 2: a session is deleted, and 404 after that
--- request eval
["POST /chat\n" . '{"prompt":"one","conversation_id":"r2"}',
"DELETE /sessions?id=r2", "GET /sessions?id=r2", "DELETE /sessions?id=r2"]
--- redis
LLEN aistream:r2 => :3
EXISTS aistream:r2 => :0
--- error_code eval
[200, 204, 404, 404]
--- response_body_like eval
["one", '\A\z', "session_not_found", "session_not_found"]
--- no_error_log
[error]



=== TEST 3: prefix= and ttl= are those of the key
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_store redis=redis prefix=chat: ttl=1h;
        }
--- request eval
["POST /chat\n" . '{"prompt":"one","conversation_id":"r3"}',
"POST /chat\n" . '{"prompt":"two","conversation_id":"r3"}']
--- redis
TTL chat:r3 => :3
EXISTS aistream:r3 => :0
--- response_body_like eval
["one", "one.*two"]
--- no_error_log
[error]



=== TEST 4: a session is available to its owner only
--- config
        aistream_store redis=redis;
        aistream_session $arg_id owner=$arg_user;
        aistream_protocol text;

        location /chat {
            aistream_pass provider:m;
        }

        location /sessions {
            aistream_sessions;
        }
--- request eval
["POST /chat?id=r4&user=ann\n" . '{"prompt":"one"}',
"GET /sessions?id=r4&user=ann", "GET /sessions?id=r4&user=bob",
"DELETE /sessions?id=r4&user=bob", "GET /sessions?id=r4"]
--- redis eval
# the hash of the prefix, a NUL and the owner
use Digest::MD5 'md5_hex';
"EXISTS aistream:r4/" . md5_hex("aistream:\0ann") . " => :1\n"
--- error_code eval
[200, 200, 404, 404, 401]
--- response_body_like eval
["one", '"content":"one"', "session_not_found", "session_not_found", "unauthorized"]
--- no_error_log
[error]



=== TEST 5: aistream_history limits the messages sent
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_store redis=redis;
            aistream_history 1;
        }
--- request eval
["POST /chat\n" . '{"prompt":"one","conversation_id":"r5"}',
"POST /chat\n" . '{"prompt":"two","conversation_id":"r5"}']
--- redis
LLEN aistream:r5 => :3
LLEN aistream:r5 => :5
--- response_body_like eval
["one",
'"messages":\[\{"role":"assistant","content":"[^\n]*"\},\{"role":"user","content":"two"\}\]']
--- no_error_log
[error]



=== TEST 6: a key of another type is store_unavailable
--- request
POST /chat
{"prompt":"one","conversation_id":"r6"}
--- error_code: 503
--- response_body_like: "code":"store_unavailable"
--- error_log
WRONGTYPE



=== TEST 7: a server that is down is store_unavailable
--- config
        aistream_store redis=127.0.0.1:$TEST_NGINX_NO_REDIS;

        location /chat {
            aistream_pass provider:m;
        }

        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
--- request eval
["POST /chat\n" . '{"prompt":"one","conversation_id":"r7"}',
"GET /sessions?id=r7", "DELETE /sessions?id=r7"]
--- error_code eval
[503, 503, 503]
--- response_body_like eval
[('"code":"store_unavailable"') x 3]
--- error_log
Connection refused



=== TEST 8: "optional" answers with the client's messages if the server is down
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_store redis=127.0.0.1:$TEST_NGINX_NO_REDIS optional;
        }
--- request
POST /chat
{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}],"conversation_id":"r8"}
--- response_body_like: "messages":\[\{"role":"user","content":"a"\},\{"role":"assistant","content":"b"\},\{"role":"user","content":"c"\}\]
--- error_log
Connection refused



=== TEST 9: another server of the upstream is used if one is down
--- http_config eval
AIStream::http('
    upstream spare {
        server 127.0.0.1:$TEST_NGINX_NO_REDIS;
        server 127.0.0.1:$TEST_NGINX_REDIS backup;
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { aistream_mock openai text=yes; }
    }
')
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_protocol text;
            aistream_store redis=spare;
        }
--- request
POST /chat
{"prompt":"one","conversation_id":"r9"}
--- redis
LLEN aistream:r9 => :3
--- response_body chomp
yes
--- error_log
Connection refused



=== TEST 10: aistream_key is the password
--- http_config eval
::http('
    upstream locked {
        server 127.0.0.1:$TEST_NGINX_REDIS_LOCKED;
        aistream_key "correct horse";
    }
')
--- config
        aistream_store redis=locked;
        aistream_protocol text;

        location /chat {
            aistream_pass provider:m;
        }

        location /sessions {
            aistream_session $arg_id;
            aistream_sessions;
        }
--- request eval
["POST /chat\n" . '{"prompt":"one","conversation_id":"r10"}',
"GET /sessions?id=none"]
--- error_code eval
[200, 404]
--- response_body_like eval
['"content":"one"', "session_not_found"]
--- no_error_log
correct horse



=== TEST 11: a wrong password is store_unavailable, and not logged
--- http_config eval
::http('
    upstream locked {
        server 127.0.0.1:$TEST_NGINX_REDIS_LOCKED;
        aistream_key "wrong-marker";
    }
')
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_store redis=locked;
        }
--- request
POST /chat
{"prompt":"one","conversation_id":"r11"}
--- error_code: 503
--- response_body_like: "code":"store_unavailable"
--- error_log
WRONGPASS
--- no_error_log
wrong-marker



=== TEST 12: a missing password is store_unavailable
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_store redis=127.0.0.1:$TEST_NGINX_REDIS_LOCKED;
        }
--- request
POST /chat
{"prompt":"one","conversation_id":"r12"}
--- error_code: 503
--- response_body_like: "code":"store_unavailable"
--- error_log
NOAUTH



=== TEST 13: a turn of a WebSocket is saved
--- config
        location /chat {
            aistream_pass provider:m;
            aistream_store redis=redis;
            aistream_websocket on turns=1;
        }
--- raw_request eval
AIStream::upgrade("/chat") . AIStream::frame(1, '{"sessionId":"r13","text":"hi"}')
--- redis
LLEN aistream:r13 => :3
--- error_code: 101
--- response_body_like: "type":"done"
--- no_error_log
[error]
