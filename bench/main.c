
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "bench.h"

#include <unistd.h>


/*
 * Runs nginx with listening sockets that are not nginx's own, whose congestion
 * control its connections have: PORT... -- PROGRAM ARGUMENT...
 */

int
bench_exec(int argc, char **argv)
{
    int   fd, port;
    char  inherited[256];

    inherited[0] = '\0';

    for ( ; argc > 1 && strcmp(*argv, "--") != 0; argc--, argv++) {
        fd = bench_listen(atoi(*argv), &port);

        if (fd == -1 || strlen(inherited) > sizeof(inherited) - 16) {
            return bench_fail("listen()");
        }

        sprintf(inherited + strlen(inherited), "%d;", fd);
    }

    setenv("NGINX", inherited, 1);
    execvp(argv[1], argv + 1);

    return bench_fail(argv[1]);
}


int
main(int argc, char **argv)
{
    const char  *what;

    what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "provider") == 0) {
        return bench_provider(argc - 2, argv + 2);
    }

    if (strcmp(what, "client") == 0) {
        return bench_client(argc - 1, argv + 1);
    }

    if (strcmp(what, "exec") == 0) {
        return bench_exec(argc - 2, argv + 2);
    }

    if (strcmp(what, "self-test") == 0) {
        return bench_self_test();
    }

    fprintf(stderr, "usage: bench provider [PORT]\n"
                    "       bench client OPTION...\n"
                    "       bench exec PORT... -- PROGRAM ARGUMENT...\n"
                    "       bench self-test\n");
    return 2;
}
