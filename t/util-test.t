# What is skipped is counted apart, with its reason; nginx's source, for the
# fuzzers, comes from where it is to be had.

use strict;
use warnings;

use Cwd 'abs_path';
use File::Temp 'tempdir';
use Test::More;

my $root = abs_path(".");
my $dir = tempdir(CLEANUP => 1);

delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL BUILD HARNESS_ACTIVE
               HARNESS_VERSION)};


sub spew {
    my ($file, $text) = @_;

    my ($folder) = $file =~ m{(.*)/};
    system("mkdir", "-p", $folder) == 0 or die;

    open my $out, ">", $file or die "$file: $!";
    print $out $text;
    close $out or die "$file: $!";
}


# a tree with stages of its own

sub stages {
    my ($names, %files) = @_;

    my $tree = tempdir(DIR => $dir);

    system("mkdir $tree/util && cp $root/util/test $tree/util/") == 0 or die;

    for my $file (sort keys %files) {
        spew("$tree/$file", $files{$file});
        chmod 0755, "$tree/$file";
    }

    my $said = `$tree/util/test $names 2>&1`;

    return ($? >> 8, $said);
}


my $skips = <<'EOC';
use Test::More;
ok(1);
SKIP: { skip "no HTTP/3", 2 }
done_testing();
EOC

my ($status, $said) = stages("suites fuzz",
    "t/a.t" => $skips,
    "t/b.t" => "use Test::More skip_all => 'no root';",
    "t/fuzz/run" => <<'EOC');
#!/bin/sh
echo "# skip: no source"
echo "fuzz: 0 passed, 0 failed, 6 skipped"
EOC

