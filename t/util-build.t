# The module is built for the nginx that is installed: one of another nginx is
# built anew, and neither installed nor packed.  It is a small one here, built
# by the same Makefile.

use strict;
use warnings;

use Cwd 'abs_path';
use File::Basename 'basename';
use File::Temp 'tempdir';
use Test::More;

my $root = abs_path(".");
my $dir = tempdir(CLEANUP => 1);
my $module = "build/ngx_http_aistream_module.so";
my $built = "build/nginx/ngx_http_aistream_module.so";
my $src = "/usr/share/nginx/src";

# nothing of a make above this one, nor of another build's

delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL NGINX NGINX_SRC CC_OPT LD_OPT
               WERROR)};


sub slurp {
    my ($file) = @_;

    open my $in, "<:raw", $file or die "$file: $!";
    local $/;
    return scalar <$in>;
}


sub spew {
    my ($file, $text) = @_;

    open my $out, ">:raw", $file or die "$file: $!";
    print $out $text;
    close $out or die "$file: $!";
}


# runs a command; its status, and what it prints

sub run {
    my ($command) = @_;

    my $said = `( $command ) 2>&1`;

    return ($? >> 8, $said);
}


sub made {
    my ($command, $name) = @_;

    my ($status, $said) = run($command);

    is($status, 0, $name) or diag $said;
}


# another nginx: its version is in the instructions that compare it, too

my $version = do { slurp("$src/src/core/nginx.h")
                       =~ /nginx_version\s+(\d+)/ or die; $1 };
my $other = $version + 7;
my $nginx = slurp("/usr/sbin/nginx");

plan(skip_all => "nginx does not have its version as four bytes")
    if index($nginx, pack "V", $version) < 0;


sub is_others {
    my ($binary) = @_;

    $binary =~ s/\Q${\ pack "Q<", $version}\E/pack "Q<", $other/ge or die;
    return $binary;
}


# the same module, with another nginx's version or signature, newer than all

sub put {
    my ($binary, @files) = @_;

    spew($_, $binary) for @files;

    my $later = time + 60;
    utime $later, $later, @files or die;
}


# the tree

system("cp", "-r", "$root/Makefile", "$root/util", "$root/README.md",
       "$root/LICENSE", "$root/conf-examples", "$root/docs",
       "$root/config.make", $dir) == 0
    or die;

chdir $dir or die;

spew("config", <<'EOC');
ngx_addon_name=ngx_http_aistream_module

for name in $ngx_addon_name ngx_http_aistream_mock_module; do
    ngx_module_type=HTTP
    ngx_module_name=$name
    ngx_module_srcs="$ngx_addon_dir/$name/$name.c"
    . auto/module
done
EOC

my $source = <<'EOC';
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_aistream_version.h>

static char  version[] = "aistream/" NGX_HTTP_AISTREAM_VERSION;

static ngx_http_module_t  ctx = {
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
};

ngx_module_t  MODULE = {
    NGX_MODULE_V1, &ctx, NULL, NGX_HTTP_MODULE,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    (uintptr_t) version, 0, 0, 0, 0, 0, 0, 0
};
EOC

for my $name (qw(ngx_http_aistream_module ngx_http_aistream_mock_module)) {
    mkdir $name or die;
    spew("$name/$name.c", $source =~ s/MODULE/$name/r);
    $source =~ s/^#include .*_version.h>$/#define NGX_HTTP_AISTREAM_VERSION ""/m;
}

my ($status, $said) = run("make");

is($status, 0, "a module is built") or diag $said;
like($said, qr/^Compiling 4 files for nginx\/\d/m, "it says what it does");

my $good = slurp($module);
my $mtime = (stat $module)[9];

like(`readelf -d $module`, qr/BIND_NOW/, "all symbols are bound at load");

($status, $said) = run("make");
is($said, "", "make compiles nothing again");
is((stat $module)[9], $mtime, "make leaves an up-to-date module alone");


