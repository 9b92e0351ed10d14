# Fake providers for tests: what stands in --- http_config, and what is given
# to --- tcp_reply.  A block calls these by their full names from an "eval"
# section; what it does not have, it is given by what a file calls before
# run_tests().

package AIStream;

use strict;
use warnings;

use AIStream::Golden;

# The sections that a block has unless it says otherwise.  A fake provider
# listens wherever there is a reply; "no_provider": there is none.

sub defaults {
    my (%sections) = @_;

    Test::Nginx::Util::add_block_preprocessor(sub {
        my ($block) = @_;

        for my $section (sort keys %sections) {
            next if $section eq "tcp_reply" && defined $block->no_provider;

            $block->set_value($section, $sections{$section})
                unless defined $block->$section;
        }

        # a request is logged when its client has the answer

        $block->set_value("wait", 0.1)
            if defined $block->access_log && !defined $block->wait;

        $block->set_value("tcp_listen", '$TEST_NGINX_RAND_PORT_1')
            if defined $block->tcp_reply && !defined $block->tcp_listen
               && !defined $block->no_provider;
    });

    AIStream::Golden::enable();
}

# A block with a section "passthrough" says what a client gets that is passed
# the provider's own events.

sub passthrough {
    Test::Nginx::Util::add_block_preprocessor(sub {
        my ($block) = @_;

        $block->set_value("skip_nginx",
                          "1: >= 0.1.0: pass-through is compiled out")
            if defined $block->passthrough && $ENV{AISTREAM_PLAIN};
    });
}

# For a client's protocol: a location of it, a request for a stream, and an
# answer in two pieces.  Other sections may be given, too.

sub client_protocol {
    my ($protocol, %sections) = @_;

    defaults(
        http_config => http(),
        config => location("aistream_protocol $protocol;"),
        request => "POST /chat\n{\"prompt\":\"a\",\"stream\":true}",
        tcp_reply => chunked(delta("Hel"), delta("l\"o"), ending()),
        %sections);
}

# For a provider's dialect: it answers with the body of the request, which has
# something of whatever a location can add.

sub provider {
    my ($dialect) = @_;

    defaults(
        http_config => http("", "", $dialect),
        config => location('aistream_protocol text;',
                           'aistream_client_system on;',
                           'aistream_system platform "We are here.";',
                           'aistream_max_tokens 4000;',
                           'aistream_temperature 1 max=2;'),
        request => prompt(),
        tcp_reply => echo_as($dialect));
}

# the location for chats, with these directives

sub location {
    my (@directives) = @_;

    return "location /chat {\n"
        . join("", map { "    $_\n" } "aistream_pass provider:m-1;",
                                      @directives)
        . "}\n";
}

# the shortest request

sub prompt {
    return "POST /chat\n{\"prompt\":\"a\"}";
}

# An upstream named "provider" on the first random port, whatever else is
# given in front of it, and a log format with all that is known of a request.

