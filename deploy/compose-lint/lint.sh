#!/usr/bin/env bash
# Loads the compose files as Docker Compose does, with its own loader (compose-go: merging, schema, references), and those of
# a new project of each pack. Needs Go 1.23 or newer.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$here")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$here" && go build -o "$work/compose-lint" .)
export POSTGRES_PASSWORD=p NATS_SERVICES_PASSWORD=p NATS_OBSERVER_PASSWORD=p NATS_SIGNALS_PASSWORD=p NATS_SYS_PASSWORD=p

load() {
  "$work/compose-lint" "$@" > "$work/loaded.yaml"
  echo "loaded $* ($(grep -c '' "$work/loaded.yaml") lines)"
}
no_plaintext() {
  # what follows are anchors, which no service has any more
  if sed '/^x-/,$d' "$work/loaded.yaml" | grep -nE 'nats://|postgres://[^?]*$'; then
    echo "expected TLS everywhere" >&2
    exit 1
  fi
}

cd "$root"
load compose.yaml
load compose.yaml compose.secure.yaml
no_plaintext
for pack in realtime trading tournament custom; do
  node --import tsx packages/cli/bin/crunch-node.js init "$work/$pack-challenge" --yes --pack "$pack" > "$work/init.log"
  cd "$work/$pack-challenge/node"
  load compose.yaml
  load compose.yaml compose.secure.yaml
  no_plaintext
  cd "$root"
done
if "$work/compose-lint" compose.secure.yaml > /dev/null 2>&1; then
  echo "expected the override alone to be refused" >&2
  exit 1
fi
