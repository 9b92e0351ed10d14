# Expectations of whole bodies, in files.
#
# A block with "--- golden: openai-chat/all-parts.to.ui" expects these bytes:
# t/golden/openai-chat/all-parts.to.ui is what a client of the protocol "ui"
# gets for the provider's answer openai-chat/all-parts.sse, a file of t/golden
# or a recording of t/fixtures.  Without a "tcp_reply" the provider sends that
# file, an event in each chunk.  In request/everything.to.gemini.json a
# provider gets the client's body request/everything.json, which is the
# "request" of a block without one.
#
# Two things in these files are not the bytes of a body.  What differs each time
# has a name in place of its value: {id}, {id2} and so on for ids that the
# module makes, numbered by their values, {time} for a time in seconds, and
# {date} for one in words.  In files that end in .json, a line feed and the two
# blanks after it are for the reader.
#
# "make golden" writes these files anew and shows what has changed.

package AIStream::Golden;

use strict;
use warnings;

use File::Basename 'dirname';
use File::Path 'make_path';
use File::Temp ();

my ($enabled, %written);


# an answer or a request, by the part of a name before ".to."

sub input {
    my ($base) = @_;

    my ($file) = grep { -f } glob("t/{fixtures,golden}/$base.{sse,ndjson,json}");

    return slurp($file) if defined $file;

    die "golden: there is no input $base\n";
}


# the events of an answer, each with its end

sub events {
    my ($text) = @_;

    return $text =~ /^\{/ ? split /(?<=\n)/, $text
                          : split /(?<=\n\n|\r\n\r\n)/, $text;
}


sub slurp {
    my ($file) = @_;

    open my $in, "<:raw", $file or die "$file: $!";
    local $/;
    return scalar <$in>;
}


# a body as its file has it

sub text {
    my ($name, $body) = @_;

    my (%ids, $n);

    my $id = sub {
        $ids{$_[0]} ||= ++$n > 1 ? "{id$n}" : "{id}";
        return $ids{$_[0]};
    };

    $body =~ s/(?<=[\]}]),(?=["{\[])/,\n  /g if $name =~ /\.json$/;

    $body =~ s/\b(msg[-_]|chatcmpl-)([0-9a-f]{20})\b/$1 . $id->($2)/ge;
    $body =~ s/\b(call_)([0-9a-f]{8})(?=\d+")/$1 . $id->($2)/ge;
    $body =~ s/^(id: )([0-9a-f]{20})$/$1 . $id->($2)/gme;
    $body =~ s/("created":)(\d+)/$1 . (abs($2 - time) < 60 ? "{time}" : $2)/ge;
    $body =~ s/("created_at":")\d{4}-\d\d-\d\dT[\d:.]+Z"/$1\{date}"/g;

    return $body;
}


# whether a body is the expected one, and else the difference

sub compare {
    my ($name, $body) = @_;

    my $file = "t/golden/$name";
    my $got = text($name, $body);

    if ($ENV{AISTREAM_GOLDEN}) {
        return (0, "$file would have two values\n")
            if defined $written{$name} && $written{$name} ne $got;

        $written{$name} = $got;

        make_path(dirname($file));

        open my $out, ">:raw", $file or die "$file: $!";
        print $out $got;
        close $out or die "$file: $!";

        return 1;
    }

    return (0, "there is no $file: make golden writes it\n") unless -f $file;
    return 1 if $got eq slurp($file);

    my $temp = File::Temp->new;

    binmode $temp;
    print $temp $got;
    close $temp or die $!;

    return (0, scalar `diff -u --label $file --label received $file $temp`);
}


# what is added last looks at a block first

sub enable {
    return if $enabled++;

    Test::Nginx::Util::add_block_preprocessor(sub {
        my ($block) = @_;

        if (!defined $block->golden) {
            $block->set_value(skip_nginx => "1: >= 0.1.0: not golden")
                if $ENV{AISTREAM_GOLDEN};
            return;
        }

        my ($base) = $block->golden =~ /^([\w\/-]+)\.to\./
            or die "golden: no name of a file: " . $block->golden;

        if ($base =~ /^request\//) {
            $block->set_value(request => "POST /chat\n" . input($base))
                unless defined $block->request;

        } elsif (!defined $block->tcp_reply && !defined $block->no_provider) {
            $block->set_value(tcp_reply => AIStream::chunked(
                                               events(input($base))));
        }
    });

    Test::Nginx::Socket::add_response_body_check(sub {
        my ($block, $body, $req_idx, $repeated_req_idx, $dry_run) = @_;

        my $golden = $block->golden;

        return unless defined $golden;

        SKIP: {
            Test::More::skip($block->name . " - golden", 1) if $dry_run;

            $golden =~ s/\s+$//;

            my ($same, $diff) = compare($golden, $body);

            Test::More::ok($same, $block->name . " - t/golden/$golden")
                or Test::More::diag($diff);
        }
    });
}

1;