# a warning of the compiler is an error to the tests

my $file = "ngx_http_aistream_module/ngx_http_aistream_module.c";
my $text = slurp($file);

spew($file, "$text\nstatic int  unused;\n");

($status, $said) = run("make");
is($status, 0, "make takes a warning");
like($said, qr/: warning: .*unused/, "and shows it");

($status, $said) = run("WERROR=1 make");
isnt($status, 0, "the tests do not");
like($said, qr/: error: .*unused/, "also if it was compiled before");

spew($file, $text);
made("WERROR=1 make", "they take the module without it");
($status, $said) = run("WERROR=1 make");
is($said, "", "and do not compile it again");

$good = slurp($module);


# another nginx's module

my $alien = is_others($good);
my ($alike) = $good =~ /\d,\d,\d,[01]{20,}/g ? $& : die;
(my $unlike = $alike) =~ tr/01/10/;

put($alien, $module);
($status, $said) = run("util/load $module");

is($status, 1, "another nginx's module is refused");
like($said, qr/ version $other instead of $version$/m,
     "another nginx's module is refused for its version");

made("make", "make runs with a newer module of another nginx");
ok(slurp($module) eq $good, "another nginx's module is replaced");

put($alien, $module, $built);
made("make", "make runs with a newer linked module of another nginx");
made("util/load $module", "the replaced module loads");

(my $unsigned = $good) =~ s/\Q$alike\E/$unlike/;
put($unsigned, $module);
($status, $said) = run("util/load $module");
like($said, qr/not binary compatible/,
     "a module with another signature is refused");

made("make", "make runs with a module of another signature");
made("util/load $module", "the module of another signature is replaced");


# given to util/deb by hand

mkdir "packages" or die;
put($alien, $module);
($status, $said) = run("util/deb packages");

isnt($status, 0, "util/deb fails with another nginx's module");
like($said, qr{does not load into /usr/sbin/nginx: module "/.*/\Q$module\E" v},
     "util/deb reports that the module does not load");
like($said, qr/ version $other instead of $version$/m, "util/deb reports why");
like($said, qr/it is not packed; run "make"/, "util/deb reports what to do");
is_deeply([glob("packages/*")], [], "util/deb leaves no package");

($status, $said) = run("PORT=9 util/run");
isnt($status, 0, "util/run fails with another nginx's module");
like($said, qr/does not load into nginx: run make first/,
     "util/run reports that the module does not load");

made("make deb", "make deb builds a new module");
my @packages = glob("build/*.deb");
is(scalar @packages, 1, "make deb packs the new module");

spew("build/libnginx-mod-http-aistream_0.1.0_all.deb", "");
made("util/deb", "a package is made again");
is_deeply([glob("build/*.deb")], \@packages, "older packages are removed");


# an nginx that is upgraded underneath

mkdir "installed" or die;
system("cp", "-r", "/usr/sbin/nginx", $src, "installed") == 0 or die;

my $installed = "NGINX=$dir/installed/nginx NGINX_SRC=$dir/installed/src";

made("make $installed", "nginx is installed elsewhere");

# as where a package installs them, headers are older than any object

