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

is($first, "0.1.0+git20260910002640.$hash",
   "it has the commit's date, in UTC, and hash");
grows("0.1.0", $first, "it is later than the release");
is(version(), $first, "it is the same for the same commit");

commit($time + 1);
my $second = version();
grows($first, $second, "it grows with a commit");

commit($time + 1);
my $third = version();
grows($second, $third, "with another one in the same second");
like($third, qr/^0\.1\.0\+git20260910002642\./, "whatever its hash");

commit($time - 3600);
my $fourth = version();
grows($third, $fourth, "with one whose clock is slow");


# what is not committed

output("echo >>config");
my $changed = version();
grows($fourth, $changed, "it grows with a change");
is(version(), $changed, "once");

output("touch -d '+1 minute' config");
my $again = version();
grows($changed, $again, "and with the next");

output("git checkout -q config");
is(version(), $fourth, "without it, it is the commit's");

commit(time);
grows($again, version(), "a commit is later than its changes");

output("git tag v0.1.0");
is(version(), "0.1.0", "a tag is a release");

commit(time);
grows("0.1.0", version(), "until the next commit");


# a tarball

my $version = version();
my $tarball = output("make -s dist");

is($tarball, "build/ngx_http_aistream_module-$version.tar.gz",
   "a tarball has it in its name");

my $sum = output("cksum <$tarball");

output("sleep 1; make -s dist");
is(output("cksum <$tarball"), $sum, "it is made the same again");

output("tar -xzf $tarball -C $dir");
chdir "$dir/ngx_http_aistream_module-$version" or die;
is(version(), $version, "what is unpacked has it, without git");

is(system("util/dist 2>/dev/null") >> 8, 1, "and makes no tarball");

output("rm VERSION");
like(version(), qr/^0\.1\.0\+git\d{14}\.unknown$/,
     "without that, it has the date of its files");


# the module and the package, of this checkout

chdir $root or die;

my $module = "build/ngx_http_aistream_module.so";
my ($built) = output("strings $module") =~ /^aistream\/(.*)$/m;

like($built, qr/^0\.1\.0(\+git\d{14}\.\w+(\.m\d{14})?)?$/, "it is in the module");

mkdir "$dir/packages" or die;
my $package = output("util/deb $dir/packages");

is(output("dpkg-deb -f $package Version"), $built, "the package has the same");
like($package, qr/_\Q$built\E_/, "in its name, too");

done_testing();

chdir "/";
