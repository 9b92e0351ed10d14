# Another module's filter, in front of ours or behind it.

use lib 't/lib';
use AIStream;

my ($ours, $footer, $deep);

BEGIN {
    my $build = $ENV{BUILD} || "build";

    chomp(my $dir = `pwd`);

    my $built = sub {
        my ($folder, $before) = @_;

        system("FOOTER=$before util/build t/filter $build/$folder >&2") == 0
            or die;

        return "$dir/$build/$folder/ngx_http_aistream_footer_module.so";
    };

    $footer = $built->("filter", "");

    # among nginx's own filters: next to them, and to the one that writes

    $deep = $built->("filter-deep", "ngx_http_postpone_filter_module");

    # in their order, which differs

    ($ours) = split " ", delete $ENV{TEST_NGINX_LOAD_MODULES};
}

use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value("main_config",
                      defined $block->behind ? "load_module $footer;"
                                               . " load_module $ours;"
                      : defined $block->deep ? "load_module $ours;"
                                               . " load_module $deep;"
                      : "load_module $ours; load_module $footer;");

    $block->set_value("http_config", AIStream::http());

    $block->set_value("config", <<'EOC');
        location /chat {
            aistream_pass provider:m;
            aistream_protocol sse;
            footer "THE END";
        }
EOC

    $block->set_value("tcp_listen", '$TEST_NGINX_RAND_PORT_1');
    $block->set_value("tcp_reply",
                      AIStream::chunked(AIStream::delta("one"),
                                        AIStream::delta(" two"),
                                        AIStream::ending()));

    $block->set_value("response_body", <<'EOB' . "THE END");
data: {"chunk":"one"}

data: {"chunk":" two"}

data: [DONE]

EOB

    $block->set_value("no_error_log", "[alert]\n[error]");
});

run_tests();

__DATA__

=== TEST 1: the output of a filter before ours follows the answer
--- request
POST /chat
{"prompt":"a"}



=== TEST 2: the output of a filter before ours reaches a client of HTTP/1.0
--- raw_request eval
"POST /chat HTTP/1.0\r\nHost: a\r\nContent-Length: 14\r\n\r\n{\"prompt\":\"a\"}"



=== TEST 3: a filter after ours sees what we write
--- behind
--- request
POST /chat
{"prompt":"a"}



=== TEST 4: a filter among nginx's own sees what we write
--- deep
--- request
POST /chat
{"prompt":"a"}
