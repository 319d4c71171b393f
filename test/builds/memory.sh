# Sourced by the builds here: runs of the tests under a checker of memory, and
# what the checker says.

builds=$top/test/builds
# What the server's processes write their reports to, whoever they run as.
reports=$(mktemp -d "${TMPDIR:-/tmp}/skills.reports.XXXXXX")
chmod 1777 "$reports"
chmod a+x "$reports"
trap 'rm -rf "$reports"' EXIT

REGRESS= ISOLATION=
. "$top/test/count.sh"

run_tests() {
	local name=$1
	shift
	echo "# $name"
	"$top/test/run" "$@" 2>&1 | tee "$reports/run.log"
	add_run "$name" "${PIPESTATUS[0]}" "$reports/run.log"
}

# None of the server's processes has ended by a signal, as an assertion ends it.
no_crash() {
	local name=$1 log=$top/build/results
	grep -rhE 'TRAP: |was terminated by signal|detected write past chunk end|problem in alloc set' "$log" | sort | uniq -c | head -n 20 >"$reports/crashes"
	cat "$reports/crashes"
	outcome "$([ -s "$reports/crashes" ] && echo 1 || echo 0)" "$name: no assertion failed, and no chunk was overrun"
}

# What the checker reported, a file a process; such a line says that it found something.
no_reports() {
	local name=$1 sign=$2
	grep -lE -- "$sign" "$reports"/process.* >"$reports/found" 2>/dev/null
	# shellcheck disable=SC2046 # names of ours, without spaces
	[ ! -s "$reports/found" ] || cat $(head -n 5 "$reports/found") | head -n 200
	outcome "$([ -s "$reports/found" ] && echo 1 || echo 0)" "$name: nothing found"
}

# The server with assertions, or why it cannot be had: then that much is left out.
get_server() {
	built=$("$builds/server") || return 1
	export PG_CONFIG=$built
	built=${built%/bin/pg_config}
}
