# The ways in: run, gdb, help, and the packages they need.
CORES ?= 2
QUEUES ?= 1
MEM   ?= 64
QEMU  ?= qemu-system-x86_64
RUN    = $(PYTHON) tools/run --build $(BUILD) --cores $(CORES) --queues $(QUEUES) --mem $(MEM) --qemu $(QEMU) \
         $(if $(IOMMU),--iommu)
# Not whatever python3 comes first in PATH: the modules are Debian's.
PYTHON := /usr/bin/python3

$(BUILD)/.deps-%: tools/deps
	@tools/deps $* $@

.PHONY: deps run run-uefi gdb run-linux gdb-linux perf-linux try
deps: $(BUILD)/.deps-test

# The packages come first, in a make of their own: reading the makefiles already asks the compiler.
run: $(BUILD)/.deps-build
	@$(MAKE) --no-print-directory image
	@$(RUN)

gdb: $(BUILD)/.deps-gdb
	@$(MAKE) --no-print-directory image
	@$(RUN) --gdb

# The executive on Linux. Without root its ports read the captures of make try.
RUN_LINUX = $(PYTHON) tools/run --linux --build $(BUILD) --cores $(CORES) --queues $(QUEUES) --mem $(MEM) \
            $(if $(STRICT),--strict)
# What a PC or another virtual machine boots: the disk image, by the firmware.
run-uefi: $(BUILD)/.deps-build
	@$(MAKE) --no-print-directory image
	@$(RUN) --disk $(BUILD)/moxie.img

run-linux: $(BUILD)/.deps-linux
	@$(MAKE) --no-print-directory linux
	@$(RUN_LINUX)

gdb-linux: $(BUILD)/.deps-gdb-linux
	@$(MAKE) --no-print-directory linux
	@$(RUN_LINUX) --gdb

perf-linux: $(BUILD)/.deps-perf
	@$(MAKE) --no-print-directory linux
	@$(RUN_LINUX) --perf

# LAN= and WAN=: captures of yours.
try: $(BUILD)/.deps-try
	@$(MAKE) --no-print-directory linux
	@$(PYTHON) tools/try --build $(BUILD) $(if $(LAN)$(WAN),'$(LAN)' '$(WAN)')

help:
	@echo 'make              build $(BUILD)/moxie.elf and $(BUILD)/bundle.cpio, and both on a disk image'
	@echo '                  for UEFI: $(BUILD)/moxie.img, $(BUILD)/moxie.qcow2'
	@echo 'make run          build, boot in QEMU and open the serial console (root: with namespaces'
	@echo '                  moxie-lan and moxie-wan around it; otherwise http://127.0.0.1:8080/)'
	@echo 'make try          no root, no QEMU: feed the router packets of config/try (LAN=F.pcap WAN=F.pcap) and'
	@echo '                  print what came out, side by side'
	@echo 'make run-uefi     make run by UEFI, from the disk image $(BUILD)/moxie.img'
	@echo 'make run-linux    make run without QEMU: the executive on Linux (root); STRICT=1'
	@echo 'make gdb-linux    the same under gdb: every domain with its symbols'
	@echo 'make perf-linux   the same under perf record'
	@echo 'make bundle       build the bundle only'
	@echo 'make image        build what make does; make linux: build $(BUILD)/moxie-linux; make test-domains: what tests/net boots'
	@echo 'make test         build with gcc and clang, run every test; GOLDEN=update rewrites captures'
	@echo 'make test-uefi    all tests over the network, by UEFI instead of qemu -kernel (20 minutes, root)'
	@echo 'make unit         run the host unit tests; make guest: the tests inside the guest; make compile-test'
	@echo 'make fuzz         fuzz every parser of untrusted bytes for FUZZ_SECONDS=60 each; FUZZ="router stack"'
	@echo 'make traps        random traps of a parent and its children; TRAPS_SECONDS= TRAPS_SEED= TRAPS_ROUND='
	@echo 'make model        explore every execution of rings, FIFOs and their wake-up; make model-long: larger bounds'
	@echo 'make test-sanitized  more of the tests under the sanitizers and valgrind (root)'
	@echo 'make gdb          boot halted, with gdb attached'
	@echo 'make bench        measure beside a Linux guest (root); ROWS=fwd64,tcp BENCH_ROUNDS= BENCH_SECONDS='
	@echo 'make flat         build $(BUILD)/flat: no isolation, only to measure what isolation costs'
	@echo 'make bench-report print the last run'\''s table for the README, renew docs/bench.svg'
	@echo 'make bench-crossing  measure what a payload costs from domain to domain; CROSSING_ROUNDS='
	@echo 'make bench-linux  measure rings, domains and forwarding without QEMU (root: all); PARTS=rings,domains'
	@echo 'make bench-iskra  measure the queries of the lattice on machines of 4 to 1024 cores'
	@echo 'make bench-lost   measure what the loss of each core costs (root); LOST_BOOTS='
	@echo 'make bench-move   measure what moves to other cores cost (root); MOVES='
	@echo 'make bench-away   measure how long a core is away while a domain is made or ended'
	@echo 'make bench-placement  try all placements against the one that is chosen (root); PLACEMENT_SHAPES= PLACEMENT_ROUNDS= PLACEMENT_FINALS='
	@echo 'make bench-restart  measure what the end of each domain costs (root); RESTART_KILLS= RESTART_DOMAINS='
	@echo 'make soak         mixed load for SOAK_SECONDS=600 while domains are ended (SOAK_KILLS=, SOAK_SEED=)'
	@echo '                  at random; then: is all as it was? (root)'
	@echo 'make test-long    soaks of 10 minutes on 1, 2 and 4 cores and with 2 queue pairs, make model-long,'
	@echo '                  make test-sanitized, then each fuzzer for 30 minutes (root)'
	@echo 'make deps         install the Debian packages that building and testing need'
	@echo 'make clean        remove $(BUILD)'
	@echo 'Variables: CORES=$(CORES) QUEUES=$(QUEUES) IOMMU=$(IOMMU) MEM=$(MEM) CONFIG=$(CONFIG) WWW=$(WWW) QEMU=$(QEMU) CC=$(CC) BUILD=$(BUILD)'
