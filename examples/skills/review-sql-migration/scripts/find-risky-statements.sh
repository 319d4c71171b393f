#!/bin/sh
# Prints the lines of SQL files that a reviewer should look at twice.
# Usage: find-risky-statements.sh FILE...
# Exit status: 0 if nothing was found, 1 if something was, 2 without a file.
[ $# -gt 0 ] || { echo "usage: $0 FILE..." >&2; exit 2; }

found=0
look_for() {
	pattern=$1 why=$2
	shift 2
	if grep -HniE "$pattern" -- "$@" | grep -vi "concurrently" | sed "s/^/[$why] /" | grep .; then found=1; fi
}

look_for 'create +(unique +)?index' 'index without CONCURRENTLY' "$@"
look_for 'set +not +null' 'scans the table' "$@"
look_for 'alter +(column +)?[^ ]+ +(set +data +)?type' 'may rewrite the table' "$@"
look_for 'add +constraint.*(foreign +key|check)' 'NOT VALID?' "$@"
look_for 'rename +(column|to)' 'breaks the running app' "$@"
look_for 'drop +(column|table|type)' 'no way back' "$@"
look_for '^ *update +' 'batches?' "$@"
look_for 'lock +table|vacuum +full|cluster ' 'ACCESS EXCLUSIVE' "$@"
exit $found