sub upgrade {
    my ($binary, $header) = (slurp("installed/nginx"),
                             slurp("installed/src/src/core/nginx.h"));

    $binary =~ s/\Q${\ pack "V", $version}\E/pack "V", $other/ge;
    $binary =~ s/(nginx\/1\.\d+\.)\d/${1}9/g;
    $header =~ s/(nginx_version\s+)\d+/$1$other/ or die;
    $header =~ s/(NGINX_VERSION\s+"1\.\d+\.)\d/${1}9/ or die;

    spew("installed/nginx", $binary) if $_[0] ne "headers";
    spew("installed/src/src/core/nginx.h", $header) if $_[0] ne "nginx";
    utime 0, 0, "installed/src/src/core/nginx.h" or die;
}

upgrade("nginx");

($status, $said) = run("make install $installed DESTDIR=$dir/root");
isnt($status, 0, "make install fails with nginx upgraded and its headers not");
like($said, qr/upgrade nginx-dev, or set NGINX and NGINX_SRC/,
     "make install reports what to upgrade");
ok(!-e "root", "make install installs nothing");

upgrade("headers");

put($good, $module, $built);
made("make $installed", "make rebuilds the module for upgraded headers");
made("NGINX=$dir/installed/nginx util/load $module",
     "the rebuilt module loads into the upgraded nginx");
($status) = run("util/load $module");
is($status, 1, "the rebuilt module does not load into another nginx");

put($good, $module);
made("make install $installed DESTDIR=$dir/root", "make install runs");

my @paths = map { chomp; $_ } `find root -name '*.so'`;
made("NGINX=$dir/installed/nginx util/load @paths",
     "the installed modules load");
is(join(" ", sort map { basename($_) } @paths),
   "ngx_http_aistream_mock_module.so ngx_http_aistream_module.so",
   "make install installs the module and the mock");

($status, $said) = run("make deb $installed");
isnt($status, 0, "make deb fails for an nginx that is not Debian's");
like($said, qr{does not load into /usr/sbin/nginx},
     "make deb reports that the module does not load");


# the list of sources is read without nginx's "configure", too

($status, $said) = run("cd $root && sh -ec 'ngx_addon_dir=.; "
                       . "aistream_list_only=yes; . ./config; "
                       . "aistream_sources \"json/*\"'");
is($status, 0, "config lists the sources");
like($said, qr{^\./ngx_http_aistream_module/json/ngx_http_aistream_json\.c$}m,
     "those of a room");


# nginx before 1.22, by the module's own "config"

mkdir "old" or die;
system("cp", "-r", "$src/.", "old") == 0 or die;

my $header = slurp("old/src/core/nginx.h");
$header =~ s/(nginx_version\s+)\d+/${1}1021006/ or die;
spew("old/src/core/nginx.h", $header);

my $configure = "./configure --without-http --builddir=$dir/old/objs";

($status, $said) = run("cd old && $configure --add-dynamic-module=$root");
isnt($status, 0, "an nginx that is too old is refused");
like($said, qr/error: ngx_http_aistream_module requires nginx 1\.22\.0 or later$/m,
     "which is said");


# cJSON, which only the unit tests need

mkdir "cjson" or die;
mkdir "cjson/cjson" or die;
spew("cjson/cjson/cJSON.h", "#error none\n");

($status, $said) = run("cd $src && CFLAGS= ./configure --without-http "
                       . "--builddir=$dir/old/objs --with-cc-opt=-I$dir/cjson "
                       . "--add-dynamic-module=$root/t/unit");
isnt($status, 0, "the unit tests need cJSON");
like($said, qr/error: the unit tests require cJSON \(libcjson-dev\)/,
     "which is said");


# everything begins with it, single tests, too

system("mkdir -p t/clients && touch t/one.t t/clients/one.mjs") == 0 or die;

for my $target (qw(run test unit suites clients faults browser valgrind
                   fuzz test-faults soak test-asan test-plain test-sealed
                   install deb t/one.t t/clients/one.mjs))
{
    like(`make -n $target`, qr{^NGINX=\S+ NGINX_SRC=\S+ util/build \. build/nginx$}m,
         "make $target builds first");
}

# the module that is tested: no other one's function of the same name is called

my $own = $ENV{AISTREAM_MODULE} || "$root/$module";

($status, $said) = run("readelf -rW $own");
is($status, 0, "readelf lists relocations");
like($said, qr/JUMP_SLO\w* .*ngx_palloc/, "nginx's functions are looked up");
unlike($said, qr/JUMP_SLO\w* .*ngx_http_aistream_/,
       "the module's own functions are not looked up");

done_testing();

chdir "/";
