# Every file in conf-examples is a configuration that nginx takes: names that
# only resolve on the network are replaced, and nothing else.

use strict;
use warnings;

use Cwd 'abs_path';
use File::Temp 'tempdir';
use Test::More;

my $root = abs_path(".");
my $nginx = $ENV{TEST_NGINX_BINARY} || "/usr/sbin/nginx";
my $module = $ENV{TEST_NGINX_LOAD_MODULES};

my @examples = glob("conf-examples/*.conf");

ok(@examples >= 6, "there are examples");

for my $example (@examples) {
    my $dir = tempdir(CLEANUP => 1);

    system("cp", "-r", glob("$root/conf-examples/*"), $dir) == 0 or die;
    mkdir "$dir/$_" for "modules", "logs";
    system("cp", $module, "$dir/modules/") == 0 or die;

    my $conf = do { local (@ARGV, $/) = $example; <> };

    # a part of another one

    if ($conf !~ /^load_module /m) {
        my ($name) = $example =~ m{([^/]+)$};

        ok((grep { do { local (@ARGV, $/) = $_; <> } =~ /include \Q$name\E;/ }
            @examples), "$example is included");
        next;
    }

    $conf =~ s/server \S+\.\w+:443;/server 127.0.0.1:443;/g;

    open my $out, ">", "$dir/example.conf" or die $!;
    print $out $conf;
    close $out;

    my $pid = $conf =~ /^pid /m ? "" : "-g 'pid $dir/pid;'";
    my $said = `cd $dir && $nginx -t -p $dir/ -c example.conf $pid \\
                -e $dir/error.log 2>&1`;

    like($said, qr/test is successful/, $example);
}

done_testing();
