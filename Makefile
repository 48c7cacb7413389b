# Makefile: builds effnet below the directory where configure ran, in build/.
# `make help` lists the targets.  A new source file needs no line here.

ifneq ($(filter-out help distclean,$(or $(MAKECMDGOALS),all)),)
ifeq ($(wildcard config.mk),)
$(error there is no config.mk here: run ./bootstrap, or configure, first)
endif
include config.mk
endif
srcdir ?= $(patsubst %/,%,$(dir $(realpath $(firstword $(MAKEFILE_LIST)))))

header  := $(srcdir)/include/effnet.h
VERSION := $(shell sed -n 's/^\#define EFFNET_VERSION_[A-Z]* //p' $(header) | \
                   paste -s -d .)
# The ABI's number, in the SONAME.
SOVERSION = 0

# ---------------------------------------------------------------------------
# Variants: D=asan, ubsan, tsan, fuzz, or several with commas

comma := ,
empty :=
kinds := $(subst $(comma), ,$(D))
B     := build$(addprefix /,$(subst $(comma),-,$(D)))

sanitizer_asan  := address
sanitizer_ubsan := undefined
sanitizer_tsan  := thread
sanitizer_fuzz  := address,undefined
sanitizers := $(subst $(empty) $(empty),$(comma),$(strip \
                $(foreach kind,$(kinds),$(or $(sanitizer_$(kind)),\
                $(error D=$(D): expected asan, ubsan, tsan or fuzz)))))
ifneq ($(sanitizers),)
variant := -fsanitize=$(sanitizers) -fno-sanitize-recover=all \
           -fno-omit-frame-pointer
endif
ifneq ($(filter fuzz,$(kinds)),)
CC      := clang
variant += -fsanitize=fuzzer-no-link
endif

# ---------------------------------------------------------------------------
# Flags

warnings := -Wall -Wextra -pedantic -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wpointer-arith -Wcast-qual
common   := -std=c11 -ffp-contract=off -pthread $(warnings) -MMD -MP \
            -I$(srcdir)/include
posix    := -D_POSIX_C_SOURCE=200809L

lib_flags     = $(common) $(posix) -I. -I$(srcdir)/lib $(LIB_CFLAGS) \
                -fPIC -fvisibility=hidden
program_flags = $(common) $(posix) $(LIB_CFLAGS)
bench_flags   = $(common) $(posix) -I. -I$(srcdir)/lib -I$(srcdir)/programs \
                -I$(srcdir)/bench/support $(LIB_CFLAGS)
test_flags    = $(common) $(posix) -I. -I$(srcdir)/lib -D_DEFAULT_SOURCE \
                -I$(srcdir)/tests/support \
                $(CHECK_CFLAGS) -DTESTS_SOURCE='"$(abspath $(srcdir))"'

# An instruction set's flags belong to its own kernels alone.
isas := sse2 avx2 avx512 neon
$(foreach isa,$(isas),$(eval \
        $(B)/obj/lib/kernels/%_$(isa).o: isa_flags = $(CFLAGS_$(isa))))

# Rooms that work once for a file, not for each pixel, are made small, where
# CFLAGS ask for speed.
ifneq ($(filter -O2 -O3,$(CFLAGS)),)
$(foreach room,api arch load,$(eval \
        $(B)/obj/lib/$(room)/%.o: room_flags = -Os))
# Of these, what works for each value of the weights.
$(addprefix $(B)/obj/lib/,load/dtype.o arch/seeded.o): room_flags =
# Where all processors have a level of their own, this is for comparison.
ifneq ($(filter yes,$(have_sse2) $(have_neon)),)
$(B)/obj/lib/kernels/level_portable.o: small = -Os
endif
endif

# No callback passes through a kernel, so nothing unwinds there.
$(B)/obj/lib/kernels/%.o: room_flags = -fno-asynchronous-unwind-tables $(small)

# No vector crosses a function that is not inline or of the same file.
$(B)/obj/tests/support/lanes%.o: isa_flags = -Wno-psabi

# The linker's check for undefined symbols cannot know a sanitizer's.
shared_flags = -shared -Wl,-soname,$(soname) \
               -Wl,--version-script,$(srcdir)/lib/libeffnet.map \
               $(if $(variant),,-Wl$(comma)-z$(comma)defs)