is($status, 0, "skipped tests do not fail a stage") or diag $said;
like($said, qr/^suites +1 passed, 0 failed, 3 skipped +\(/m,
     "skipped tests and files are counted");
like($said, qr/^    skipped: no HTTP\/3$/m,
     "a skipped test's reason is printed once");
like($said, qr/^    skipped: no root$/m, "a skipped file's reason is printed");
like($said, qr/^fuzz +0 passed, 0 failed, 6 skipped +\(/m,
     "a skipped stage is counted as skipped");
like($said, qr/^    skipped: no source$/m,
     "a skipped stage's reason is printed");
like($said, qr/^1 passed, 0 failed, 9 skipped$/m,
     "the sum has all skipped tests");

($status, $said) = stages("valgrind", "t/valgrind/run" => <<'EOC');
#!/bin/sh
echo "ok 1 - one"
echo "ok 2 - a test # SKIP"
echo "# pass 1"
echo "# fail 0"
echo "# skipped 1"
EOC

like($said, qr/^1 passed, 0 failed, 1 skipped$/m,
     "tests skipped by node are counted");
like($said, qr/^    skipped: a test$/m,
     "a test skipped without a reason is printed by name");

($status, $said) = stages("suites", "t/a.t" => "use Test::More; ok(0);\n$skips",
                          "t/b.t" => "use Test::More; ok(1); done_testing();");

is($status, 1, "a failed test fails the run");
like($said, qr/^suites +2 passed, 1 failed, 2 skipped/m,
     "failed and skipped tests are counted apart");

($status, $said) = stages("suites",
                          "t/a.t" => "use Test::More; ok(1); done_testing();");

like($said, qr/^1 passed, 0 failed$/m,
     "the sum has no skipped tests if there are none");

($status, $said) = stages("fuzz", "t/fuzz/run" => "#!/bin/sh\n");
is($status, 1, "a stage that prints nothing has failed");
like($said, qr/^0 passed, 1 failed$/m,
     "a stage that prints nothing is counted as failed");

($status, $said) = stages("t/a.t t/unit/sse",
    "t/a.t" => "use Test::More; ok(1, \"\$ENV{AISTREAM_MODULE}\");
                ok(!\$ENV{TEST_NGINX_RANDOMIZE}, 'kept'); done_testing();",
    "t/unit/run" => "#!/bin/sh\necho \"unit: \$1\"\n");

is($status, 0, "single tests pass") or diag $said;
like($said, qr{^ok 1 - \S+/build/ngx_http_aistream_module\.so$}m,
     "a single suite has the environment, and its tests are printed");
like($said, qr/^ok 2 - kept$/m, "a single suite runs in t/servroot");
like($said, qr/^unit: sse$/m, "a single unit test is run by its name");

$said = `BUILD=none NGINX=$dir/none t/unit/run names 2>&1`;

is($?, 0, "the names of unit tests are printed") or diag $said;
like($said, qr/\Asse\n(\w+\n)+\z/, "nothing is built for the names");

($status, $said) = stages("t/a.t t/b.t",
    "t/a.t" => "use Test::More; ok(0); done_testing();",
    "t/b.t" => "use Test::More; ok(1, \"the second\"); done_testing();");

is($status, 1, "a single test that fails is a failure");
like($said, qr/^ok 1 - the second$/m, "a single test follows one that fails");

($status, $said) = stages("t/none.t");
is($status, 1, "a missing test is a failure");
like($said, qr/there is no test "t\/none\.t"/, "a missing test is reported");


# an archive that lists the installed nginx, and has none of its sources

my ($version) = `dpkg-query -W -f '\${Version}' nginx`;
my ($release) = $version =~ /^(.*)-/;
my $arch = `dpkg --print-architecture`;
chomp $arch;

my $archive = "$dir/archive";
my $packages = "$archive/dists/x/main/binary-$arch/Packages";
my $tarball = "$archive/pool/main/n/nginx/nginx_$release.orig.tar.gz";

spew($packages, <<"END");
Package: nginx
Version: $version
Architecture: $arch
Filename: pool/main/n/nginx/nginx.deb
Size: 1
SHA256: @{["0" x 64]}
END

my $sum = `sha256sum <$packages`;
$sum =~ s/ .*\n//;

spew("$archive/dists/x/Release", <<"END");
Suite: x
Codename: x
Components: main
Architectures: $arch
Date: Thu, 01 Jan 2026 00:00:00 UTC
SHA256:
 $sum @{[-s $packages]} main/binary-$arch/Packages
END

spew("$dir/apt/sources.list", "deb [trusted=yes] copy:$archive x main\n");
spew("$dir/apt/lists/partial/none", "");
spew("$dir/apt/cache/archives/partial/none", "");
spew("$dir/apt/config", <<"END");
Dir::Etc::sourcelist "$dir/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$dir/apt/lists";
Dir::Cache "$dir/apt/cache";
APT::Sandbox::User "";
END

$ENV{APT_CONFIG} = "$dir/apt/config";


sub source {
    my $said = `util/nginx-source $dir/source 2>&1`;

    return ($? >> 8, $said);
}


($status, $said) = source();

is($status, 77, "a missing source is status 77");
like($said, qr/^util\/nginx-source: no archive that lists nginx \Q$version\E has its source$/m,
     "a missing source is reported");
ok(!-e "$dir/source/version", "a missing source is looked for again");

spew("$dir/nginx-$release/src/core/nginx.h", "a release\n");
spew($tarball, "");
system("tar", "-C", $dir, "-czf", $tarball, "nginx-$release") == 0 or die;

($status, $said) = source();

is($status, 0, "the release's tarball is enough") or diag $said;
is(`cat $dir/source/nginx/src/core/nginx.h`, "a release\n",
   "the tarball is unpacked");
is(`cat $dir/source/version`, "$version\n",
   "the source is of this version of nginx");

unlink $tarball or die;
is((source())[0], 0, "an unpacked source is used again");

spew($packages, "");
spew("$dir/source/version", "another\n");
system("rm", "-rf", "$dir/apt/lists") == 0 or die;

($status, $said) = source();

is($status, 77, "an nginx that no archive has is status 77");
like($said, qr/no archive has nginx \Q$release\E any more/,
     "an nginx that no archive has is reported");

done_testing();
