# The version grows with each commit, and is the same in the module, in the
# package and in the tarball.

use strict;
use warnings;

use Cwd 'abs_path';
use File::Temp 'tempdir';
use Test::More;

my $root = abs_path(".");
my $dir = tempdir(CLEANUP => 1);

delete @ENV{qw(GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE)};


sub output {
    my $out = `$_[0]`;

    die "$_[0]: $?" if $?;
    chomp $out;
    return $out;
}


sub version {
    return output("util/version");
}


# the committer's time, in seconds

sub commit {
    my ($time, @options) = @_;

    local $ENV{GIT_COMMITTER_DATE} = "$time +0200";

    output("git -c user.name=a -c user.email=a\@localhost commit -q "
           . "--allow-empty -m x @options");
}


sub grows {
    my ($older, $newer, $name) = @_;

    is(system("dpkg", "--compare-versions", $newer, "gt", $older), 0, $name)
        or diag "$newer is not greater than $older";
}


# a checkout of the scripts alone

mkdir "$dir/checkout" or die;
system("cp", "-r", "$root/util", "$root/Makefile", "$root/config",
       "$root/ngx_http_aistream_module", "$dir/checkout") == 0 or die;

chdir "$dir/checkout" or die;
output("git init -q 2>&1; echo build >.gitignore; git add .");

my $time = 1789000000;

commit($time);

my $hash = output("git rev-parse --short HEAD");
my $first = version();

is($first, "0.2.0+git20260910002640.$hash",
   "a version has the commit's date, in UTC, and hash");
grows("0.2.0", $first, "a version is later than its release");
is(version(), $first, "a version is the same for the same commit");

commit($time + 1);
my $second = version();
grows($first, $second, "a version grows with a commit");

commit($time + 1);
my $third = version();
grows($second, $third,
      "a version grows with another commit in the same second");
like($third, qr/^0\.2\.0\+git20260910002642\./,
     "a commit in the same second has the next second");

commit($time - 3600);
my $fourth = version();
grows($third, $fourth, "a version grows with a commit whose clock is slow");


# what is not committed

output("echo >>config");
my $changed = version();
grows($fourth, $changed, "a version grows with a change");
is(version(), $changed, "a version grows once with a change");

output("touch -d '+1 minute' config");
my $again = version();
grows($changed, $again, "a version grows with the next change");

output("git checkout -q config");
is(version(), $fourth, "a version without changes is the commit's");

commit(time);
grows($again, version(), "a commit's version is later than its changes'");

output("git tag v0.2.0");
is(version(), "0.2.0", "a tagged commit has the release's version");

commit(time);
grows("0.2.0", version(), "the commit after a tag is later than the release");


# a tarball

my $version = version();
my $tarball = output("make -s dist");

is($tarball, "build/ngx_http_aistream_module-$version.tar.gz",
   "a tarball has the version in its name");

my $sum = output("cksum <$tarball");

output("sleep 1; make -s dist");
is(output("cksum <$tarball"), $sum, "a tarball is reproducible");

output("tar -xzf $tarball -C $dir");
chdir "$dir/ngx_http_aistream_module-$version" or die;
is(version(), $version, "an unpacked tarball has the version, without git");

is(system("util/dist 2>/dev/null") >> 8, 1,
   "an unpacked tarball makes no tarball");

output("rm VERSION");
like(version(), qr/^0\.2\.0\+git\d{14}\.unknown$/,
     "a tree without VERSION has the date of its files");


# the module and the package, of this checkout

chdir $root or die;

my $module = "build/ngx_http_aistream_module.so";
my ($built) = output("strings $module") =~ /^aistream\/(.*)$/m;

like($built, qr/^0\.2\.0(\+git\d{14}\.\w+(\.m\d{14})?)?$/,
     "the module has the version");

mkdir "$dir/packages" or die;
my $package = output("util/deb $dir/packages");

is(output("dpkg-deb -f $package Version"), $built,
   "the package has the module's version");
like($package, qr/_\Q$built\E_/, "the package's name has the module's version");

done_testing();

chdir "/";
