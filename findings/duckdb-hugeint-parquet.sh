#!/usr/bin/env bash
# Expected: an integer column written to Parquet and read back holds the same integers.
# True: DuckDB writes a HUGEINT as DOUBLE without a warning, so ids above 2^53 change, and neighbours become one. HUGEINT
#   is easily had without asking for it: sum() over BIGINT, or a literal above 2^63. DECIMAL(38, 0) keeps its digits.
# Seen with: @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5). Source: seen by running it; DuckDB documents HUGEINT as 128 bits.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @duckdb/node-api@1.5.6-r.1 >/dev/null
cat >show.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const rows = async (sql) => (await connection.runAndReadAll(sql)).getRows().map((row) => row.map(String));
const round = async (type) => {
  await connection.run(`copy (select (9007199254740990::hugeint + i)::${type} as id from range(2, 6) r(i)) to 'x.parquet'`);
  const [[, stored]] = await rows(`describe select * from 'x.parquet'`);
  const ids = (await rows(`select id::varchar from 'x.parquet'`)).flat();
  console.log(`${type.padEnd(14)} stored as ${stored.padEnd(14)} ${ids.join(' ')}`);
  return { stored, distinct: new Set(ids).size };
};
await round('bigint');
await round('decimal(38, 0)');
const huge = await round('hugeint');
const [[sum]] = await rows('select typeof(sum(i)) from range(3) r(i)');
console.log(`sum of BIGINT is ${sum}`);
if (huge.stored !== 'DOUBLE' || huge.distinct === 4 || sum !== 'HUGEINT') process.exit(1);
JS
node show.mjs