sub http {
    my ($more, $parameters, $dialect) = @_;

    $more = "" unless defined $more;
    $parameters = "" unless defined $parameters;
    $dialect = "openai" unless defined $dialect;

    return <<"EOF";
    log_format aistream '\$status \$aistream_provider \$aistream_model '
        '\$aistream_protocol \$aistream_attempts \$aistream_finish_reason '
        '\$aistream_error \$aistream_input_tokens/\$aistream_output_tokens '
        '[\$upstream_status]';

    aistream_retry attempts=1;
    aistream_breaker off;

    $more
    upstream provider {
        server 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        aistream_provider $dialect host=provider.test tls=off $parameters;
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

# RFC 6455's own example of a handshake, some of its lines replaced or, with an
# undefined value, left out

sub upgrade {
    my ($path, %lines) = @_;

    my %head = (
        "Host"                  => "localhost",
        "Upgrade"               => "websocket",
        "Connection"            => "Upgrade",
        "Sec-WebSocket-Key"     => "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version" => "13",
        %lines);

    return "GET $path HTTP/1.1\r\n"
        . join("", map { "$_: $head{$_}\r\n" } grep { defined $head{$_} }
                   sort keys %head)
        . "\r\n";
}

# a client's frame of a WebSocket, masked as the RFC's example is

sub frame {
    my ($opcode, $data) = @_;

    my $mask = "\x37\xfa\x21\x3d";
    my $length = length $data;

    return pack("C2", 0x80 | $opcode,
                0x80 | ($length < 126 ? $length : 126))
        . ($length < 126 ? "" : pack("n", $length))
        . $mask
        . ($data ^ substr($mask x ($length / 4 + 1), 0, $length));
}

# a server's frame

sub server_frame {
    my ($opcode, $data) = @_;

    my $length = length $data;

    return pack("C2", 0x80 | $opcode, $length < 126 ? $length : 126)
        . ($length < 126 ? "" : pack("n", $length)) . $data;
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

# the answer that is this text, in one piece

sub says {
    my ($text) = @_;

    return chunked(delta($text), ending());
}

# an answer with everything that there is for a client: reasoning, text, a
# source, a call in pieces and one without arguments

sub all_parts {
    return chunked(AIStream::Golden::events(
                       AIStream::Golden::input("openai-chat/all-parts")));
}

# the event of a delta with these members

sub choice {
    my ($members) = @_;

    return "data: {\"choices\":[{\"index\":0,\"delta\":{$members}}]}\n\n";
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
    return sub { says($_[0]) };
}

sub echo_body {
    return sub {
        my ($request) = @_;

        $request =~ s/^.*?\r\n\r\n//s;

        return says($request);
    };
}

# What stands behind: the request, or its body, as the text of an answer in
# another dialect.

sub echo_as {
    my ($dialect, $whole) = @_;

    return sub {
        my ($request) = @_;

        $request =~ s/^.*?\r\n\r\n//s unless $whole;

        return chunked(answer($dialect, $request));
    };
}

# the events of an answer that is this text

sub answer {
    my ($dialect, $text) = @_;

    $text = escape($text);

    return "data: {\"type\":\"message_start\",\"message\":{\"content\":[],"
        . "\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n"
        . "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
        . "{\"type\":\"text_delta\",\"text\":\"$text\"}}\n\n"
        . "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
        . "\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n"
        . "data: {\"type\":\"message_stop\"}\n\n"
        if $dialect eq "anthropic";

    return "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": "
        . "\"$text\"}]},\"finishReason\": \"STOP\"}],\"usageMetadata\": "
        . "{\"promptTokenCount\": 9,\"candidatesTokenCount\": 2}}\r\n\r\n"
        if $dialect eq "gemini";

    return "data: {\"type\":\"response.output_text.delta\","
        . "\"output_index\":0,\"delta\":\"$text\"}\n\n"
        . "data: {\"type\":\"response.completed\",\"response\":{\"usage\":"
        . "{\"input_tokens\":9,\"output_tokens\":2}}}\n\n"
        if $dialect eq "responses";

    return "{\"model\":\"m\",\"message\":{\"role\":\"assistant\","
        . "\"content\":\"$text\"},\"done\":false}\n"
        . "{\"model\":\"m\",\"message\":{\"role\":\"assistant\","
        . "\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\","
        . "\"prompt_eval_count\":9,\"eval_count\":2}\n"
        if $dialect eq "ollama";

    return delta($_[1]) . ending();
}

# Events that only keep a connection alive, as services are seen to send them.

sub keepalives {
    return ": comment\n\n",
        map({ "data:$_\n\n" } "", " ", " null", "  null ", " : keepalive",
            ":", " {}", " { }", " []", " \"\"", " ping", " keep-alive",
            " HEARTBEAT", "\ndata:"),
        map({ "event: $_\n\n" } "ping", "ping\ndata:", "ping\ndata: {}",
            "ping\ndata: 1764275400", "ping\ndata: : x", "keepalive\ndata",
            "keep-alive\ndata: now", "heartbeat\ndata: null", "x\ndata:",
            "message\ndata: null");
}

# a recorded answer

sub recording {
    my ($name) = @_;

    local (@ARGV, $/) = "t/fixtures/$name";

    return <>;
}

# A chat with all that a request can have, as a page of the AI SDK's and a
# program would send it together.

sub everything {
    return AIStream::Golden::input("request/everything");
}

1;
