# `make help` lists the targets. One folder makes one artefact: every .c in daemon/ is linked into
# supportaccessd, and so on; lib/, core/, host/ and api/ are archives.

VERSION := 0.1.0
PKG     := supportaccess
prefix     ?= /usr
bindir     ?= $(prefix)/bin
sbindir    ?= $(prefix)/sbin
libexecdir ?= $(prefix)/libexec/$(PKG)
datadir    ?= $(prefix)/share
mandir     ?= $(datadir)/man
confdir    ?= $(prefix)/lib/$(PKG)
unitdir    ?= $(prefix)/lib/systemd/system
multiarch  := $(shell $(CC) -print-multiarch 2>/dev/null)
libdir     ?= $(prefix)/lib/$(multiarch)
pamdir     ?= $(libdir)/security

BUILD_DEPS := gcc make pkg-config libpam0g-dev libsqlite3-dev libcurl4-openssl-dev libjson-c-dev \
	libsystemd-dev libssl-dev libeconf-dev libmicrohttpd-dev openssh-client util-linux systemd iproute2
TEST_DEPS := curl jq procps ca-certificates git check perl strace valgrind sqlite3 openssl \
	libyaml-libyaml-perl clang libclang-rt-dev clang-format clang-tidy cppcheck shellcheck mandoc

# --- flags --------------------------------------------------------------------------------
B        := build
CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	-Wundef -Wpointer-arith -Wwrite-strings -Wno-missing-field-initializers
HARDEN   := -fstack-protector-strong -fstack-clash-protection \
	$(if $(filter x86_64%,$(multiarch)),-fcf-protection) \
	$(if $(filter aarch64%,$(multiarch)),-mbranch-protection=standard)
FORTIFY  := $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
LDHARDEN := -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed

ifdef SAN			# make SAN=1 ...: a second tree, with ASan and UBSan
B        := build-san
HARDEN   := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FORTIFY  := -U_FORTIFY_SOURCE
LDHARDEN := -fsanitize=address,undefined
endif
WARN     += $(if $(WERROR),-Werror)

ALL_CPPFLAGS = -D_GNU_SOURCE -DSUPPORTACCESS_VERSION='"$(VERSION)"' -I. $(FORTIFY) $(CPPFLAGS)
ALL_CFLAGS   = -std=gnu17 -fPIC -fvisibility=hidden $(WARN) $(HARDEN) $(CFLAGS)
ALL_LDFLAGS  = $(LDHARDEN) $(LDFLAGS)

say = $(if $(V),,@printf '  %-4s %s\n' $(1) $@;)

