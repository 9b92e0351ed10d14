# Mistakes in a configuration: the message has the file and the line of the
# directive, what is allowed and what is probably meant.  A configuration with
# no mistake has no message.
#
# In a block the line of the message ends with "# <-"; FILE:LINE stands for it
# in what is expected, and is added where it does not appear.  "nginx -t" is
# run once for each block, without a server.

use strict;
use warnings;

use Cwd 'getcwd';
use File::Temp 'tempdir';
use Test::Base 'no_plan';

my $nginx = $ENV{TEST_NGINX_BINARY} || "nginx";
my $root = getcwd();
my $dir = tempdir(CLEANUP => 1);

my @modules = split " ", $ENV{TEST_NGINX_LOAD_MODULES} || join " ",
              map { "$root/build/ngx_http_${_}_module.so" }
                  qw(aistream aistream_mock);

my $modules = join " ", map { "load_module $_;" } @modules;

$ENV{AISTREAM_TEST_KEY} = "from-env";
delete @ENV{qw(AISTREAM_TEST_NONE OPENAI_API_KEY REDIS_PASSWORD)};


sub spew {
    my ($file, $text) = @_;

    open my $out, ">", "$dir/$file" or die "$dir/$file: $!";
    print $out $text;
    close $out;
}


# what nginx says of this configuration, each message without "nginx: "

sub messages {
    my ($conf) = @_;

    spew("nginx.conf", $conf);

    return grep { /^\[/ }
           map { s/^nginx: //r =~ s{\Q$dir/nginx.conf\E}{FILE}gr
                               =~ s{\Q$dir/key\E}{KEY_FILE}gr }
           split /\n/, `$nginx -t -p $dir/ -c nginx.conf \\
                        -g 'pid $dir/pid;' -e $dir/error.log 2>&1`;
}


# frequent mistakes in a location

my $provider = <<'EOT';
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai host=provider.test tls=off;
    }
EOT

run {
    my ($block) = @_;

    my $http = $block->http // "";

    $http .= $provider if defined $block->location;

    my $server = $block->server // "";

    $server .= "location /chat {\n" . $block->location . "}\n"
        if defined $block->location;

    my @lines = split /\n/, "$modules\nevents {}\nhttp {\n$http"
        . "server {\nlisten unix:$dir/socket;\n$server}\n}\n";

    my ($line) = grep { $lines[$_ - 1] =~ /# <-$/ } 1 .. @lines;

    spew("key", $block->key_file) if defined $block->key_file;

    my $conf = join "", map { "$_\n" } @lines;
    $conf =~ s/\bKEY_FILE\b/$dir\/key/g;

    my @expected = map {
        my $text = $_;

        $text .= " in FILE:LINE" unless $text =~ /FILE:/;
        $text =~ s/FILE:LINE/"FILE:" . ($line || "?")/e;
        $text;

    } split /\n/, $block->says // "";

    my $found = join "\n", messages($conf);

    is($found, join("\n", @expected), $block->name);
    unlike($found, qr/mistyped/, $block->name . ": no key is shown");
};

__DATA__

=== a configuration without a mistake
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai base=/v1;
        aistream_key env:AISTREAM_TEST_KEY;
    }

    upstream ollama {
        server 127.0.0.1:1;
        aistream_provider ollama base=/gateway/chat;
    }

    upstream own {
        server 127.0.0.1:1;
        aistream_provider openai host=own.test base=/openai/chat tls=off;
        aistream_key $http_x_key;
    }

    aistream_zone sessions 1m;
    aistream_session $arg_id;
