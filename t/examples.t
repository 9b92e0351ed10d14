# The examples: nginx loads each as it is, but for the names of hosts, which
# are on the network, and for the places of files, and has nothing to warn of.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Temp qw(tempdir);
use Test::More;

my $nginx = $ENV{TEST_NGINX_BINARY} || "/usr/sbin/nginx";
my $module = abs_path((split / /, $ENV{TEST_NGINX_LOAD_MODULES}
                                  || "build/ngx_http_aistream_module.so")[0]);
my $dir = tempdir(CLEANUP => 1);

system("cp", "-r", "conf-examples", "$dir/conf") == 0 or die;

for my $file (glob "$dir/conf/*.conf") {
    my $name = basename($file);
    my $conf = prepare(slurp($file));

    spew($file, $conf);

    # a part of another one

    if ($conf !~ /^events /m) {
        like(join("", map { slurp($_) } glob "$dir/conf/*.conf"),
             qr/include \Q$name\E;/, "$name is included");
        next;
    }

    my $pid = $conf =~ /^pid /m ? "" : "-g 'pid $dir/pid;'";
    my $out = `cd $dir/conf && $nginx -t -p ./ -c $name -e stderr $pid 2>&1`;

    is($?, 0, "$name is loaded");
    unlike($out, qr/\[\w+\]/, "$name gives no warning") or diag($out);
}

done_testing();


sub prepare {
    my ($conf) = @_;

    $ENV{$_} = "key" for $conf =~ /env:(\w+)/g;
    spew("$dir/$_", "key\n") for $conf =~ m{file:/run/secrets/(\w+)}g;

    $conf =~ s{server \S+\.\w+:443;}{server 127.0.0.1:443;}g;
    $conf =~ s{/run/secrets/}{$dir/}g;
    $conf =~ s{/var/log/nginx/}{$dir/}g;
    $conf =~ s{^load_module modules/}{"load_module " . dirname($module) . "/"}gem;

    return $conf;
}


sub slurp {
    my ($file) = @_;

    open my $in, "<", $file or die "$file: $!";
    local $/;
    return scalar <$in>;
}


sub spew {
    my ($file, $text) = @_;

    open my $out, ">", $file or die "$file: $!";
    print $out $text;
    close $out or die "$file: $!";
}
