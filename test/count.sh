# Sourced by whatever runs tests: counts them, and says so in the last line.

passed=0
failed=0
failures=()

# A line of TAP, or of pg_regress, which up to PostgreSQL 15 says "test name ... ok". WHERE names it in the end.
count_line() {
	local line=$1 where=${2:+$2 }
	printf '%s\n' "$line"
	case $line in
		"not ok "*) failed=$((failed + 1)); line=${line#not ok }; failures+=("$where${line#- }") ;;
		"ok "* | "test "*"... ok"*) passed=$((passed + 1)) ;;
		"test "*"... "*) failed=$((failed + 1)); line=${line#test }; failures+=("$where${line%% *}") ;;
	esac
}

count_lines() {
	local line
	while IFS= read -r line; do count_line "$line" "${1:-}"; done
}

# Of one command, by its status.
outcome() {
	if [ "$1" = 0 ]; then count_line "ok - $2"; else count_line "not ok - $2"; fi
}

# Adds what the last line of another run says. One without such a line, or that
# failed all the same, ended with an error.
add_run() {
	local name=$1 status=$2 log=$3 line
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
	if [ -z "$line" ] || { [ "$status" -ne 0 ] && [[ $line == *" 0 failed" ]]; }; then
		outcome 1 "$name ended with an error"
		return
	fi
	passed=$((passed + ${line%% *}))
	line=${line#* passed, }
	[ "${line%% *}" = 0 ] || failures+=("$name: ${line%% *}")
	failed=$((failed + ${line%% *}))
}

say_counts() {
	[ "$failed" -eq 0 ] || printf 'failed: %s\n' "${failures[@]}"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
