# Sourced by the demo and the tests: a throw-away server with the extension.
#
# The server is this machine's, copied with the freshly built extension into a
# folder of its own, so that nothing is installed into the system. It listens
# on a socket in that folder only, and goes with it, also on Ctrl-C.

pg_config=${PG_CONFIG:-pg_config}
work=$(mktemp -d "${TMPDIR:-/tmp}/skills.XXXXXX")

# A server refuses to run as root: then it runs as nobody.
unprivileged() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=nobody --regid=nogroup --clear-groups -- env HOME="$work" "$@"
	else
		"$@"
	fi
}

give_away() {
	if [ "$(id -u)" = 0 ]; then chown -R nobody:nogroup "$@"; fi
}

remove_private_server() {
	local status=$?
	trap - EXIT
	trap '' HUP INT TERM
	cd /
	stop_private_server
	rm -rf "$work"
	exit $status
}
trap remove_private_server EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

link_all() {
	local entry
	mkdir -p "$2"
	for entry in "$1"/*; do
		[ -e "$2/${entry##*/}" ] || ln -s "$entry" "$2/"
	done
}

# Build, and lay out the server with the extension under $work/tree.
make_private_tree() {
	local tree=$work/tree system_bindir pkglibdir sharedir goal
	# Each on its own: Ctrl-C ends pg_config, too, and "cp -a /." of an empty name copies the machine.
	system_bindir=$("$pg_config" --bindir) && pkglibdir=$("$pg_config" --pkglibdir) &&
		sharedir=$("$pg_config" --sharedir) || return 1
	for goal in clean all install; do
		make -s -C "$top" "PG_CONFIG=$pg_config" with_llvm=no DESTDIR="$tree" $goal >"$work/build.log" 2>&1 ||
			{ cat "$work/build.log" >&2; return 1; }
	done
	bindir=$tree$system_bindir
	mkdir -p "$bindir"
	cp -a "$system_bindir"/. "$bindir" || return 1
	link_all "$pkglibdir" "$tree$pkglibdir"
	link_all "$sharedir/extension" "$tree$sharedir/extension"
	link_all "$sharedir" "$tree$sharedir"
	chmod 755 "$work"
	give_away "$work"
}

# What starts "postgres" from here on starts it under SERVER_UNDER, a checker of memory.
wrap_server() {
	unprivileged mv "$bindir/postgres" "$bindir/postgres.alone"
	printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$SERVER_UNDER" "$bindir/postgres.alone" | unprivileged tee "$bindir/postgres" >/dev/null
	unprivileged chmod 755 "$bindir/postgres"
}

start_private_server() {
	export PGHOST=$work/socket PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
	unset PGSERVICE PGPASSWORD PGOPTIONS PGAPPNAME PGHOSTADDR
	unprivileged mkdir -p -m 700 "$work/socket"
	# From a folder that the server's user may enter.
	(cd "$work" && unprivileged "$bindir/initdb" -D "$work/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
		>"$work/initdb.log" 2>&1) || { cat "$work/initdb.log" >&2; return 1; }
	[ -z "${SERVER_UNDER:-}" ] || wrap_server
	(cd "$work" && unprivileged "$bindir/pg_ctl" -D "$work/data" -l "$work/server.log" -w -s \
		-o "-c listen_addresses='' -c unix_socket_directories='$work/socket' -c fsync=off ${SERVER_OPTIONS:-} $*" start) ||
		{ cat "$work/server.log" >&2; return 1; }
}

stop_private_server() {
	if [ -e "$work/data/postmaster.pid" ]; then
		unprivileged "$bindir/pg_ctl" -D "$work/data" -m immediate -w -s stop || true
	fi
}
