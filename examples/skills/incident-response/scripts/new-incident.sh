#!/bin/sh
# Prints the empty document of an incident.
# Usage: new-incident.sh SHORT-NAME SEV1|SEV2|SEV3
case ${2-} in
	SEV[123]) ;;
	*) echo "usage: $0 SHORT-NAME SEV1|SEV2|SEV3" >&2; exit 2 ;;
esac
cat <<DOCUMENT
# $(date -u +%Y%m%d)-$1

Severity: $2
Opened: $(date -u +%H:%M) UTC
Leader:
Hands:
Voice:
Scribe:

## What customers see

## Time line (UTC)

$(date -u +%H:%M)  opened as $2

## Decisions

## Switched off, to be switched on again
DOCUMENT
