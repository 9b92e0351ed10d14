# Packages are installed by those targets only that say so, and named before.

use strict;
use warnings;

use Cwd 'abs_path';
use File::Temp 'tempdir';
use Test::More;

my $root = abs_path(".");
my $dir = tempdir(CLEANUP => 1);

delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL NGINX NGINX_SRC HOST PORT WERROR)};


sub slurp {
    my ($file) = @_;

    open my $in, "<", $file or return "";
    local $/;
    return scalar <$in>;
}


sub script {
    my ($file, $text) = @_;

    open my $out, ">", $file or die "$file: $!";
    print $out "#!/bin/sh\n$text";
    close $out or die "$file: $!";
    chmod 0755, $file;
}


sub run {
    my ($command) = @_;

    my $output = `( $command ) 2>&1`;

    return ($? >> 8, $output);
}


# the Makefile, with scripts that only note that they are called

my $log = "$dir/log";

mkdir $_ for "$dir/util", "$dir/build", "$dir/build/nginx", "$dir/t",
             "$dir/t/fuzz", "$dir/bench", "$dir/bin";

for my $name (qw(util/build util/deb util/deps util/dist util/load util/run
                 util/test util/test-asan util/test-plain util/test-sealed
                 t/fuzz/run bench/run bench/instructions))
{
    script("$dir/$name", <<"EOC");
echo "$name \$* HOST=\$HOST PORT=\$PORT WERROR=\$WERROR" >>$log
echo >build/nginx/ngx_http_aistream_module.so
echo >build/nginx/ngx_http_aistream_mock_module.so
EOC
}

system("cp", "Makefile", $dir) == 0 or die;
script("$dir/bin/nginx", "echo 'configure arguments: --modules-path=/modules'");
script("$dir/bin/cc", "");


sub calls {
    my ($targets) = @_;

    unlink $log;

    my ($status, $output) = run("cd $dir && PATH=$dir/bin:\$PATH make "
                                . "NGINX=$dir/bin/nginx DESTDIR=$dir/root "
                                . "$targets");

    is($status, 0, "make $targets") or diag $output;

    return slurp($log);
}


for my $targets ("", "lint", "install", "deb", "dist") {
    unlike(calls($targets), qr/^util\/deps/m,
           "make $targets installs no packages");
}

is(calls("deps"), "util/deps build HOST= PORT= WERROR=\n",
   "make deps installs the packages of the build");

like(calls("run"), qr/\Autil\/deps build run HOST.*\nutil\/build .* WERROR=\nutil\/run  HOST=127\.0\.0\.1 PORT=8080 /,
     "make run installs in one step, builds and starts");
like(calls("run HOST=0.0.0.0 PORT=80"), qr/^util\/run  HOST=0\.0\.0\.0 PORT=80 /m,
     "make run starts at another address");

like(calls("bench"), qr/\Autil\/deps build bench HOST.*\nutil\/build .* WERROR=\nbench\/run /,
     "make bench installs in one step, builds and runs");

is(calls("lint"), "util/test lint HOST= PORT= WERROR=\n",
   "make lint builds nothing");

for my $target (qw(test unit suites clients faults browser valgrind fuzz
                   test-faults soak test-asan test-plain test-sealed))
{
    like(calls($target), qr/\Autil\/deps build test HOST.*\nutil\/build \. .* WERROR=1\n.* WERROR=1$/,
         "make $target installs in one step, builds without warnings, and tests");
}


# util/deps, as a user who may use sudo: one package is missing

script("$dir/bin/id", "echo 1000");
script("$dir/bin/sudo", "echo \"\$*\" >>$log; [ \"\$2\" != false ]");
script("$dir/bin/dpkg-query", <<'EOC');
for package; do :; done
case $package in
    nginx-dev | libjs-marked) ;;
    *) echo "install ok installed" ;;
esac
EOC

unlink $log;

my ($status, $output) = run("PATH=$dir/bin:\$PATH util/deps build");

is($status, 0, "util/deps succeeds");
is($output, "Installing Debian packages: nginx-dev\n",
   "util/deps prints what it installs");
like(slurp($log), qr/^-n env .*apt-get install .* nginx-dev$/m,
     "util/deps installs what is missing");

($status, $output) = run("PATH=$dir/bin:\$PATH util/deps build run run");

is($output, "Installing Debian packages: nginx-dev libjs-marked\n",
   "util/deps installs packages for several purposes at once");

script("$dir/bin/sudo", "exit 1");

($status, $output) = run("PATH=$dir/bin:\$PATH util/deps build run");

is($status, 1, "util/deps fails without sudo");
like($output, qr/^ +sudo util\/deps build run$/m, "util/deps prints the command for root");


# util/build, where everything is missing

my $path = "$dir/few";

mkdir $path;

for my $command (qw(bash dirname mkdir env)) {
    my ($file) = map { "$_/$command" } grep { -x "$_/$command" }
                 split /:/, $ENV{PATH};

    symlink $file, "$path/$command" or die;
}

($status, $output) = run("PATH=$path NGINX=$dir/no NGINX_SRC=$dir/none "
                         . "util/build . $dir/build");

is($status, 1, "util/build fails without its requirements");
like($output, qr/^    nginx \(\Q$dir\E\/no\)$/m, "a missing nginx is reported");
like($output, qr/^    the sources of nginx \(\Q$dir\E\/none\)$/m,
     "missing sources of nginx are reported");
like($output, qr/^    cc$/m, "a missing compiler is reported");
like($output, qr/"make deps" installs/, "the command that installs them is printed");

done_testing();
