# Set-up in two commands: make run, make test.

NGINX ?= /usr/sbin/nginx
NGINX_SRC ?= /usr/share/nginx/src
PORT ?= 8080
TIME ?= 60
DESTDIR ?=

MODULES = build/ngx_http_aistream_module.so \
          build/ngx_http_aistream_mock_module.so
BENCH = build/bench/bench
BENCH_SOURCES = $(wildcard bench/*.[ch])
MODULES_PATH = $(shell $(NGINX) -V 2>&1 | \
                       sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')

.PHONY: all build deps run test lint unit suites clients faults browser \
        valgrind fuzz test-faults soak test-asan test-plain test-sealed \
        test-matrix bench install deb dist clean

all: build

deps:
	@util/deps build

# the modules depend on nginx, too: util/build knows what has changed

build: deps
	@NGINX=$(NGINX) NGINX_SRC=$(NGINX_SRC) util/build . build/nginx
	@for so in $(notdir $(MODULES)); do \
	    cmp -s build/nginx/$$so build/$$so \
	        || install -m 644 build/nginx/$$so build/$$so || exit 1; \
	done

run: build
	@PORT=$(PORT) util/run

test: build
	@util/deps test
	@util/test

lint unit suites clients faults browser valgrind: build
	@util/deps test
	@util/test $@

test-faults: build
	@util/deps test
	@FAULTS=all util/test faults

soak: build
	@util/deps test
	@util/test soak

fuzz: build
	@util/deps test
	@t/fuzz/run $(TIME)

test-asan: build
	@util/deps test
	@util/test-asan

test-plain: build
	@util/deps test
	@util/test-plain

test-sealed: build
	@util/deps test
	@util/test-sealed

test-matrix:
	@util/matrix

bench: build $(BENCH)
	@util/deps bench
	@bench/run
	@echo
	@bench/instructions

$(BENCH): $(BENCH_SOURCES)
	@mkdir -p build/bench
	@$(CC) -g -O2 -Wall -Wextra -Werror -o $@ $(filter %.c,$^)

install: build
	@NGINX=$(NGINX) util/load $(MODULES)
	@install -d $(DESTDIR)$(MODULES_PATH)
	@install -m 644 $(MODULES) $(DESTDIR)$(MODULES_PATH)/
	@echo "load_module modules/ngx_http_aistream_module.so;"

deb: build
	@util/deb

dist:
	@util/dist

clean:
	@rm -rf build
