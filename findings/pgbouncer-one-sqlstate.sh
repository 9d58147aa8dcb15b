#!/usr/bin/env bash
# One would expect the SQLSTATE of an error to tell a client whether trying again can help: class 28 for a wrong password,
# 3D000 for a database that does not exist, 57P03 or 08006 for a server that is away.
# True: PgBouncer 1.18 (Debian 12) answers all of them with 08P01, "protocol violation", and so too a start-up parameter
# it does not take. A client that treats class 08 as "connection lost, try again" repeats a wrong password for ever; one
# that treats 08P01 as final gives up when the server restarts. Only the text tells them apart.
# Source: Debian packages pgbouncer 1.18.0-1, libevent-2.1-7, libc-ares2; npm pg 8.23.1. No Postgres is needed.
set -euo pipefail
dir=$(mktemp -d); chmod 755 "$dir"; pid=
trap '[ -n "$pid" ] && kill "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
[ "$(id -u)" != 0 ] || apt-get update -qq >/dev/null 2>&1 || true
apt-get download -q pgbouncer libevent-2.1-7 libc-ares2 >/dev/null 2>&1
for deb in ./*.deb; do dpkg -x "$deb" root; done
npm init -y >/dev/null && npm install --silent --no-audit --no-fund pg@8.23.1 >/dev/null
free() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }
port=$(free); nobody_listens=$(free)
cat > pgbouncer.ini <<INI
[databases]
away = host=127.0.0.1 port=$nobody_listens
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $dir/users.txt
pool_mode = transaction
query_wait_timeout = 2
INI
echo '"u" "right"' > users.txt
run=(env "LD_LIBRARY_PATH=$(echo root/usr/lib/*/)" root/usr/sbin/pgbouncer pgbouncer.ini)
[ "$(id -u)" != 0 ] || run=(setpriv --reuid 65534 --regid 65534 --clear-groups "${run[@]}") # it refuses to run as root
"${run[@]}" > log 2>&1 & pid=$!
for _ in $(seq 100); do grep -q 'process up' log && break; sleep 0.1; done
grep -oiE 'pgbouncer [0-9.]+' log | head -1
cat > ask.js <<'JS'
const { Client } = require('pg');
const port = Number(process.argv[2]);
const right = { host: '127.0.0.1', port, user: 'u', password: 'right', database: 'away' };
const cases = {
  'a server that is away': right,
  'a wrong password': { ...right, password: 'wrong' },
  'an unknown database': { ...right, database: 'nowhere' },
  'a parameter it does not take': { ...right, statement_timeout: 1000 },
};
(async () => {
  const codes = new Set();
  for (const [name, config] of Object.entries(cases)) {
    const client = new Client(config);
    client.on('error', () => {});
    const error = await client.connect().then(() => client.query('select 1')).then(() => ({ code: 'none' }), (e) => e);
    console.log(`${name.padEnd(30)} ${error.code}  ${error.message}`);
    codes.add(error.code);
    await client.end().catch(() => {});
  }
  process.exit(codes.size === 1 && codes.has('08P01') ? 0 : 1);
})();
JS
node ask.js "$port"
