# Set-up in two commands: make run, make test.  "make help" prints all targets,
# which are listed here.

## make              Builds the modules in build/ for the installed nginx
## make deps         Installs the packages that the build needs
## make run          Starts nginx with the chat page (HOST, PORT, KEYs, OLLAMA)
## make install      Copies the modules to nginx's folder of modules (DESTDIR)
## make deb          Makes a Debian package in build/
## make dist         Makes a tarball of the checkout in build/
## make clean        Removes build/
##
## make test         Runs all tests
## make lint         Checks the sources, and the documentation against them
## make unit         Runs readers and writers against recordings, in one process
## make suites       Runs the Test::Nginx suites, t/*.t
## make clients      Runs the clients' own packages, t/clients
## make faults       Runs pairs of a provider's faults, t/faults
## make browser      Runs the pages in Chromium, t/browser
## make valgrind     Runs one request of each kind under valgrind
##
## make t/route.t    Runs one suite; so do t/clients/live.mjs, t/browser/run.mjs,
##                   t/faults/matrix.mjs and, by a name, t/unit/sse
## make golden       Writes the expected bytes of t/golden, and shows a diff
##
## make fuzz         Fuzzes each reader for TIME seconds, 60 by default
## make test-faults  Runs all combinations of a provider's faults
## make soak         Runs STREAMS faulty streams for TIME seconds, 600 by default
## make test-asan    Runs the tests with clang's sanitizers
## make test-plain   Runs the tests with the optimizations compiled out
## make test-sealed  Runs the tests with the configuration read-only
## make test-matrix  Runs all of it on clean Debian systems, as root
## make bench        Compares with proxy_pass, and counts instructions
##
## make, make lint, make install and make deb install no packages; make deps,
## make run, make bench and the other tests install missing packages, and print
## their names.

NGINX ?= /usr/sbin/nginx
NGINX_SRC ?= /usr/share/nginx/src
HOST ?= 127.0.0.1
PORT ?= 8080
TIME ?= 60
DESTDIR ?=

MODULES = build/ngx_http_aistream_module.so \
          build/ngx_http_aistream_mock_module.so
BENCH = build/bench/bench
BENCH_SOURCES = $(wildcard bench/*.[ch])
MODULES_PATH = $(shell $(NGINX) -V 2>&1 | \
                       sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')

TESTS = test unit suites clients faults browser valgrind fuzz test-faults soak \
        test-asan test-plain test-sealed

# single tests: files, and names of t/unit

SINGLE = $(wildcard t/*.t t/clients/*.mjs t/browser/*.mjs) \
         t/faults/matrix.mjs t/faults/soak.mjs \
         $(patsubst t/unit/ngx_http_aistream_unit_%.c,t/unit/%, \
                    $(wildcard t/unit/ngx_http_aistream_unit_*.c))

.PHONY: all help deps build run lint $(TESTS) golden test-matrix bench \
        install deb dist clean

all: build

help:
	@sed -n 's/^## \{0,1\}//p' Makefile

# packages of the targets that install what is missing, in one step, before they
# build

PACKAGES = $(if $(filter run,$(MAKECMDGOALS)),run) \
           $(if $(filter golden $(TESTS) $(SINGLE),$(MAKECMDGOALS)),test) \
           $(if $(filter bench,$(MAKECMDGOALS)),bench)

deps:
	@util/deps build $(PACKAGES)

ifneq ($(strip $(PACKAGES)),)
build: deps
endif

# to the tests, a warning of the compiler is an error

ifneq ($(filter $(TESTS) $(SINGLE),$(MAKECMDGOALS)),)
export WERROR = 1
endif

# the modules depend on nginx, too: util/build knows what has changed

build:
	@NGINX=$(NGINX) NGINX_SRC=$(NGINX_SRC) util/build . build/nginx
	@for so in $(notdir $(MODULES)); do \
	    cmp -s build/nginx/$$so build/$$so \
	        || install -m 644 build/nginx/$$so build/$$so || exit 1; \
	done

run: build
	@HOST=$(HOST) PORT=$(PORT) util/run

test: build
	@util/test

# needs only Perl and git

lint:
	@util/test lint

unit suites clients faults browser valgrind: build
	@util/test $@

.PHONY: $(SINGLE)

$(SINGLE): build
	@util/test $@

golden: build
	@util/golden

test-faults: build
	@FAULTS=all util/test faults

soak: build
	@util/test soak

fuzz: build
	@t/fuzz/run $(TIME)

test-asan: build
	@util/test-asan

test-plain: build
	@util/test-plain

test-sealed: build
	@util/test-sealed

test-matrix:
	@util/matrix

bench: build $(BENCH)
	@bench/run
	@echo
	@bench/instructions

$(BENCH): $(BENCH_SOURCES)
	@mkdir -p build/bench
	@$(CC) -g -O2 -Wall -Wextra $(if $(WERROR),-Werror) -o $@ $(filter %.c,$^)

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