--- server
        location /a { aistream_pass openai:m; }
        location /b { aistream_pass ollama:m; aistream_store zone=sessions; }
        location /c { aistream_pass own:m; }
        location /d {
            aistream_pass own:m;
            if ($arg_x) { proxy_pass http://127.0.0.1:1; }
            limit_except GET { proxy_pass http://127.0.0.1:1; }
            location /d/e { proxy_pass http://127.0.0.1:1; }
        }
--- says



=== a wrong alias
--- http
    aistream_model small provider:m;
    aistream_model large provider:n;
--- location
aistream_pass smal; # <-
--- says
[emerg] target "smal" is neither "UPSTREAM:MODEL" nor an alias set by "aistream_model": it may be "small" or "large", did you mean "small"?



=== a wrong alias in an alias
--- http
    aistream_model small provider:m;
    aistream_model large smal; # <-
--- location
aistream_pass large;
--- says
[emerg] target "smal" is neither "UPSTREAM:MODEL" nor an alias set by "aistream_model": it may be "small" or "large", did you mean "small"?



=== an upstream that is not defined
--- location
aistream_pass provide:m; # <-
--- says
[emerg] upstream "provide" of target "provide:m" is not defined: it may be "provider", did you mean "provider"?



=== an upstream without ":MODEL"
--- location
aistream_pass provider; # <-
--- says
[emerg] target "provider" is neither "UPSTREAM:MODEL" nor an alias set by "aistream_model": write "provider:MODEL"



=== an upstream without a provider
--- http
    upstream plain { server 127.0.0.1:1; }
--- location
aistream_pass plain:m; # <-
--- says
[emerg] upstream "plain" of target "plain:m" has no "aistream_provider": the upstream is defined in FILE:4, the target in FILE:LINE



=== an empty model
--- location
aistream_pass provider:; # <-
--- says
[emerg] invalid model in target "provider:", which is written as "UPSTREAM:MODEL",



=== aliases that stand for each other
--- http
    aistream_model a b; # <-
    aistream_model b a;
--- location
aistream_pass a;
--- says
[emerg] model alias "a" stands for itself



=== an allowed model that is not an alias
--- http
    aistream_model fast provider:m;
    aistream_allow_models fats; # <-
--- location
aistream_pass provider:m;
--- says
[emerg] "aistream_allow_models" has "fats", which is not an alias set by "aistream_model": it may be "fast", did you mean "fast"?



=== a store in a zone that is not defined
--- location
aistream_pass provider:m;
aistream_store zone=x; # <-
--- says
[emerg] zone "x" of "aistream_store" is not defined by "aistream_zone": write "aistream_zone x 16m;" in "http"



=== a store in a zone of another name
--- http
    aistream_zone sessions 1m;
--- location
aistream_pass provider:m;
aistream_store zone=session; # <-
--- says
[emerg] zone "session" of "aistream_store" is not defined by "aistream_zone": it may be "sessions", did you mean "sessions"?



=== sessions without a store
--- location
aistream_session $arg_id;
aistream_sessions; # <-
--- says
[emerg] no "aistream_store" is defined for "aistream_sessions"



=== a store that is a provider
--- location
aistream_pass provider:m;
aistream_store redis=provider; # <-
--- says
[emerg] "aistream_store" uses upstream "provider", which is a provider's: "aistream_provider" is in FILE:6, "aistream_store" in FILE:LINE



=== a forgotten semicolon after a provider
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai
        aistream_key sk-mistyped; # <-
    }
--- says
[emerg] invalid parameter "aistream_key": is a ";" missing before it?



=== a forgotten semicolon after a key
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key sk-mistyped
        keepalive 8; # <-
    }
--- says
[emerg] invalid parameter "keepalive": is a ";" missing before it?



=== a forgotten semicolon after a target
--- location
aistream_pass provider:m
aistream_protocol text; # <-
--- says
[emerg] target "aistream_protocol" is neither "UPSTREAM:MODEL" nor an alias set by "aistream_model": is a ";" missing before it?



=== a forgotten semicolon after a prompt
--- location
aistream_pass provider:m;
aistream_system platform "You are here."
aistream_protocol text; # <-
--- says
[emerg] invalid parameter "aistream_protocol": is a ";" missing before it?



=== a host that is a URL
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai host=https://api.groq.com/openai/v1; # <-
    }
