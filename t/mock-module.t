# The mock is a module of its own: the other one has nothing of it, and each
# works without the other.

use strict;
use warnings;

use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use Test::More;

my $nginx = $ENV{TEST_NGINX_BINARY} || "/usr/sbin/nginx";
my $module = abs_path($ENV{AISTREAM_MODULE}
                      || "build/ngx_http_aistream_module.so");
my $mock = dirname($module) . "/ngx_http_aistream_mock_module.so";
my $dir = tempdir(CLEANUP => 1);

my $chat = "upstream provider { server 127.0.0.1:9;"
           . " aistream_provider openai host=a tls=off; }"
           . " server { location / { aistream_pass provider:m; } }";
my $answers = "server { location / { aistream_mock openai; } }";


# nginx's words about a configuration with these modules

sub tested {
    my ($http, @modules) = @_;

    open my $out, ">", "$dir/nginx.conf" or die $!;
    print $out map { "load_module $_;\n" } @modules;
    print $out "pid $dir/pid; events {} http { $http }\n";
    close $out or die $!;

    return scalar `$nginx -t -p $dir/ -c nginx.conf -e $dir/error.log 2>&1`;
}


# the names of directives and the texts of a module

sub texts {
    return scalar `readelf -p .rodata -p .data.rel.ro -p .data -W $_[0]`;
}


my $mocks = qr/aistream_mock|mock provider|chatcmpl-mock/;

ok(texts($module) =~ /aistream_pass/, "the module has its directives");
ok(texts($module) !~ $mocks, "the module has no text of the mock");
ok(texts($mock) =~ $mocks, "the mock has its texts");
unlike(`readelf -sW $module`, qr/ \w*mock\w*$/m,
       "the module has no functions of the mock");

is(join(" ", sort `nm -D --defined-only $mock` =~ / (ngx_\w+)$/mg),
   "ngx_module_names ngx_module_order ngx_modules",
   "the mock exports only what nginx looks up");

unlike(`nm -D --undefined-only $mock`, qr/ngx_http_aistream_/,
       "the mock uses nothing of the module");

like(tested($chat, $module), qr/test is successful/,
     "the module works without the mock");
like(tested($answers, $mock), qr/test is successful/,
     "the mock works without the module");
like(tested("$chat $answers", $module, $mock), qr/test is successful/,
     "both modules work together");
like(tested("$chat $answers", $mock, $module), qr/test is successful/,
     "both modules work together in the other order, too");
like(tested($answers, $module), qr/unknown directive "aistream_mock"/,
     "a configuration with aistream_mock needs the mock");

done_testing();
