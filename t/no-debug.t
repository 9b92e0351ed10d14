# The sources compile, without a warning, with an nginx that has no debug log,
# as most builds outside of Debian: the values of debug messages are unused.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;

my $src = $ENV{NGINX_SRC} || "/usr/share/nginx/src";
my $build = abs_path("build/nginx");    # as "make" leaves it

my @rooms = map { abs_path($_) } "ngx_http_aistream_module",
                                 "ngx_http_aistream_mock_module";
my @files = map { glob "$_/*.c $_/*/*.c" } @rooms;

my @options = (qw(-fsyntax-only -O -W -Wall -Wpointer-arith -Werror
                  -Wno-unused-parameter -DNGX_DEBUG=0),
               map { "-I$_" } qw(src/core src/event src/event/modules
                                 src/os/unix src/http src/http/modules
                                 src/http/v2), @rooms, $build);

chdir $src or die "$src: $!";

my $errors = `cc @options @files 2>&1`;

is($?, 0, @files . " files compile without a warning") or diag($errors);

done_testing();