--- says
[emerg] invalid parameter "host=https://api.groq.com/openai/v1": "host=" takes a name only, the path is "base=": write "host=api.groq.com base=/openai/v1"



=== a host that is a URL without a path
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai host=https://api.groq.com/; # <-
    }
--- says
[emerg] invalid parameter "host=https://api.groq.com/": "host=" takes a name only, the path is "base=": write "host=api.groq.com"



=== a host with a key
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai host=https://mistyped@api.groq.com/; # <-
    }
--- says
[emerg] invalid parameter "host=": it takes a name, with a port if it is not the default one



=== a server that is a URL: nginx's own message
--- http
    upstream provider {
        server https://api.openai.com; # <-
        aistream_provider openai;
    }
--- says
[emerg] invalid host in upstream "https://api.openai.com"



=== a server's port that is not TLS's
--- http
    upstream provider {
        server 127.0.0.1;
        aistream_provider openai; # <-
        aistream_key x;
    }
--- says
[emerg] server "127.0.0.1" in upstream "provider" uses port 80, but "aistream_provider" in FILE:LINE uses TLS: write "server 127.0.0.1:443", or add "tls=off"



=== a service that is not a provider
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider groq; # <-
    }
--- says
[emerg] unknown provider "groq": it may be "openai", "responses", "anthropic", "gemini" or "ollama"; a service with OpenAI's API is written as "openai host=NAME"



=== a provider with a letter too few
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider olama; # <-
    }
--- says
[emerg] unknown provider "olama": it may be "openai", "responses", "anthropic", "gemini" or "ollama", did you mean "ollama"?; a service with OpenAI's API is written as "openai host=NAME"



=== a parameter of a provider that does not exist
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai tsl=off; # <-
    }
--- says
[emerg] invalid parameter "tsl=off": it may be "host=", "base=", "query=", "auth=", "tls=", "verify=", "ca=", "crl=", "max_tokens=" or "reasoning=", did you mean "tls="?



=== a value of a parameter that does not exist
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai tls=maybe; # <-
    }
--- says
[emerg] invalid parameter "tls=maybe": "tls=" takes "on" or "off"



=== a key among the parameters of a provider
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai api_key=mistyped; # <-
    }
--- says
[emerg] invalid parameter "api_key=***": it may be "host=", "base=", "query=", "auth=", "tls=", "verify=", "ca=", "crl=", "max_tokens=" or "reasoning="



=== a key without a name there
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai sk-mistyped; # <-
    }
--- says
[emerg] invalid parameter "***": it may be "host=", "base=", "query=", "auth=", "tls=", "verify=", "ca=", "crl=", "max_tokens=" or "reasoning="



=== a key in the arguments there
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider gemini query=?key=AIzaSymistyped0123456789; # <-
    }
--- says
[emerg] invalid parameter "query=?key=***": "query=" takes arguments without "?"



=== an error code that does not exist
--- http
    upstream provider {
        server 127.0.0.1:1;
        aistream_provider openai tls=off host=x;
        aistream_error overload "no slots"; # <-
    }
--- says
[emerg] unknown error code "overload": it may be "invalid_request", "unauthorized", "forbidden", "model_not_found", "agent_not_found", "session_not_found", "method_not_allowed", "payload_too_large", "unsupported_media_type", "context_length_exceeded", "content_filtered", "rate_limit", "key_missing", "provider_auth", "overloaded", "provider_error", "provider_unreachable", "provider_truncated", "provider_timeout", "store_unavailable" or "internal_error", did you mean "overloaded"?



=== a protocol that does not exist
--- location
aistream_pass provider:m;
aistream_protocol vercel; # <-
--- says
[emerg] unknown protocol "vercel": it may be "data", "ui", "sse", "openai", "anthropic", "text", "ndjson", "json" or "auto"



=== the environment's key as a variable
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key $OPENAI_API_KEY; # <-
    }
--- says
[emerg] unknown variable "$OPENAI_API_KEY" in "aistream_key": a key of the environment is "aistream_key env:OPENAI_API_KEY",



=== the same, with braces
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key ${OPENAI_API_KEY}; # <-
    }
--- says
[emerg] unknown variable "$OPENAI_API_KEY" in "aistream_key": a key of the environment is "aistream_key env:OPENAI_API_KEY",



=== the same, in a header
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai host=x tls=off;
        aistream_header Authorization "Bearer $OPENAI_API_KEY"; # <-
    }
--- says
[emerg] unknown variable in "aistream_header": a key of the environment is "aistream_key env:NAME",



=== a key with a dollar
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key sk-a$mistyped; # <-
    }
--- says
[emerg] unknown variable in "aistream_key": a key of the environment is "aistream_key env:NAME",



=== variables that are defined when all is parsed
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key $team_key$HTTP_X_KEY;
    }

    map $remote_user $team_key {
        default x;
    }
--- says



=== a name as a key
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key OPENAI_API_KEY; # <-
    }
--- says
[warn] the key looks like the name of a variable: a key of the environment is "env:NAME"



=== a name with its key
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key OPENAI_API_KEY=sk-mistyped; # <-
    }
--- says
[warn] the key looks like "NAME=KEY": remove the name



=== a name with its key in a file
--- key_file
OPENAI_API_KEY=sk-mistyped
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key file:KEY_FILE; # <-
    }
--- says
[warn] the key in "file:KEY_FILE" looks like "NAME=KEY": remove the name



=== the same, as shells have it
--- key_file
export OPENAI_API_KEY=sk-mistyped
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key file:KEY_FILE; # <-
    }
--- says
[warn] the key in "file:KEY_FILE" looks like "NAME=KEY": remove the name



=== a file with two lines
--- key_file
sk-mistyped
sk-other
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key file:KEY_FILE; # <-
    }
--- says
[emerg] "aistream_key" directive has a CR, LF or NUL in its value: a key is one line



=== keys that only look like something else
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key AKIAIOSFODNN7EXAMPLE;
        aistream_key QUJDREVGRw==;
        aistream_key QUJDREVGRws=;
        aistream_key MOCK;
        aistream_key a_key;
        aistream_key _0=;
    }
--- says



=== a key for the environment's name
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key env:sk-mistyped; # <-
    }
--- says
[warn] no key in "env:***", requests to upstream "openai" will fail with "key_missing"



=== a key for a file's name
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key file:/sk-mistyped; # <-
    }
--- says
[warn] open() "/***" failed (2: No such file or directory)
[warn] no key in "file:/***", requests to upstream "openai" will fail with "key_missing" in FILE:7



=== no key
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai; # <-
    }
--- says
[warn] requests to upstream "openai" will fail with "key_missing", no "aistream_key" is defined for "aistream_provider"



=== a key that is not in the environment
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key env:AISTREAM_TEST_NONE; # <-
    }
--- says
[warn] no key in "env:AISTREAM_TEST_NONE", requests to upstream "openai" will fail with "key_missing"



=== one of two keys that is not in the environment
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai;
        aistream_key env:AISTREAM_TEST_KEY;
        aistream_key env:AISTREAM_TEST_NONE; # <-
    }
--- says
[warn] no key in "env:AISTREAM_TEST_NONE", the other keys are used for upstream "openai"



=== a password of Redis that is not in the environment
--- http
    upstream redis {
        server 127.0.0.1:1;
        aistream_key env:AISTREAM_TEST_NONE; # <-
    }
--- location
aistream_pass provider:m;
aistream_store redis=redis;
--- says
[warn] no key in "env:AISTREAM_TEST_NONE", no password is sent to upstream "redis"



