# aistream_allow_urls: which files a provider is told to fetch.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::defaults(http_config => AIStream::http(),
                   tcp_reply => AIStream::echo_body(),
                   config => AIStream::location('aistream_protocol text;'));

# one question for each URL: no more than the last has a provider's answer

sub asks {
    my (@urls) = @_;

    return [map {
        my $url = AIStream::escape($_);
        "POST /chat\n{\"messages\":[{\"role\":\"user\",\"content\":["
            . "{\"type\":\"image_url\",\"image_url\":{\"url\":\"$url\"}}]}]}"
    } @urls];
}

sub conf {
    my ($urls) = @_;

    return AIStream::location('aistream_protocol text;',
                              "aistream_allow_urls $urls;");
}

run_tests();

__DATA__

=== TEST 1: a public host with a port is allowed
--- request eval
main::asks('https://files.example.com:8443/a.png?b=1@2#c')->[0]
--- response_body_like eval
qr{"url":"https://files\.example\.com:8443/a\.png\?b=1\@2#c"}
--- no_error_log
[error]



=== TEST 2: public addresses are allowed
--- config
        location /chat {
            aistream_pass provider:m-1;
            aistream_protocol text;
        }
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://8.8.8.8/a"}},{"type":"image_url","image_url":{"url":"https://[2606:4700::1111]/a"}},{"type":"image_url","image_url":{"url":"HTTPS://A.B./a"}}]}]}
--- response_body_like eval
qr{8\.8\.8\.8.*2606:4700::1111.*A\.B\./a}
--- no_error_log
[error]



=== TEST 3: private addresses in all forms, and ambiguous URLs, are 400
--- no_provider
--- request eval
main::asks(qw{
    http://files.example.com/a https://localhost/ https://intranet/a
    https://127.0.0.1/ https://127.1/ https://2130706433/ https://0x7f000001/
    https://0177.0.0.1/ https://0x7f.1/ https://10.0.0.1/ https://10.1/
    https://172.16.0.1/ https://172.31.255.255/ https://192.168.1.1/
    https://169.254.169.254/ https://169.254.169.254./ https://2852039166/
    https://0xa9fea9fe/ https://0251.0376.0251.0376/ https://169.254.43518/
    https://100.64.0.1/ https://0.0.0.0/ https://0/ https://224.0.0.1/
    https://255.255.255.255/ https://198.18.0.1/ https://1.2.3.4.5/
    https://999.1.1.1/ https://1.2.3.0x100/ https://08.1.1.1/
    https://[::1]/ https://[::]/ https://[::ffff:169.254.169.254]/
    https://[::ffff:a9fe:a9fe]/ https://[fe80::1]/ https://[fc00::1]/
    https://[fd00:ec2::254]/ https://[64:ff9b::a9fe:a9fe]/
    https://[2002:a9fe:a9fe::]/ https://[2001::1]/ https://[2001:db8::1]/
    https://[::169.254.169.254]/ https://[ff02::1]/ https://[2606:4700::1
    https://[fe80::1%25eth0]/ https://files.example.com@127.0.0.1/
    https://files.example.com:80@127.0.0.1/ https://user:pass@example.com/
    https://127.0.0.1\@example.com/ https://example.com\.127.0.0.1/
    https://%31%32%37.0.0.1/ https:///example.com/ https:/example.com/
    https:example.com/ https://example..com/ https://.example.com/
    https://example.com../ https://printer.local/ https://a.localhost/
    https://metadata.google.internal/ https://LOCALHOST./ https:// https://./
    https://example.com:80x/ ftp://example.com/ gs://bucket/a
    file:///etc/passwd javascript:alert(1) //example.com/a
}, "https://exa\tmple.com/", "https://example.com/\n", " https://example.com/",
   "https://\xef\xbc\x91.example.com/", "https://b\xc3\xbccher.example/",
   "https://" . ("a." x 127) . "com/")
--- error_code eval
[(400) x 79]
--- response_body_like eval
[('messages\[0\]\.content\[0\] (has a URL that is not allowed|must have)') x 79]
--- no_error_log
[error]



=== TEST 4: a refused URL of the history is left out, and named in the log
--- log_level: info
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"text","text":"q1"},{"type":"image_url","image_url":{"url":"https://10.0.0.1/a"}}]},{"role":"assistant","content":"a1"},{"role":"user","content":"q2"}]}
--- response_body_like: "content":"q1".*"content":"q2"
--- response_body_unlike: 10\.0\.0\.1
--- error_log
messages[0].content[1] was left out: it has a URL that is not allowed
--- no_error_log
[error]



=== TEST 5: a refused URL of a tool result in the question is 400
--- no_provider
--- request
POST /chat
{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"image","source":{"type":"url","url":"http://169.254.169.254/"}}]}]}]}
--- error_code: 400
--- response_body_like: messages\[2\]\.content\[0\] has a URL that is not allowed
--- no_error_log
[error]



=== TEST 6: "off" refuses all URLs
--- config eval
main::conf("off")
--- no_provider
--- request eval
main::asks("https://files.example.com/a.png")->[0]
--- error_code: 400
--- response_body_like: has a URL that is not allowed
--- no_error_log
[error]



=== TEST 7: "off" allows data: URLs
--- config eval
main::conf("off")
--- request eval
main::asks("data:image/png;base64,iVBORw==")->[0]
--- response_body_like: iVBORw==
--- no_error_log
[error]



=== TEST 8: "any" allows private addresses
--- config eval
main::conf("any")
--- request eval
main::asks("http://10.0.0.1/a.png")->[0]
--- response_body_like eval
qr{"url":"http://10\.0\.0\.1/a\.png"}
--- no_error_log
[error]



=== TEST 9: hosts that are not listed are refused
--- config eval
main::conf('a.example *.b.example .c.example d.* ~^e\d+\.example$ 10.0.0.1')
--- no_provider
--- request eval
main::asks(map { "https://$_/x" } qw(x.a.example b.example xb.example
                                     xc.example ed.x xe1.example
                                     e.example 10.0.0.2 a.example.com 8.8.8.8))
--- error_code eval
[(400) x 10]
--- no_error_log
[error]



=== TEST 10: listed hosts are allowed with http and https, in any case
--- config eval
main::conf('a.example *.b.example .c.example d.* ~^e\d+\.example$ 10.0.0.1')
--- request eval
"POST /chat\n{\"messages\":[{\"role\":\"user\",\"content\":["
. join(",", map { "{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://$_/x\"}}" }
    qw(A.example x.y.b.example c.example x.c.example. d.example E12.Example 10.0.0.1:80))
. "]}]}"
--- response_body_like eval
qr{A\.example.*x\.y\.b\.example.*c\.example.*x\.c\.example.*d\.example.*E12\.Example.*10\.0\.0\.1:80}
--- no_error_log
[error]



=== TEST 11: a listed host is allowed besides all public ones
--- config eval
main::conf('https files')
--- request
POST /chat
{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://files/a"}},{"type":"image_url","image_url":{"url":"https://files.example.com/b"}}]}]}
--- response_body_like eval
qr{http://files/a.*https://files\.example\.com/b}
--- no_error_log
[error]



=== TEST 12: an invalid host is rejected
--- config eval
main::conf('a*.example')
--- must_die
--- no_provider
--- error_log
invalid host "a*.example"



=== TEST 13: an invalid expression is rejected
--- config eval
main::conf('~(')
--- must_die
--- no_provider
--- error_log
invalid host "~("



=== TEST 14: "any" with another parameter is rejected
--- config eval
main::conf('any a.example')
--- must_die
--- no_provider
--- error_log
cannot have other values with "any" or "off"
