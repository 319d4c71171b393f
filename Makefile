# make            build                       make demo        the main job, shown on a throw-away server
# make install    install into the server     make check       the tests in short, on throw-away servers
# make check-all [GOALS="check check-model ..."]  everything at length but the fuzzers, for hours
# make check-clients [CLIENTS="sdk django ..."]  the vendors' SDKs and the recipes of examples/, which it downloads
# make check-model [OPERATIONS=10000]  random operations against a model of the rules, and races of sessions
# make check-hostile  50,000 random statements of sqlsmith, and each of a caller's settings on its own; takes long
# make check-pgspot  what pgspot finds in the extension's script, which it downloads
# make check-versions  the suite on other versions of PostgreSQL, and upgrades to them; needs root, and Debian
# make check-asan, check-assertions [LONG=1]  the tests with memory watched, on a server that it builds once
# make bench [SCALE=1]   what a chat turn costs, side by side with other ways; without SCALE a tenth, in a minute and a half
# make bench-check   what of it is the same on every machine: buffers, plans, memory
# make deb          Debian packages, tested, in build/debian; make dist, check-dist: the archive for PGXN
# make installcheck  the regression and isolation tests, on a running server
# make prepare      installs what building and testing need, if it is missing; the goals above that need it do so themselves

# Where the sources are; packagers build in folders of their own (VPATH).
top := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

EXTENSION = skills
EXTENSION_VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" $(top)/skills.control)

MODULE_big = skills
OBJS = src/skills.o src/identity.o src/statement.o src/row.o src/access.o src/id.o src/check.o \
	src/limits.o src/path.o src/skill.o src/version.o src/file.o src/subscription.o src/query.o \
	src/summary.o src/policy.o src/scan.o src/offer.o src/registry.o src/load_file.o src/frozen.o src/tool.o \
	src/reference.o src/invocation.o \
	src/dba.o src/problem.o src/frontmatter.o src/zip.o src/unpack.o src/pack.o src/skill_md.o src/package.o
PGFILEDESC = "skills - versioned AI skills under row-level security"
# The server's own headers have parameters that they do not use.
PG_CFLAGS = -Wextra -Wno-unused-parameter $(WERROR) $(SANITIZE)
SHLIB_LINK = -larchive -lyaml $(SANITIZE)

# The order in which the extension's SQL is put together.
SQL = schema identity access skill version file subscription summary package registry invocation dba usage
SCRIPT = build/skills--$(EXTENSION_VERSION).sql
DATA_built = $(SCRIPT)
SCRIPTS = bin/skills-import bin/skills-export
# What was downloaded for the tests, and what test/fuzz/run found, stays.
KEPT = clients bench pgbouncer pgspot fuzz
EXTRA_CLEAN = $(filter-out $(KEPT:%=build/%),$(wildcard build/*))

REGRESS = setup catalog identity rules_skill rules_version rules_file rules_subscription \
	rules_dba dba functions files input skill_md packages import registry two_ways tool references \
	messages frozen set_based teardown
ISOLATION = number_versions pin_against_delete subscribe_against_flip edit_against_flip \
	delete_last_two delete_against_edit rename_against_create put_tags registry_snapshot \
	put_files file_against_flip file_against_delete skill_md_against_edit import_against_import \
	transfer_against_edit forget_against_use
# An output folder of its own: pg_regress would take sql/ of this one for tests.
REGRESS_OPTS = --inputdir=$(top)/test --outputdir=build/regress
ISOLATION_OPTS = --inputdir=$(top)/test --outputdir=build/isolation

# These goals install what is missing, PostgreSQL too, so they come before PGXS.
PREPARING = demo check check-all check-clients check-model check-asan check-assertions check-versions check-pgspot check-hostile bench bench-check deb dist check-dist prepare
ifneq ($(filter $(PREPARING),$(MAKECMDGOALS)),)

.PHONY: $(PREPARING)
$(PREPARING): export PG_CONFIG := $(PG_CONFIG)
prepare:
	@test/prepare
demo:
	@test/prepare && examples/demo
check:
	@WITH_PSYCOPG=1 test/prepare && test/run REGRESS="$(REGRESS)" ISOLATION="$(ISOLATION)" MODEL=4000
check-all:
	@test/all $(GOALS)
check-clients:
	@test/prepare && test/clients/run $(CLIENTS)
check-model: OPERATIONS = 10000
check-model:
	@WITH_PSYCOPG=1 test/prepare && test/model/run $(OPERATIONS)
check-versions:
	@test/builds/versions
deb:
	@WITH_DEBIAN=1 test/prepare && test/builds/deb
# The commit as PGXN wants it: a zip, and its client unpacks no links, which zip follows.
dist: folder = skills-$(EXTENSION_VERSION)
dist:
	@mkdir -p build && rm -rf build/$(folder) build/$(folder).zip
	@git archive --prefix=$(folder)/ HEAD | tar -x -C build
	@cd build && zip -qrX $(folder).zip $(folder) && rm -rf $(folder)
	@ls build/$(folder).zip
check-dist:
	@WITH_PGXN=1 test/prepare && test/builds/pgxn
check-hostile:
	@WITH_SQLSMITH=1 test/prepare && LONG=1 test/run TAP="t/010_hostile.pl t/010_sqlsmith.pl"
check-pgspot:
	@test/prepare && test/builds/pgspot
check-asan:
	@test/prepare && test/builds/asan REGRESS="$(REGRESS)" ISOLATION="$(ISOLATION)"
check-assertions:
	@test/prepare && test/builds/assertions REGRESS="$(REGRESS)" ISOLATION="$(ISOLATION)"
bench: SCALE = 0.1
bench:
	@test/prepare && bench/prepare && bench/run SCALE=$(SCALE)
bench-check:
	@test/prepare && bench/prepare && bench/run PROGRAM=check.py

else

PG_CONFIG := $(or $(PG_CONFIG),pg_config)
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq ($(wildcard $(PGXS)),)
version = $(shell $(PG_CONFIG) --version 2>/dev/null | sed -nE 's/^PostgreSQL ([0-9]+).*/\1/p')
$(error PostgreSQL's server headers are missing: install postgresql-server-dev-$(or $(version),NN), or run make prepare)
endif
include $(PGXS)

# What a missing header is called, said before the compiler says it at length.
missing = $(shell printf '\043include <$(1)>\n' | $(CC) $(CPPFLAGS) -E -o /dev/null - 2>/dev/null || echo $(1))
ifneq ($(call missing,archive.h),)
$(error libarchive's header is missing: install libarchive-dev, or run make prepare)
endif
ifneq ($(call missing,yaml.h),)
$(error libyaml's header is missing: install libyaml-dev, or run make prepare)
endif

$(SCRIPT): $(SQL:%=sql/%.sql) skills.control
	@mkdir -p build
	cat $(filter %.sql,$^) > $@

ifneq ($(top),.)
$(shell mkdir -p src)
endif
$(OBJS): src/skills.h src/compatibility.h src/reference.h src/scan.h src/fold_table.h \
	src/problem.h src/frontmatter.h src/zip.h src/unpack.h src/pack.h src/package.h

installcheck: | build/regress build/isolation
build/regress build/isolation:
	@mkdir -p $@

endif
