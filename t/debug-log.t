# The debug log tells the story of a chat, without a key or a word of text.
#
# Of nginx's own lines, those about reading and writing have sizes only.  It
# logs the client's request line and header, a client's own key included: that
# is its way, and no request of ours to a provider has them.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();
log_level("debug");

AIStream::defaults(
    http_config => AIStream::http("aistream_zone chats 1m;"),
    config => AIStream::location("aistream_protocol sse;"),
    request => "POST /chat\n{\"prompt\":\"Wherefore art thou\"}",
    tcp_reply => whole(AIStream::delta("Deny"), AIStream::delta(" thy"),
                       AIStream::ending()));

# what comes in pieces is read and written in pieces

sub whole {
    return join "", @{AIStream::chunked(@_)};
}

# the story of an answer

our $answer = <<'_EOC_';
aistream run: new to answering
aistream run: client "sse", messages:1
aistream step: upstream "provider", model "m-1", passthrough:0
aistream attempt: key 1 of 1
aistream attempt: idle to waiting
aistream step: routing to attempt
aistream attempt: request sent, connection reused:0
aistream response: status 200
aistream event: dialect "openai", 116 bytes, parsed
aistream delta: text, 4 bytes, template:0
aistream stream: empty to content
aistream subscriber: open to committed
aistream delta: text, 4 bytes, template:1
aistream event: dialect "openai", 69 bytes, parsed
aistream event: dialect "openai", 74 bytes, parsed
aistream event: dialect "openai", 6 bytes, parsed
aistream delta: finish, 0 bytes, template:0
aistream stream: content to finished
aistream attempt: waiting to streaming
aistream attempt: rc:0, error ""
aistream attempt: streaming to ended
aistream step: attempt to routing
aistream step: routing to ended
aistream run: answering to ended
aistream run: end:1, error ""
_EOC_

add_block_preprocessor(sub {
    my ($block) = @_;

    my $story = $block->grep_error_log_out;

    # each event is parsed where the template is compiled out

    if ($ENV{AISTREAM_PLAIN}) {
        my $event = 'aistream event: dialect "openai", 116 bytes, parsed';

        $story =~ s/(aistream delta: .*, template:)1/$event\n${1}0/;
        $block->set_value("grep_error_log_out", $story);
    }

    $block->set_value("grep_error_log",
                      qr/aistream (?!timer|live|write)[\w ]+: [^\n]*/);

    $block->set_value("no_error_log",
                      join("\n", "sk-test-0123", "Wherefore", "Deny", " thy",
                           "[alert]"))
        unless defined $block->no_error_log;
});

run_tests();

__DATA__

=== TEST 1: the log has each step of an answer
--- grep_error_log_out eval: $main::answer
--- error_log eval
[qr/aistream timer: \d+ ms/, qr/aistream write: \d+ bytes, last:1/,
 qr/aistream live run added/, qr/aistream live run removed/]



