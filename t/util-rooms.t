# What util/rooms finds, and what it lets pass.

use strict;
use warnings;

use File::Path 'make_path';
use File::Temp 'tempdir';
use Test::More;

my $name = "ngx_http_aistream";


# what is printed for these files, each without the start of its name

sub rooms {
    my (%files) = @_;

    my $dir = tempdir(CLEANUP => 1) . "/${name}_module";

    while (my ($file, $text) = each %files) {
        my ($room, $rest) = $file =~ m{^(?:([\w./]+)/)?(.*)$};
        my $path = $dir . (defined $room ? "/$room" : "");

        make_path($path);
        $text =~ s/\bNAME/$name/g;

        open my $out, ">", "$path/${name}_$rest" or die "$path: $!";
        print $out $text;
        close $out or die "$path: $!";
    }

    return scalar `util/rooms $dir 2>&1`;
}


# a function that does this

sub function {
    my ($function, $body) = @_;

    return "\n\nvoid\nNAME_$function(void)\n{\n$body}\n";
}


like(rooms("json/x.c" => function("x", "    NAME_y();\n"),
           "json/y.c" => function("y", "")),
     qr/\Arooms: \d+ passed, 0 failed\n\z/, "a call within a room is allowed");

like(rooms("client/x.c" => function("x", "    NAME_y();\n"),
           "json/y.c" => function("y", "")),
     qr/\Arooms: \d+ passed, 0 failed\n\z/,
     "a call to a room of the table is allowed");

my $said = rooms("json/x.c" => function("x", "    NAME_y();\n"),
                 "client/y.c" => function("y", ""));

like($said, qr{/json/${name}_x\.c:6: room "json" may not call ${name}_y\(\)},
     "a call to another room is found");
like($said, qr/^rooms: \d+ passed, 1 failed$/m, "what is found is counted");

like(rooms("json/x.c" => function("x", "    handler = NAME_y;\n"),
           "client/y.c" => function("y", "")),
     qr/may not call ${name}_y\(\)/, "a function's address is found");

like(rooms("json/x.c" => function("x", "    i = NAME_y[0];\n"),
           "client/y.c" => "\n\nconst int  NAME_y[] = { 1 };\n"),
     qr/may not call ${name}_y\(\)/, "a use of a table is found");

like(rooms("json/x.h" => "\n\nstatic ngx_inline void\nNAME_x(void)\n"
                         . "{\n    NAME_y();\n}\n",
           "client/y.c" => function("y", "")),
     qr{json/${name}_x\.h:6: room "json" may not call},
     "a call in a header's function is found");

like(rooms("json/x.h" => "#define NAME_x(z)   \\\n    NAME_y(z)\n",
           "client/y.c" => function("y", "")),
     qr{json/${name}_x\.h:2: room "json" may not call},
     "a call in a header's macro is found");

like(rooms("json/x.h" => "void NAME_y(void);\n",
           "client/y.c" => function("y", "")),
     qr/ 0 failed$/, "a prototype is not a call");

like(rooms("json/x.c" => function("x", "    /* NAME_y() */\n"
                                       . "    log(\"NAME_y()\");\n"),
           "client/y.c" => function("y", "")),
     qr/ 0 failed$/, "a name in a comment or a string is not a call");

like(rooms("json/x.c" => "\n\nstatic void\nNAME_y(void)\n{\n}\n"
                         . function("x", "    NAME_y();\n"),
           "client/y.c" => function("y", "")),
     qr/ 0 failed$/, "a static function of the same name is called instead");

like(rooms("json/x.c" => "#include <client/NAME_y.h>\n"),
     qr{json/${name}_x\.c:1: room "json" may not include client/},
     "an include of another room is found");

like(rooms("json/x.c" => "#include <NAME.h>\n"),
     qr/may not include ${name}\.h/,
     "an include of the root's header is found");

like(rooms("status/x.c" => "#include <NAME.h>\n"),
     qr/ 0 failed$/, "an include of the root's header may be allowed");

my $mock = "../${name}_mock_module";

like(rooms("$mock/mock_x.c" => function("mock_x", "    NAME_y();\n"),
           "json/y.c" => function("y", "")),
     qr/ 0 failed$/, "the mock calls json");

$said = rooms("$mock/mock_x.c" => function("mock_x", "    NAME_y();\n"),
              "provider/y.c" => function("y", ""));

like($said, qr{^${name}_mock_module/${name}_mock_x\.c:6: room "mock" may not}m,
     "and no other room");

like(rooms("$mock/mock_x.c" => "#include <NAME_conf.h>\n"),
     qr/room "mock" may not include ${name}_conf\.h/,
     "nor does it know the configuration");

like(rooms("json/x.c" => "#include <NAME_mock.h>\n"),
     qr/room "json" may not include ${name}_mock\.h/, "and none knows it");

like(rooms("none/x.c" => function("x", "")),
     qr/no such room/, "a room missing in the table is found");

like(rooms("json/x.c" => function("x", "    NAME_y();\n"),
           "json/y.c" => function("y", "    NAME_z();\n"),
           "json/z.c" => function("z", "    NAME_x();\n")),
     qr{call in a circle: json/x, json/y, json/z$}m,
     "a circle of calls is found");

like(rooms("x.c" => function("x", "    NAME_y();\n"),
           "json/y.c" => function("y", "    NAME_x();\n")),
     qr{call in a circle: json/y, root/x$}m, "a circle of two rooms is found");

like(rooms("json/x.c" => function("x", "    NAME_y();\n    NAME_z();\n"),
           "json/y.c" => function("y", "    NAME_z();\n"),
           "json/z.c" => function("z", "")),
     qr/ 0 failed$/, "calls without a circle are allowed");

done_testing();
