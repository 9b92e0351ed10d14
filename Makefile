# Set-up in two commands: make run, make test.

NGINX ?= /usr/sbin/nginx
NGINX_SRC ?= /usr/share/nginx/src
PORT ?= 8080
TIME ?= 60
DESTDIR ?=

MODULE = build/ngx_http_aistream_module.so
SOURCES = config $(wildcard ngx_http_aistream_module/*.[ch] \
                            ngx_http_aistream_module/*/*.[ch])
MODULES_PATH = $(shell $(NGINX) -V 2>&1 | \
                       sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')

.PHONY: all build deps run test lint unit suites clients browser valgrind \
        fuzz test-asan install deb clean

all: build

deps:
	@util/deps build

build: deps
	@$(MAKE) --no-print-directory $(MODULE)

$(MODULE): $(SOURCES) util/build
	@NGINX_SRC=$(NGINX_SRC) util/build . build/nginx
	@cp build/nginx/ngx_http_aistream_module.so $@

run: build
	@PORT=$(PORT) util/run

test: build
	@util/deps test
	@util/test

lint unit suites clients browser valgrind: build
	@util/deps test
	@util/test $@

fuzz: build
	@util/deps test
	@t/fuzz/run $(TIME)

test-asan: build
	@util/deps test
	@util/test-asan

install: build
	@install -d $(DESTDIR)$(MODULES_PATH)
	@install -m 644 $(MODULE) $(DESTDIR)$(MODULES_PATH)/
	@echo "load_module modules/ngx_http_aistream_module.so;"

deb: build
	@util/deb

clean:
	@rm -rf build
