#!/bin/sh
# Waits until a pool has free accelerators. Uses kubectl in its current namespace; exits 1 when the time is over.
set -eu
if [ $# -ne 4 ]; then
  echo "usage: $0 POOL RESOURCE COUNT SECONDS     for example: $0 vision nvidia.com/gpu 8 3600" >&2
  exit 2
fi
pool=$1 resource=$2 count=$3 seconds=$4
key=$(printf '%s' "$resource" | sed 's/\./\\./g')
# Ready and Synced as well: a number that is out of date is none.
said="{.status.conditions[?(@.type=='Ready')].status}/{.status.conditions[?(@.type=='Synced')].status}/{.status.free.$key}"
end=$(($(date +%s) + seconds))
last=
while :; do
  if answer=$(kubectl get modelartspool "$pool" --output "jsonpath=$said"); then
    case $answer in
      True/True/*[!0-9k]* | True/True/) now="not known" ;;
      True/True/*k) now=${answer#True/True/} now=${now%k}000 ;;
      True/True/*) now=${answer#True/True/} ;;
      *) now="not known" ;;
    esac
  else
    now="not known"
  fi
  if [ "$now" != "$last" ]; then
    echo "$pool: $resource free: $now, wanted: $count"
    last=$now
  fi
  if [ "$now" != "not known" ] && [ "$now" -ge "$count" ]; then
    exit 0
  fi
  if [ "$(date +%s)" -ge "$end" ]; then
    echo "$pool: $count $resource did not become free within $seconds s" >&2
    exit 1
  fi
  sleep "${POLL_SECONDS:-5}"
done