# --- parts --------------------------------------------------------------------------------
objs = $(patsubst %.c,$B/%.o,$(wildcard $(1)/*.c))
pkgs = $(shell pkg-config --libs $(1))

LIB      := $B/lib.a
CORE     := $B/core.a
HOST     := $B/host.a
API      := $B/api.a
ARCHIVES := $(LIB) $(CORE) $(HOST) $(API) $B/parts.a
PAM      := $B/pam_supportaccess.so
NSS      := $B/libnss_supportaccess.so.2
SHELL_   := $B/supportaccess-shell
PROGS    := $B/supportaccessd $B/keeper $B/supportaccess-courier $B/supportaccess \
	$B/supportaccess-staff $B/supportaccess-central
CORE_LIBS = $(call pkgs,json-c libcrypto libeconf)
HELPERS  := $(patsubst %.c,$B/%,$(wildcard tests/host/*.c))
UNITS    := $(patsubst %.c,$B/%,$(wildcard tests/unit/*_test.c))
FUZZ     := $(patsubst %.c,$B/%,$(wildcard tests/fuzz/*_fuzz.c))

all: $(PAM) $(NSS) $(SHELL_) $(PROGS)

$(LIB): $(call objs,lib)
$(CORE): $(call objs,core)
$(HOST): $(call objs,host)
$B/host/schema.o: host/schema.sql
$B/central/store.o: central/schema.sql
$(API): $(call objs,api)
$(ARCHIVES):
	@rm -f $@
	$(call say,AR)$(AR) rcsD $@ $^

$(PAM): pam_supportaccess/exports.map $(call objs,pam_supportaccess) $(LIB)
$(PAM): LDLIBS = -lpam
$(NSS): nss/exports.map $(call objs,nss) $(LIB)
# noseparate-code: a module's code lies in pages that loading it has touched already. Page faults
# were most of what our PAM module costs a local user.
$(PAM) $(NSS):
	$(call say,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,-z,defs,-z,noseparate-code -shared \
		-Wl,-soname,$(@F),--version-script=$< -o $@ $(filter %.o %.a,$^) $(LDLIBS)

$(SHELL_): $(call objs,session) $(LIB)
	$(call say,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(if $(SAN),,-static-pie) -o $@ $(filter %.o %.a,$^)

$B/supportaccessd: $(filter-out $B/daemon/keeper.o,$(call objs,daemon)) $(HOST) $(CORE) $(LIB)
$B/supportaccessd: LDLIBS = $(call pkgs,sqlite3 libsystemd) $(CORE_LIBS)
$B/keeper: $B/daemon/keeper.o $(HOST) $(CORE) $(LIB)
$B/supportaccess-courier: $(call objs,courier) $(API) $(CORE) $(LIB)
$B/supportaccess-courier: LDLIBS = $(call pkgs,libcurl libsystemd) $(CORE_LIBS)
$B/supportaccess: $(call objs,admin) $(API) $(HOST) $(CORE) $(LIB)
$B/supportaccess: LDLIBS = $(call pkgs,sqlite3) $(CORE_LIBS)
$B/supportaccess-staff: $(call objs,staff) $(API) $(CORE) $(LIB)
$B/supportaccess-staff: LDLIBS = $(CORE_LIBS)
$B/supportaccess-central: $(call objs,central) $(CORE) $(LIB)
$B/supportaccess-central: LDLIBS = $(call pkgs,sqlite3 libmicrohttpd) $(CORE_LIBS)
$(PROGS):
	$(call say,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -pie -o $@ $(filter %.o %.a,$^) $(LDLIBS)

$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# --- tests --------------------------------------------------------------------------------
# A unit test links every part but the mains, so it can test any public function.
MAINS := %/main.o %/keeper.o
PARTS := $(filter-out $(MAINS),$(foreach d,nss pam_supportaccess daemon courier session admin \
	staff central,$(call objs,$d)))

$B/parts.a: $(PARTS)

$(UNITS) $(FUZZ): $B/parts.a $(API) $(HOST) $(CORE) $(LIB)
	$(call say,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -pie -o $@ -Wl,--start-group $^ -Wl,--end-group \
		$(call pkgs,check sqlite3 libcurl libsystemd libmicrohttpd) $(CORE_LIBS) -lpam
$(UNITS) $(FUZZ): $B/%: $B/%.o
$B/tests/host/%: $B/tests/host/%.o $(HOST) $(CORE) $(LIB)
	$(call say,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -pie -o $@ $^ $(call pkgs,sqlite3) $(CORE_LIBS) -lpam
$(FUZZ): LDFLAGS += -fsanitize=fuzzer

# These work on a machine with nothing but make: what they need is installed before the make that
# asks the compiler. The unit tests run under the sanitizers, the others with a plain build.
ifneq ($(and $(filter test demo bench,$(MAKECMDGOALS)),$(filter-out 0,$(shell id -u))),)
$(error make $(MAKECMDGOALS) needs root, to install what it builds with and to make a throwaway machine: sudo make $(MAKECMDGOALS))
endif
again = @$(MAKE) --no-print-directory -j$(shell nproc)
helpers: $(HELPERS)
units: $(UNITS)
fuzz: $(FUZZ)
objects: $(patsubst %.c,$B/%.o,$(wildcard */*.c tests/*/*.c))
test: deps
	$(again) WERROR=1 all helpers
	$(again) WERROR=1 SAN=1 units
	@CK_TAP_LOG_FILE_NAME=- B=$B prove -j$$(($(shell nproc) + 1)) --timer --failures --comments --merge --exec '' \
		$(patsubst $B/%,build-san/%,$(UNITS)) $(wildcard tests/*.t tests/e2e/*.t)
demo: TEST_DEPS = curl jq
demo: deps
	$(again) all
	@B=$B tests/demo
bench: deps
	$(again) all helpers
	@B=$B tests/bench/run

check-style:
	@tests/style

# --- install ------------------------------------------------------------------------------
# [dir,mode,files]: `make install` lays files, nothing else; `supportaccess enable` does the rest.
put = install -d $(DESTDIR)$(1) && install -m $(2) $(3) $(DESTDIR)$(1)
MAN = $(wildcard docs/man/*.$(1))

install: all
	$(call put,$(pamdir),0644,$(PAM))
	$(call put,$(libdir),0644,$(NSS))
	$(call put,$(sbindir),0755,$B/supportaccessd)
	$(call put,$(bindir),0755,$B/supportaccess $B/supportaccess-staff $B/supportaccess-central)
	$(call put,$(libexecdir),0755,$B/keeper $B/supportaccess-courier)
	$(call put,$(libexecdir),0711,$(SHELL_))
	$(call put,$(confdir),0644,$(wildcard conf/*.conf conf/*.pam))
	$(call put,$(unitdir),0644,$(wildcard conf/*.service conf/*.socket))
	for n in 1 5 8; do install -d $(DESTDIR)$(mandir)/man$$n && \
		install -m 0644 docs/man/*.$$n $(DESTDIR)$(mandir)/man$$n || exit 1; done

uninstall:
	@[ "$(DESTDIR)" ] || ! { grep -qs pam_supportaccess /etc/pam.d/* || [ -e /var/lib/$(PKG)/enabled ]; } || \
		{ echo "make uninstall: this host's logins need it still. First: supportaccess disable" >&2; false; }
	rm -f $(DESTDIR)$(pamdir)/$(notdir $(PAM)) $(DESTDIR)$(libdir)/$(notdir $(NSS)) \
		$(DESTDIR)$(sbindir)/supportaccessd $(addprefix $(DESTDIR)$(bindir)/,supportaccess \
		supportaccess-staff supportaccess-central) \
		$(addprefix $(DESTDIR)$(unitdir)/,$(notdir $(wildcard conf/*.service conf/*.socket))) \
		$(foreach n,1 5 8,$(addprefix $(DESTDIR)$(mandir)/man$n/,$(notdir $(call MAN,$n))))
	rm -rf $(DESTDIR)$(libexecdir) $(DESTDIR)$(confdir)

clean: ; rm -rf build build-*/
help:
	@sed -n 's/^#: //p' $(MAKEFILE_LIST)

#: make deps         install what building and testing needs (apt-get, as root); demo needs less
#: make deps-list    print that list
deps:
	@sh tests/deps $(BUILD_DEPS) $(TEST_DEPS)
deps-list:
	@printf '%s\n' $(BUILD_DEPS) $(TEST_DEPS)

#: make [all]        build everything below build/
#: make demo         tell the whole story in a throwaway machine (as root)
#: make test         every test (as root); SAN=1 builds with sanitizers
#: make bench        measure, into tests/bench/results.md
#: make check-style  warnings of gcc and clang, clang-format, clang-tidy, cppcheck, shellcheck, mandoc
#: make install      honours DESTDIR, prefix, libdir, pamdir, unitdir ...
#: make uninstall    removes what install laid down
#: make clean        removes build/; WERROR=1 makes warnings fatal, V=1 shows the commands
.PHONY: all helpers units fuzz objects test demo bench check-style install uninstall clean help deps deps-list
.DELETE_ON_ERROR .SECONDARY:
-include $(wildcard $B/*/*.d $B/tests/*/*.d)
