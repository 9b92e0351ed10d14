# Fake providers for tests: what stands in --- http_config, and what is given
# to --- tcp_reply.  A block calls these by their full names from an "eval"
# section.

package AIStream;

use strict;
use warnings;

# An upstream named "provider" on the first random port, whatever else is
# given in front of it, and a log format with all that is known of a request.

sub http {
    my ($more, $parameters) = @_;

    $more = "" unless defined $more;
    $parameters = "" unless defined $parameters;

    return <<"EOF";
    log_format aistream '\$status \$aistream_provider \$aistream_model '
        '\$aistream_protocol \$aistream_attempts \$aistream_finish_reason '
        '\$aistream_error \$aistream_input_tokens/\$aistream_output_tokens '
        '[\$upstream_status]';

    $more
    upstream provider {
        server 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai host=provider.test tls=off $parameters;
        aistream_key sk-test-0123456789abcdef;
    }
EOF
}

# JSON string contents

sub escape {
    my ($text) = @_;

    $text =~ s/([\\"])/\\$1/g;
    $text =~ s/([\x00-\x1f])/sprintf "\\u%04x", ord $1/ge;

    return $text;
}

# events of a chat completion

sub delta {
    my ($text) = @_;

    return 'data: {"id":"c1","object":"chat.completion.chunk","choices":'
        . '[{"index":0,"delta":{"content":"' . escape($text)
        . "\"},\"finish_reason\":null}]}\n\n";
}

sub finish {
    my ($reason) = @_;

    $reason = "stop" unless defined $reason;

    return 'data: {"id":"c1","choices":[{"index":0,"delta":{},'
        . "\"finish_reason\":\"$reason\"}]}\n\n";
}

sub usage {
    my ($input, $output) = @_;

    return "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":"
        . "$input,\"completion_tokens\":$output}}\n\n";
}

sub done {
    return "data: [DONE]\n\n";
}

# what ends an answer as it should

sub ending {
    return finish() . usage(9, 2) . done();
}

# A 200 whose body is cut into chunks as given; the connection then closes.

sub chunked {
    my (@pieces) = @_;

    return [
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            . "Transfer-Encoding: chunked\r\n\r\n",
        (map { sprintf("%x\r\n%s\r\n", length $_, $_) } @pieces),
        "0\r\n\r\n"
    ];
}

# A 200 that ends where the connection does, in pieces as given.

sub raw {
    my (@pieces) = @_;

    return [
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            . "Connection: close\r\n\r\n",
        @pieces
    ];
}

# The whole body in single bytes.

sub bytes {
    return raw(split //, join "", @_);
}

# An answer of another status, with more header lines if need be.

sub status {
    my ($status, $body, @headers) = @_;

    return join "\r\n",
        "HTTP/1.1 $status Test", "Content-Type: application/json",
        "Content-Length: " . length($body), @headers, "", $body;
}

# An answer whose text is the provider's request: with header lines, or its
# body only.

sub echo {
    return sub { chunked(delta($_[0]), ending()) };
}

sub echo_body {
    return sub {
        my ($request) = @_;

        $request =~ s/^.*?\r\n\r\n//s;

        return chunked(delta($request), ending());
    };
}

1;