ifneq ($(V),1)
Q   := @
say  = @echo '  $(1)' '$(2)';
else
say  =
endif
define compile
$(call say,CC  ,$<)mkdir -p $(@D)
$(Q)$(CC) $(1) $(CPPFLAGS) $(variant) $(CFLAGS) $(isa_flags) $(room_flags) -c -o $@ $<
endef
define link
$(call say,LINK,$@)mkdir -p $(@D)
$(Q)$(CC) $(CFLAGS) $(variant) $(LDFLAGS) -pthread -o $@ $(1) \
	$(LIB_LIBS) $(LIBS)
endef

# ---------------------------------------------------------------------------
# Sources and products

disabled_kernels := $(foreach isa,$(isas),\
                      $(if $(filter yes,$(have_$(isa))),,%_$(isa).c))
sources = $(patsubst $(srcdir)/%,%,$(sort $(wildcard $(srcdir)/$(1))))
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

lib_sources     := $(filter-out $(disabled_kernels),$(call sources,lib/*/*.c))
program_sources := $(call sources,programs/*.c)
check_sources   := $(call sources,tests/check_*.c)
fuzz_sources    := $(call sources,tests/fuzz/fuzz_*.c)
bench_objects := $(call objects,$(call sources,bench/support/*.c) \
                   $(foreach part,json measure peak text,programs/$(part).c))
support_objects := $(call objects,$(call sources,tests/support/*.c))
lib_objects     := $(call objects,$(lib_sources))
program_objects := $(call objects,$(program_sources))

static     := $(B)/libeffnet.a
soname     := libeffnet.so.$(SOVERSION)
realname   := libeffnet.so.$(VERSION)
shared     := $(B)/$(realname)
links      := $(B)/libeffnet.so $(B)/$(soname)
programs   := $(if $(program_sources),$(B)/effnet)
checks     := $(patsubst tests/%.c,$(B)/tests/%,$(check_sources))
fuzzers    := $(patsubst tests/fuzz/%.c,$(B)/tests/%,$(fuzz_sources))
benches    := $(patsubst %.c,$(B)/%,$(call sources,bench/*.c))

libraries  := $(static) $(if $(filter yes,$(enable_shared)),$(shared) $(links))
all: $(if $(filter fuzz,$(kinds)),$(fuzzers),$(libraries) $(programs))

# ---------------------------------------------------------------------------
# Compiling and linking

$(B)/obj/lib/%.o: $(srcdir)/lib/%.c $(B)/flags
	$(call compile,$(lib_flags))

$(B)/obj/programs/%.o: $(srcdir)/programs/%.c $(B)/flags
	$(call compile,$(program_flags))

$(B)/obj/bench/%.o: $(srcdir)/bench/%.c $(B)/flags
	$(call compile,$(bench_flags))

$(B)/obj/tests/%.o: $(srcdir)/tests/%.c $(B)/flags
	$(call compile,$(test_flags))

$(static): $(lib_objects) $(B)/objects
	$(call say,AR  ,$@)rm -f $@
	$(Q)$(AR) rcs $@ $(lib_objects)

$(shared): $(lib_objects) $(srcdir)/lib/libeffnet.map $(B)/objects
	$(call link,$(shared_flags) $(lib_objects))

$(B)/$(soname): $(shared)
	$(Q)ln -sf $(realname) $@

$(B)/libeffnet.so: $(B)/$(soname)
	$(Q)ln -sf $(soname) $@

# With the static library, so that it runs where it lies.
$(B)/effnet: $(program_objects) $(static)
	$(call link,$(program_objects) $(static))

# tests/support/memory.c counts and fails allocations.
wrapped := $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc posix_memalign)

$(checks): $(B)/tests/%: $(B)/obj/tests/%.o $(support_objects) $(static)
	$(call link,$< $(support_objects) $(static) $(wrapped) $(CHECK_LIBS))

$(benches): $(B)/bench/%: $(B)/obj/bench/%.o $(bench_objects) $(static)
	$(call link,$< $(bench_objects) $(static))

# A fuzz target: with libFuzzer, or else as a program that replays files.
ifneq ($(filter fuzz,$(kinds)),)
$(fuzzers): driver := -fsanitize=fuzzer
else
driver_object := $(call objects,tests/fuzz/replay.c)
$(fuzzers): driver := $(driver_object)
endif
$(fuzzers): $(B)/tests/%: $(B)/obj/tests/fuzz/%.o $(driver_object) $(static)
	$(call link,$< $(driver) $(static))

# Rewritten only when their text changes: other flags build everything anew,
# a file more or less the libraries.
$(B)/flags: text = $(CC) $(CPPFLAGS) $(CFLAGS) $(variant) $(lib_flags) \
                   $(test_flags) $(foreach isa,$(isas),$(CFLAGS_$(isa))) \
                   $(LDFLAGS) $(LIB_LIBS) $(LIBS)
$(B)/objects: text = $(lib_objects)
$(B)/flags $(B)/objects: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(text))' | cmp -s - $@ || \
		printf '%s\n' '$(subst ','\'',$(text))' >$@

-include $(wildcard $(B)/obj/*/*.d $(B)/obj/*/*/*.d)

config.mk: config.status $(srcdir)/config.mk.in $(srcdir)/config.h.in
	$(Q)./config.status
config.status: $(srcdir)/configure
	$(Q)./config.status --recheck

# ---------------------------------------------------------------------------
# Installing

headers   := $(wildcard $(srcdir)/include/*.h $(srcdir)/include/*.hpp)
installed  = $(addprefix $(includedir)/,$(notdir $(headers))) \
             $(addprefix $(libdir)/,$(notdir $(libraries))) \
             $(pkgconfigdir)/effnet.pc $(addprefix $(bindir)/,$(notdir \
             $(programs)))

# Without a shared library, everybody who links needs the private parts.
static_only = $(if $(filter yes,$(enable_shared)),,$(1))
shared_too  = $(if $(filter yes,$(enable_shared)),$(1))
relative    = $(patsubst $(prefix)/%,$${prefix}/%,$(1))

install: $(libraries) $(programs)
	install -d $(DESTDIR)$(includedir) $(DESTDIR)$(libdir) \
		$(DESTDIR)$(pkgconfigdir) $(DESTDIR)$(bindir)
	install -m 644 $(headers) $(DESTDIR)$(includedir)
	install -m 644 $(static) $(DESTDIR)$(libdir)
ifeq ($(enable_shared),yes)
	install -m 755 $(shared) $(DESTDIR)$(libdir)
	cp -P $(links) $(DESTDIR)$(libdir)
endif
	sed -e 's|@prefix@|$(prefix)|' \
		-e 's|@libdir@|$(call relative,$(libdir))|' \
		-e 's|@includedir@|$(call relative,$(includedir))|' \
		-e 's|@version@|$(VERSION)|' \
		-e 's|@private@|$(call shared_too,.private)|' \
		-e 's|@requires@|$(strip $(pc_requires))|' \
		-e 's|@libs@|$(strip $(call static_only,$(pc_libs)))|' \
		-e 's|@libs_private@|$(strip $(call shared_too,$(pc_libs)))|' \
		$(srcdir)/pkgconfig/effnet.pc.in \
		>$(DESTDIR)$(pkgconfigdir)/effnet.pc
	$(if $(programs),install -m 755 $(programs) $(DESTDIR)$(bindir))

uninstall:
	rm -f $(addprefix $(DESTDIR),$(installed))

# ---------------------------------------------------------------------------
# Testing and measuring

ifeq ($(have_check),yes)
# CHECKS='check_base check_run' builds and runs only these programs.
ifneq ($(CHECKS),)
checks  := $(addprefix $(B)/tests/,$(CHECKS))
fuzzers :=
endif
tests: $(checks) $(fuzzers) $(if $(CHECKS),,$(benches))
check: all tests
	+$(Q)EFFNET_SOURCE='$(abspath $(srcdir))' EFFNET_BUILD='$(abspath $(B))' \
		EFFNET_CONFIGURED='$(CURDIR)' MAKE='$(MAKE)' D='$(D)' CC='$(CC)' \
		CXX='$(CXX)' CFLAGS='$(CFLAGS)' PKG_CONFIG='$(PKG_CONFIG)' \
		PYTHON='$(PYTHON)' CHECKS='$(CHECKS)' \
		$(srcdir)/tests/run $(checks) $(fuzzers)
else
check tests:
	@echo 'make check needs the Check library: install Debian'\''s' \
		'packages check and pkg-config, and run configure again' >&2
	@false
endif

# Each fuzz target for FUZZ_SECONDS, from its corpus.
FUZZ_SECONDS = 60
fuzz:
	+$(Q)$(MAKE) --no-print-directory D=fuzz all
	$(Q)$(srcdir)/tests/fuzz/run $(FUZZ_SECONDS) $(srcdir)/tests/fuzz/corpus \
		build/fuzz/tests

bench: $(benches)
	$(Q)cd $(B)/bench && for bench in $(notdir $(benches)); do \
		./$$bench -o $$bench.json || exit; echo; done

# effnet beside other runtimes, which are installed into an environment of its
# own; one that cannot be is left out, and the report says so.  QUIET is a
# command that runs its arguments while nothing else runs.
PEER_MODELS  = b0 lite0 v2_s b4 b7
PEER_THREADS = 1
PEER_SECONDS = 6
PEER_REPORT  = $(srcdir)/docs/benchmarks
PEER_README  = $(srcdir)/README.md
QUIET        =
peers_source := $(srcdir)/bench/peers
peers_venv   := $(B)/bench/venv
peers         = $(peers_venv)/bin/python $(peers_source) \
                --work $(B)/bench/peers --build $(B)

$(peers_venv)/installed: $(peers_source)/requirements.txt \
                         $(peers_source)/requirements-litert.txt
	$(call say,VENV,$(peers_venv))$(or $(PYTHON),python3) -m venv $(@D)
	$(Q)sed '/^\#/d' $< | while read -r package; do \
		$(@D)/bin/pip install -q -c $< "$$package" || \
		echo "cannot install $$package" >&2; done
	$(Q)sed '/^\#/d' $(word 2,$^) | while read -r package; do \
		$(@D)/bin/pip install -q --no-deps "$$package" || \
		echo "cannot install $$package" >&2; done
	$(Q)touch $@

bench-peers: all $(peers_venv)/installed
	$(Q)$(peers) prepare $(PEER_MODELS)
	$(Q)for model in $(PEER_MODELS); do \
		$(QUIET) $(peers) measure $$model --threads $(PEER_THREADS) \
		--seconds $(PEER_SECONDS) || exit; done
	$(Q)$(peers) report --output $(PEER_REPORT) $(PEER_README:%=--readme %)

demo: all
	$(Q)$(srcdir)/examples/demo $(B)/effnet

# ---------------------------------------------------------------------------
# Releasing

distname := effnet-$(VERSION)

# What git tracks, or, in an unpacked release, what MANIFEST lists.
dist:
	$(Q)rm -rf $(distname)
	$(Q)mkdir $(distname)
	$(Q)cd $(srcdir) && if test -e .git; then \
		git -c core.quotePath=off ls-files; \
		else cat MANIFEST; fi >'$(CURDIR)/$(distname)/MANIFEST'
	$(Q)(cd $(srcdir) && tar -cf - -T '$(CURDIR)/$(distname)/MANIFEST' \
		configure) | tar -C $(distname) -xf -
	$(Q)touch $(distname)/configure
	$(Q)tar -czf $(distname).tar.gz --owner=0 --group=0 --numeric-owner \
		--sort=name $(distname)
	$(Q)rm -rf $(distname)
	@echo $(distname).tar.gz

# The release builds beside a source that is read-only, passes its tests,
# installs, and leaves nothing behind.
distcheck: dist
	+$(srcdir)/tests/distcheck '$(MAKE)' $(distname)

clean:
	rm -rf build

distclean: clean
	rm -rf config.mk config.h config.log config.status autom4te.cache \
		effnet-[0-9]*
	test ! -h Makefile || rm -f Makefile

help:
	@echo 'all        the library and the effnet command, in build/ (default)'
	@echo 'check      builds and runs the tests, or only the programs CHECKS=...'
	@echo 'bench      measures: kernels, models, start, memory and so on'
	@echo 'bench-peers  installs other runtimes, and measures effnet beside'
	@echo '           them: PEER_MODELS, PEER_THREADS; see docs/benchmarks'
	@echo 'demo       names what is in two photographs; fetches weights once'
	@echo 'install    into prefix, below DESTDIR if given'
	@echo 'uninstall  removes what install installed'
	@echo 'fuzz       runs each fuzz target for FUZZ_SECONDS ($(FUZZ_SECONDS))'
	@echo 'dist       the release, effnet-$(VERSION).tar.gz'
	@echo 'distcheck  makes a release and tests it'
	@echo 'clean      removes build/; distclean also what configure wrote'
	@echo
	@echo 'D=asan, ubsan, tsan, fuzz or asan,ubsan builds with sanitizers,'
	@echo 'below build/ in a folder of its own; V=1 shows the commands.'
	@echo 'CC, CFLAGS, CPPFLAGS and LDFLAGS may be given to make as well.'

FORCE:
.PHONY: all install uninstall tests check fuzz bench bench-peers demo dist distcheck \
        clean distclean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:
