# Sourced by test/run and test/model/run, on a server that runs; model is this folder.

# A Python with psycopg: Debian's, if the first one in the path has none.
model_python() {
	local python
	for python in python3 /usr/bin/python3; do
		"$python" -c 'import psycopg.pq' 2>/dev/null && { echo "$python"; return; }
	done
	echo "psycopg is missing: install python3-psycopg" >&2
	return 1
}

# All of it, as lines of "ok" and "not ok": so many operations compared, and half as many in each kind of race.
run_model() {
	local operations=$1
	run_model_program compare.py --operations "$operations"
	run_model_program compare.py --operations $((operations / 2)) --sessions 8
	run_model_program compare.py --operations $((operations / 2)) --sessions 8 --functions --statements 1
	run_model_program hidden.py
}

run_model_program() {
	local python program=$model/$1 status
	shift
	python=$(model_python) || { echo "not ok - ${program##*/} needs psycopg"; return; }
	PYTHONDONTWRITEBYTECODE=1 "$python" "$program" "$@" 2>&1
	status=$?
	[ "$status" = 0 ] || [ "$status" = 3 ] || echo "not ok - ${program##*/} ended with an error"
}
