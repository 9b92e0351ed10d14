# What bench/run and bench/instructions share: the provider, the gateways and
# one run of the load client.

package Bench;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);

our $root = abs_path(dirname(__FILE__) . "/..");
our $dir = "$root/build/bench";
our $bench = "$dir/bench";
our $work = "$dir/$$";      # of this run, and gone after it
our $nginx = $ENV{NGINX} || "/usr/sbin/nginx";
our $module = $ENV{AISTREAM_MODULE}
              || "$root/build/ngx_http_aistream_module.so";

my %children;


sub fail {
    die "bench: $_[0]\n";
}


# Ends what was started here, by its own pid.  The pid is the parent's that
# started it: a child that is forked must not end its sisters.

sub stop {
    my ($pid, $signal) = @_;

    return unless delete $children{$pid};

    # again and again: nginx may look for a signal just before it comes, and
    # then sleep

    for (0 .. 599) {
        kill $signal || "TERM", $pid if $_ % 10 == 0;
        return $? if waitpid($pid, POSIX::WNOHANG()) == $pid;
        sleep 0.05;
    }

    kill "KILL", $pid;
    waitpid $pid, 0;

    return $?;
}


my $owner = $$;

END {
    my $status = $?;

    if ($$ == $owner) {
        stop($_) for keys %children;
        remove_tree($work);
    }

    $? = $status;
}

$SIG{$_} = sub { exit 1 } for "INT", "TERM", "HUP";


# the core of the gateway, and that of everything else

sub cores {
    my ($list) = `taskset -cp $$` =~ /: (\S+)$/m;

    fail("taskset does not tell the cores") unless defined $list;

    my @cores = map { /(\d+)-(\d+)/ ? ($1 .. $2) : $_ } split /,/, $list;

    return ($cores[0], $cores[-1]);
}


sub free_port {
    my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")
        or fail("no free port: $!");

    return $socket->sockport;
}


# output: where standard output goes, or undef

sub start {
    my ($output, @command) = @_;

    my $pid = fork;

    fail("fork: $!") unless defined $pid;

    if ($pid == 0) {
        $SIG{$_} = "DEFAULT" for "INT", "TERM", "HUP";

        if (defined $output) {
            open STDOUT, ">", $output or POSIX::_exit(127);
        }

        # others on the machine wait, where it may be told
        POSIX::nice(-20);

        open STDIN, "<", "/dev/null";
        exec @command or POSIX::_exit(127);
    }

    $children{$pid} = 1;

    return $pid;
}


sub slurp {
    my ($file) = @_;

    open my $in, "<", $file or return "";
    local $/;
    my $text = <$in>;

    return defined $text ? $text : "";
}


sub wait_for {
    my ($what, $check) = @_;

    for (1 .. 600) {
        my $result = $check->();
        return $result if $result;
        sleep 0.05;
    }

    fail("no $what after 30 s");
}


sub provider {
    my ($core) = @_;

    make_path($work, { mode => 0755 });

    my $output = "$work/provider.log";
    unlink $output;

    my $pid = start($output, "taskset", "-c", $core, $bench, "provider");

    wait_for("provider", sub { slurp($output) =~ /^port=\d+/ });

    my ($port, $congestion)
        = slurp($output) =~ /^port=(\d+) congestion=(\w*)/;

    return { pid => $pid, port => $port, congestion => $congestion };
}


our %paths = (
    openai    => sub { "/v1/chat/completions" },
    anthropic => sub { "/v1/messages" },
    gemini    => sub { "/v1beta/models/$_[0]:streamGenerateContent?alt=sse" },
);


# the options of a client that speaks with this gateway

sub dialect {
    my ($gateway, $provider, $protocol, $model) = @_;

    # these two are written for the one pair alone

    if ($gateway eq "lua" || $gateway eq "node") {
        return ("--dialect", "data", "--path", $paths{openai}->());
    }

    if ($gateway !~ /^aistream/) {
        return ("--dialect", $provider, "--path", $paths{$provider}->($model));
    }

    return ("--dialect", $protocol, "--path", "/chat",
            $protocol eq "ui" ? "--parts" : ());
}


# Debian's packages, unpacked under LUA_ROOT if they are not installed

my $lua_root = $ENV{LUA_ROOT} || "";


sub lua {
    my ($cpath) = glob "$lua_root/usr/lib/*/lua/5.1/cjson.so";

    fail("lua-cjson is not there: LUA_ROOT= tells where") unless $cpath;

    return "
    lua_package_path \"$lua_root/usr/share/lua/5.1/?.lua;;\";
    lua_package_cpath \"" . dirname($cpath) . "/?.so;;\";
" . slurp("$root/bench/lua.conf");
}


