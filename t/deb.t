# The Debian package has the module, where nginx loads it from, and examples
# that run as they are.

use strict;
use warnings;

use File::Basename qw(basename dirname);
use File::Temp 'tempdir';
use Test::More;

my $nginx = $ENV{TEST_NGINX_BINARY} || "/usr/sbin/nginx";
my $dir = tempdir(CLEANUP => 1);
my $root = "$dir/root";
my $examples = "$root/usr/share/doc/libnginx-mod-http-aistream/examples";


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


# as a root, with the link to modules that nginx's package has

my $package = `util/deb $dir`;
chomp $package;

ok(-s $package, "util/deb makes a package");

like(`dpkg-deb -f $package Depends`, qr/^nginx-abi-[\d.]+-\d+, libc6$/,
     "the package depends on this nginx and libc only");
is(`dpkg-deb -f $package Suggests`, "libjs-marked, node-dompurify\n",
   "the chat page's libraries are suggested");

system("dpkg-deb", "-x", $package, $root) == 0 or die;

my @linked = glob "$root/usr/lib/nginx/modules/*.so";

is(join(" ", map { basename($_) } @linked),
   "ngx_http_aistream_mock_module.so ngx_http_aistream_module.so",
   "the package has the module and the mock");

is(join(" ", `objdump -p $_` =~ /NEEDED\s+(\S+)/g), "libc.so.6",
   basename($_) . " is linked with libc only") for @linked;

symlink("../../lib/nginx/modules", "$root/usr/share/nginx/modules") or die;


# the documentation, with its links

my $doc = dirname($examples);

for my $page (map { glob } "$doc/*.md", "$doc/docs/*.md") {
    for my $link (slurp($page) =~ /\]\((?!\w+:)([^)#]+)/g) {
        next if $link =~ m{\b(t|util|bench)/};

        ok(-e dirname($page) . "/$link", basename($page) . " links to $link");
    }
}


my $link = "$root/etc/nginx/modules-enabled/50-mod-http-aistream.conf";

ok(-l $link, "the module is enabled");

my $load = slurp($root . readlink $link);

is($load, "load_module modules/ngx_http_aistream_module.so;\n",
   "the module is loaded, the mock is not");
is(join(" ", map { basename($_) } glob "$root/etc/nginx/*/*"), basename($link),
   "nothing else is enabled");

spew("$dir/nginx.conf", <<"EOF");
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

like(`$nginx -t -p $root/usr/share/nginx/ -c $dir/nginx.conf \\
      -e $dir/error.log 2>&1`, qr/test is successful/,
     "the enabled module loads");


# the examples, with the module that is tested, if it is another one

system("cp", split(" ", $ENV{TEST_NGINX_LOAD_MODULES}),
       "$root/usr/lib/nginx/modules/")
    == 0 or die if $ENV{TEST_NGINX_LOAD_MODULES};

is(readlink "$examples/modules", "/usr/lib/nginx/modules",
   "the modules are beside the examples");

unlink "$examples/modules" or die;
symlink("$root/usr/lib/nginx/modules", "$examples/modules") or die;

# where this nginx was built to log into; the test does it elsewhere

my ($logs) = map { dirname($_) } `$nginx -V 2>&1` =~ /--http-log-path=(\S+)/;

mkdir "$dir/log" or die;

for my $file (split /\n/, `find conf-examples -type f`) {
    (my $name = $file) =~ s{^conf-examples/}{};
    ok(-s "$examples/$name", "$name is in the package");
}

for my $file (glob("$examples/*.conf")) {
    my $example = basename($file);
    my $conf = slurp($file);

    # a part of another one

    if ($conf !~ /^http \{/m) {
        like(join("", map { slurp($_) } glob("$examples/*.conf")),
             qr/include \Q$example\E;/, "$example is included");
        next;
    }

    # one that has a prefix of its own says how it is started

    my $prefix = $conf =~ m{^#     nginx -p \./ -c \Q$example\E}m
                 ? $examples : "$root/usr/share/nginx";

    if ($prefix ne $examples && defined $logs) {
        is((grep { !m{^(off|\Q$logs\E/[\w.]+)$} }
            $conf =~ /(?:access|error)_log\s+([^\s;]+)/g), 0,
           "$example logs into an existing folder");
    }

    # names are resolved on the network only

    $conf =~ s/server \S+\.\w+:443;/server 127.0.0.1:443;/g;
    $conf =~ s{\Q$logs\E/}{$dir/log/}g if defined $logs;
    spew($file, $conf);

    my $pid = $conf =~ /^pid /m ? "" : "-g 'pid $dir/pid;'";

    like(`cd $examples && $nginx -t -p $prefix/ -c $file $pid \\
          -e $dir/error.log 2>&1`, qr/test is successful/, "$example runs");
}

done_testing();
