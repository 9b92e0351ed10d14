# The Debian package has the module, where nginx loads it from.

use strict;
use warnings;

use Cwd 'abs_path';
use File::Temp 'tempdir';
use Test::More;

my $nginx = $ENV{TEST_NGINX_BINARY} || "/usr/sbin/nginx";
my $dir = tempdir(CLEANUP => 1);

my $package = `util/deb $dir`;
chomp $package;

ok(-s $package, "a package is made");

like(`dpkg-deb -f $package Depends`, qr/^nginx-abi-[\d.]+-\d+, /,
     "for this nginx");

system("dpkg-deb", "-x", $package, "$dir/root") == 0 or die;

my $link = "$dir/root/etc/nginx/modules-enabled/50-mod-http-aistream.conf";

ok(-l $link, "it is enabled");

my $load = do { local (@ARGV, $/) = "$dir/root" . readlink $link; <> };

$load =~ s{modules/}{$dir/root/usr/lib/nginx/modules/} or die $load;

open my $conf, ">", "$dir/nginx.conf" or die $!;
print $conf <<"EOF";
$load
pid $dir/pid;
events {}
http {
    upstream mock {
        server 127.0.0.1:9;
        aistream_provider openai host=mock tls=off;
    }

    server { location / { aistream_pass mock:m; } }
}
EOF
close $conf;

like(`$nginx -t -p $dir/ -c nginx.conf -e $dir/error.log 2>&1`,
     qr/test is successful/, "and loads");

done_testing();