sub http {
    my ($gateway, $o) = @_;

    my $upstream = "server 127.0.0.1:$o->{provider_port};
        keepalive 256;";

    if ($gateway !~ /^aistream/) {
        my $lua = $gateway eq "lua" ? lua() : "";

        return "
    upstream provider {
        $upstream
    }
$lua
    server {
        listen 127.0.0.1:$o->{port};

        location / {
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
            proxy_set_header Authorization \"Bearer sk-bench\";
            proxy_buffering off;
        }
    }";
    }

    # with all that an operator may want to know, and the user to keep

    my ($global, $local) = $gateway eq "aistream_all" ? ("
    log_format all '\$status \$aistream_provider \$aistream_model "
        . "\$aistream_protocol \$aistream_session \$aistream_attempts "
        . "\$aistream_first_token_time \$aistream_input_tokens "
        . "\$aistream_output_tokens \$aistream_cached_tokens "
        . "\$aistream_reasoning_tokens \$aistream_finish_reason "
        . "\$aistream_error \$aistream_agent \$aistream_cost "
        . "\$aistream_abort_phase \$upstream_status';
    aistream_zone sessions 64m;
    aistream_price $o->{model} input=1 output=2;
", "
            access_log access.log all;
            aistream_store zone=sessions;
            aistream_session \$request_id;
            aistream_limits session=1m;
") : ("", "");

    # a client of the public service's own protocol gets its events

    my $host = $gateway eq "aistream_own" ? "" : "host=bench.test";

    return "
    upstream provider {
        $upstream
        aistream_provider $o->{provider} $host tls=off;
        aistream_key sk-bench;
    }
$global
    server {
        listen 127.0.0.1:$o->{port};

        location / {
            aistream_pass provider:$o->{model};
            aistream_protocol $o->{protocol};
$local
        }
    }";
}


# $o: provider, provider_port, protocol, model; the rest is for callgrind

sub config {
    my ($gateway, $o) = @_;

    my $prefix = "$work/nginx";

    remove_tree($prefix);
    make_path($prefix, { mode => 0755 });

    my $modules = "$lua_root/usr/lib/nginx/modules";
    my %load = (
        aistream => "load_module $module;",
        aistream_all => "load_module $module;",
        aistream_own => "load_module $module;",
        lua      => "load_module $modules/ndk_http_module.so;
load_module $modules/ngx_http_lua_module.so;",
    );
    my $load = $load{$gateway} || "";
    my $more = $o->{main} || "";
    my $http = http($gateway, $o);

    open my $out, ">", "$prefix/nginx.conf" or fail("nginx.conf: $!");
    print $out <<"EOC";
$load
$more
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid nginx.pid;
error_log error.log warn;

events {
    worker_connections 16384;
}

http {
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
$http
}
EOC
    close $out;

    return $prefix;
}


# an nginx on a core of its own, and the pid of its worker

sub gateway {
    my ($gateway, $core, $o) = @_;

    $o->{port} = free_port();

    return node($core, $o) if $gateway eq "node";

    my $prefix = config($gateway, $o);
    my @wrapper = $o->{wrapper} ? @{$o->{wrapper}}
                                : ($bench, "exec", $o->{port}, "--");
    my $pid = start("$prefix/output", "taskset", "-c", $core, @wrapper,
                    $nginx, "-p", "$prefix/", "-c", "nginx.conf",
                    "-e", "error.log");

    my $worker = wait_for("nginx ($gateway)", sub {
        if (waitpid($pid, POSIX::WNOHANG()) == $pid) {
            delete $children{$pid};
            fail("nginx ($gateway) ended: " . slurp("$prefix/error.log")
                 . slurp("$prefix/output"));
        }

        return $pid if $o->{main} && -s "$prefix/nginx.pid";

        my ($child) = slurp("/proc/$pid/task/$pid/children") =~ /^(\d+)/;
        return $child;
    });

    return { pid => $pid, worker => $worker, port => $o->{port},
             prefix => $prefix };
}


sub node {
    my ($core, $o) = @_;

    my $pid = start("$work/node.log", "taskset", "-c", $core, "node",
                    "$root/bench/node/server.mjs", $o->{port},
                    $o->{provider_port}, $o->{model});

    wait_for("answer of node", sub {
        IO::Socket::INET->new(PeerAddr => "127.0.0.1",
                              PeerPort => $o->{port});
    });

    return { pid => $pid, worker => $pid, port => $o->{port},
             prefix => $work };
}


# what went wrong in nginx itself is no measurement

sub gateway_stop {
    my ($gateway, $signal) = @_;

    my $status = stop($gateway->{pid}, $signal);
    my $log = slurp("$gateway->{prefix}/error.log");

    $log = join "", grep { !/using inherited sockets/ } split /^/m, $log;

    print STDERR $log =~ s/^/    /gmr if $log ne "";

    return $status;
}


# returns what the client measured

sub client {
    my ($core, @options) = @_;

    my $output = "$work/client.log";
    my $pid = start($output, "taskset", "-c", $core, $bench, "client",
                    @options);

    waitpid $pid, 0;
    delete $children{$pid};

    my %result = slurp($output) =~ /^(\w+)=(\d+)$/mg;

    $result{ok} = $? == 0;

    return \%result;
}


sub median {
    my @sorted = sort { $a <=> $b } @_;

    return undef unless @sorted;

    return ($sorted[int($#sorted / 2)] + $sorted[int(@sorted / 2)]) / 2;
}


1;
