#!/usr/bin/env bash
# A full stream of nats-server 2.9 drops acknowledged messages although it says "discard new".
#
# Expected: with max_bytes and discard "new" a stream that is full refuses messages, and keeps those it acknowledged.
# True: before 2.10 it does so at most limits. At one that is a byte less than what a number of messages takes it goes on
#   taking every message, acknowledges it, and drops the oldest ones from the front, without a word.
# Versions: nats-server 2.9.10 and 2.10.27 (Go module github.com/nats-io/nats-server/v2), npm nats 2.29.3.
set -euo pipefail
work=$(mktemp -d)
pids=()
end() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  wait 2> /dev/null || true
  rm -rf "$work"
}
trap end EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-fund --no-audit nats@2.29.3

cat > limits.js <<'JS'
const { connect } = require('nats');
const [url, version] = process.argv.slice(2);
(async () => {
  const nc = await connect({ servers: url, waitOnFirstConnect: true });
  const ask = async (subject, body) => (await nc.request(subject, body)).json();
  // What five messages take, and a byte more and less.
  await ask('$JS.API.STREAM.CREATE.M', JSON.stringify({ name: 'M', subjects: ['S0.a'], storage: 'file' }));
  for (let n = 0; n < 5; n++) await ask('S0.a', 'x'.repeat(500));
  const five = (await ask('$JS.API.STREAM.INFO.M', '')).state.bytes;
  await ask('$JS.API.STREAM.DELETE.M', '');
  const seen = [];
  for (const [n, max_bytes] of [five - 1, five, five + 1].entries()) {
    const name = `S${n}`;
    await ask(`$JS.API.STREAM.CREATE.${name}`, JSON.stringify({ name, subjects: [`${name}.a`], storage: 'file', discard: 'new', max_bytes }));
    let acknowledged = 0;
    for (let n = 0; n < 20; n++) if (!(await ask(`${name}.a`, 'x'.repeat(500))).error) acknowledged++;
    const { state } = await ask(`$JS.API.STREAM.INFO.${name}`, '');
    seen.push(`five messages ${['- 1', '+ 0', '+ 1'][n]} byte: acknowledged ${acknowledged}, kept ${state.messages}`);
  }
  for (const line of seen) console.log(`${version}, ${line}`);
  await nc.close();
})();
JS

serve() { # version port
  GOBIN="$work/$1" GOFLAGS=-mod=mod go install "github.com/nats-io/nats-server/v2@v$1" 2> /dev/null
  "$work/$1/nats-server" -a 127.0.0.1 -p "$2" -js -sd "$work/store-$1" > "$work/$1.log" 2>&1 &
  pids+=($!)
  node limits.js "nats://127.0.0.1:$2" "$1"
}
base=$((20000 + RANDOM % 20000))
serve 2.9.10 "$base" | tee saw
serve 2.10.27 "$((base + 1))" | tee -a saw

diff saw - <<'SEEN'
2.9.10, five messages - 1 byte: acknowledged 20, kept 4
2.9.10, five messages + 0 byte: acknowledged 5, kept 5
2.9.10, five messages + 1 byte: acknowledged 5, kept 5
2.10.27, five messages - 1 byte: acknowledged 4, kept 4
2.10.27, five messages + 0 byte: acknowledged 4, kept 4
2.10.27, five messages + 1 byte: acknowledged 5, kept 5
SEEN