=== a base that is the whole path
--- http
    upstream openai {
        server 127.0.0.1:1;
        aistream_provider openai host=x tls=off base=/v1/chat/completions; # <-
    }
--- says
[warn] "base=/v1/chat/completions" has the whole path, requests will go to "/v1/chat/completions/chat/completions": write "base=/v1"



=== the same, of Gemini
--- http
    upstream gemini {
        server 127.0.0.1:1;
        aistream_provider gemini host=x tls=off base=/v1beta/models/gemini-2.5-flash:streamGenerateContent; # <-
    }
--- says
[warn] "base=/v1beta/models/gemini-2.5-flash:streamGenerateContent" has the whole path, requests will go to "/v1beta/models/gemini-2.5-flash:streamGenerateContent/models/MODEL:streamGenerateContent": write "base=/v1beta"



=== the same, of Anthropic, with a slash
--- http
    upstream anthropic {
        server 127.0.0.1:1;
        aistream_provider anthropic host=x tls=off base=/v1/messages/; # <-
    }
--- says
[warn] "base=/v1/messages" has the whole path, requests will go to "/v1/messages/messages": write "base=/v1"



=== the same, of Ollama
--- http
    upstream ollama {
        server 127.0.0.1:1;
        aistream_provider ollama base=/api/chat; # <-
    }
--- says
[warn] "base=/api/chat" has the whole path, requests will go to "/api/chat/chat": write "base=/api"



=== a prompt without a level
--- location
aistream_pass provider:m;
aistream_system "You are here."; # <-
--- says
[emerg] "aistream_system" must have a text and, before it, a level: it may be "platform", "team", "user" or "agent"



=== a prompt without quotes
--- location
aistream_pass provider:m;
aistream_system platform You are here.; # <-
--- says
[emerg] "aistream_system" directive has more than a level and a text: a text with spaces must be quoted



=== a level that does not exist
--- location
aistream_pass provider:m;
aistream_system plaform "You are here."; # <-
--- says
[emerg] unknown level "plaform": it may be "platform", "team", "user" or "agent", did you mean "platform"?



=== a mock's text whose quotes begin after the name
--- server
location /mock {
    aistream_mock openai text="Hello there"; # <-
}
--- says
[emerg] invalid parameter "there"": a parameter whose value has spaces is quoted as a whole, as in "name=some words"



=== a mock's dialect that does not exist
--- server
location /mock {
    aistream_mock opnai; # <-
}
--- says
[emerg] unknown dialect "opnai": it may be "openai", "responses", "anthropic", "gemini" or "ollama", did you mean "openai"?



=== a session without a store
--- location
aistream_pass provider:m;
aistream_session $arg_id; # <-
--- says
[warn] "aistream_session" has no effect, no "aistream_store" is defined for it,



=== a session of two locations without a store
--- http
    aistream_session $arg_id; # <-
--- server
        location /a { aistream_pass provider:m; }
--- location
aistream_pass provider:m;
--- says
[warn] "aistream_session" has no effect, no "aistream_store" is defined for it,



=== proxy_pass before aistream_pass
--- location
proxy_pass http://127.0.0.1:1;
aistream_pass provider:m; # <-
--- says
[warn] "aistream_pass" replaces another directive of the same location, such as "proxy_pass", which has no effect



=== proxy_pass after aistream_pass
--- location
aistream_pass provider:m; # <-
proxy_pass http://127.0.0.1:1;
--- says
[warn] "aistream_pass" has no effect, another directive of the same location, such as "proxy_pass", replaces it,



=== sessions after aistream_pass
--- http
    aistream_zone sessions 1m;
--- location
aistream_pass provider:m; # <-
aistream_session $arg_id;
aistream_store zone=sessions;
aistream_sessions;
--- says
[warn] "aistream_pass" has no effect, another directive of the same location, such as "proxy_pass", replaces it,