=== TEST 2: a client's own key is only in nginx's line of its header
--- http_config eval
(my $conf = AIStream::http()) =~ s/(aistream_key) \S+;/$1 \$http_x_key;/;
$conf
--- more_headers
X-Key: sk-client-4567
--- grep_error_log_out eval: $main::answer
--- error_log
http header: "X-Key: sk-client-4567"
--- no_error_log eval
[qr/(?<!http header: "X-Key: )sk-client/, "Wherefore", "Deny", "[alert]"]



=== TEST 3: the log has each attempt that fails
--- config eval: AIStream::location("aistream_retry attempts=2 backoff=1ms;")
--- no_provider
--- error_code: 502
--- grep_error_log_out
aistream run: new to answering
aistream run: client "data", messages:1
aistream step: upstream "provider", model "m-1", passthrough:0
aistream attempt: key 1 of 1
aistream attempt: idle to waiting
aistream step: routing to attempt
aistream attempt: rc:502, error "provider_unreachable"
aistream attempt: waiting to ended
aistream step: attempt to routing
aistream step: routing to backoff
aistream step: backoff to routing
aistream step: upstream "provider", model "m-1", passthrough:0
aistream attempt: key 1 of 1
aistream attempt: ended to waiting
aistream step: routing to attempt
aistream attempt: rc:502, error "provider_unreachable"
aistream attempt: waiting to ended
aistream step: attempt to routing
aistream step: routing to ended
aistream run: answering to ended
aistream run: end:2, error "provider_unreachable"
aistream reply: error "provider_unreachable", status 502



=== TEST 4: the log has the kind and size of thoughts, sources and tool calls
--- tcp_reply eval: CORE::join "", @{AIStream::all_parts()}
--- grep_error_log_out
aistream run: new to answering
aistream run: client "sse", messages:1
aistream step: upstream "provider", model "m-1", passthrough:0
aistream attempt: key 1 of 1
aistream attempt: idle to waiting
aistream step: routing to attempt
aistream attempt: request sent, connection reused:0
aistream response: status 200
aistream event: dialect "openai", 60 bytes, parsed
aistream delta: reasoning, 2 bytes, template:0
aistream stream: empty to content
aistream event: dialect "openai", 113 bytes, parsed
aistream delta: text, 1 bytes, template:0
aistream subscriber: open to committed
aistream event: dialect "openai", 128 bytes, parsed
aistream delta: source, 13 bytes, template:0
aistream event: dialect "openai", 111 bytes, parsed
aistream delta: tool start, 0 bytes, template:0
aistream event: dialect "openai", 98 bytes, parsed
aistream delta: tool arguments, 8 bytes, template:0
aistream event: dialect "openai", 92 bytes, parsed
aistream delta: tool arguments, 2 bytes, template:0
aistream event: dialect "openai", 111 bytes, parsed
aistream delta: tool end, 10 bytes, template:0
aistream delta: tool start, 0 bytes, template:0
aistream event: dialect "openai", 75 bytes, parsed
aistream event: dialect "openai", 74 bytes, parsed
aistream event: dialect "openai", 6 bytes, parsed
aistream delta: tool arguments, 2 bytes, template:0
aistream delta: tool end, 2 bytes, template:0
aistream delta: finish, 0 bytes, template:0
aistream stream: content to finished
aistream attempt: waiting to streaming
aistream attempt: rc:0, error ""
aistream attempt: streaming to ended
aistream step: attempt to routing
aistream step: routing to ended
aistream run: answering to ended
aistream run: end:1, error ""
--- no_error_log
https://e.x
toolCall
"One"
"hm"
[alert]
[error]



=== TEST 5: the log has the load and save of a session
--- config eval
AIStream::location("aistream_protocol sse;", "aistream_store zone=chats;")
--- request
POST /chat
{"prompt":"Wherefore art thou","conversation_id":"c-1"}
--- grep_error_log_out
aistream session: load from "zone", messages:40
aistream session: loaded, rc:0 records:0
aistream run: new to answering
aistream run: client "sse", messages:1
aistream step: upstream "provider", model "m-1", passthrough:0
aistream attempt: key 1 of 1
aistream attempt: idle to waiting
aistream step: routing to attempt
aistream attempt: request sent, connection reused:0
aistream response: status 200
aistream event: dialect "openai", 116 bytes, parsed
aistream delta: text, 4 bytes, template:0
aistream stream: empty to content
aistream subscriber: open to committed
aistream delta: text, 4 bytes, template:1
aistream event: dialect "openai", 69 bytes, parsed
aistream event: dialect "openai", 74 bytes, parsed
aistream event: dialect "openai", 6 bytes, parsed
aistream delta: finish, 0 bytes, template:0
aistream session: save to "zone"
aistream stream: content to finished
aistream attempt: waiting to streaming
aistream attempt: rc:0, error ""
aistream attempt: streaming to ended
aistream step: attempt to routing
aistream step: routing to ended
aistream run: answering to ended
aistream run: end:1, error ""
