#!/bin/sh
# The gate before a deployment: prints the snapshot to restore from, or fails.
#   pre-deploy.sh DIR [POLICY]
# DIR holds savepoints, or the checkpoints of a job. A snapshot that passes is sealed beside its directory, so that a later
# run finds every changed byte.
set -eu
dir=$1
policy=${2:-}

snapshot=$(tarn latest "$dir")
if [ -n "$policy" ]; then
    tarn validate --deep --policy "$policy" "$snapshot" >&2
else
    tarn validate --deep "$snapshot" >&2
fi
[ -e "$snapshot.seal.json" ] || tarn seal "$snapshot" >&2
echo "$snapshot"
