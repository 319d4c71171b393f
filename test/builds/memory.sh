# Sourced by the builds here: runs of the tests under a checker of memory, and
# what the checker says.

builds=$top/test/builds
# What the server's processes write their reports to, whoever they run as.
reports=$(mktemp -d "${TMPDIR:-/tmp}/skills.reports.XXXXXX")
chmod 1777 "$reports"
chmod a+x "$reports"
trap 'rm -rf "$reports"' EXIT

REGRESS= ISOLATION=
passed=0
failed=0
failures=()

outcome() {
	local status=$1
	shift
	if [ "$status" = 0 ]; then
		echo "ok - $*"
		passed=$((passed + 1))
	else
		echo "not ok - $*"
		failed=$((failed + 1))
		failures+=("$*")
	fi
}

# The tests' own count is added to ours.
run_tests() {
	local name=$1 line
	shift
	echo "# $name"
	"$top/test/run" "$@" 2>&1 | tee "$reports/run.log"
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$reports/run.log" | tail -n 1)
	if [ -z "$line" ]; then
		outcome 1 "$name: the tests ran"
		return
	fi
	passed=$((passed + ${line%% *}))
	line=${line#* passed, }
	[ "${line%% *}" = 0 ] || { failed=$((failed + ${line%% *})); failures+=("$name"); }
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

say_outcome() {
	[ "$failed" = 0 ] || printf 'failed: %s\n' "${failures[@]}"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
