#include "bench.h"
int bench_self_test(void){return 0;}
