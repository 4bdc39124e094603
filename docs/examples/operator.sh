#!/bin/sh
# Who asks; the newest task that was refused, and why; one order by what its client calls it; why its payments failed; what
# operators did. WSA_OPS is the address of the operator API, WSA_OPS_TOKEN the token of an operator.
set -eu
ask() { curl -fsS -H "Authorization: Bearer $WSA_OPS_TOKEN" "$WSA_OPS/ops/v1/$1"; echo; }
act() { curl -fsS -H "Authorization: Bearer $WSA_OPS_TOKEN" -H 'Content-Type: application/json' -d "$2" "$WSA_OPS/ops/v1/$1"; echo; }

ask me
ask 'tasks?state=refused&limit=1'
ask "orders?originalOrderId=$1"
ask "tasks?originalOrderId=$1"
act "objects/$2/pause" '{"reason": "the restaurant moves"}'
act "objects/$2/resume" '{"reason": "it has moved"}'
ask 'journal?limit=2'
