/**
 * The reference engine and this one doing the same work in turns, in one run, on one Postgres: bench/peer/README.md has
 * the workloads. Needs Python 3.11 or newer with pip.
 *
 * `scripts/bench peer [W1 W2 …] [--small]`; the last line is JSON.
 */
import { loadavg } from 'node:os';
import { tempDir } from '@crunch-node/embedded';
import { privatePostgres } from '@crunch-node/embedded/testing';
import { installReference } from './peer/reference.ts';
import { cpuRatioOf, type Row, ratioOf, type Setting } from './peer/row.ts';
import { w1 } from './peer/workloads/w1.ts';
import { w2 } from './peer/workloads/w2.ts';
import { w4 } from './peer/workloads/w4.ts';
import { w5 } from './peer/workloads/w5.ts';
import { w6 } from './peer/workloads/w6.ts';
import { w7 } from './peer/workloads/w7.ts';
import { machine } from './support/machine.ts';
import { rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const workloads: Readonly<Record<string, (setting: Setting) => Promise<Row[]>>> = {
  W1: w1,
  W2: w2,
  W4: w4,
  W5: w5,
  W6: w6,
  W7: w7,
};

const given = process.argv.slice(2);
const small = given.includes('--small');
const asked = given.filter((word) => word !== '--small').map((word) => word.toUpperCase());
const unknown = asked.filter((word) => !(word in workloads));
if (unknown.length > 0) {
  throw new Error(
    `expected workloads of ${Object.keys(workloads).join(', ')}, or --small; received ${unknown.join(', ')}`,
  );
}

const installed = await installReference();
const postgres = await privatePostgres();
const folder = await tempDir('crunch-peer-');
const rows: Row[] = [];
const loads: number[] = [];
const failures: Record<string, string> = {};
try {
  for (const name of asked.length > 0 ? asked : Object.keys(workloads)) {
    process.stderr.write(`${name} …\n`);
    loads.push(loadavg()[0]!);
    try {
      rows.push(...(await workloads[name]!({ installed, postgres, folder: folder.path, small })));
    } catch (error) {
      failures[name] = (error as Error).message;
      process.stderr.write(`${name} failed: ${(error as Error).stack}\n`);
    }
  }
} finally {
  await postgres.stop();
  await folder.remove();
}

const number = (value: number | null | undefined, digits = 3): string | number =>
  value === undefined || value === null ? '' : value >= 100 ? Math.round(value) : Number(value.toPrecision(digits));
const table = tableOf(['', 'what', 'unit', 'reference', 'ours', 'ratio', 'CPU ref', 'CPU ours', 'ratio', 'peak MB']);
for (const row of rows) {
  const peaks = [row.referencePeak, row.oursPeak].map((peak) => (peak === undefined ? '' : Math.round(peak)));
  table.push([
    row.workload,
    `${row.what}; ${row.durable}`,
    row.unit,
    number(row.reference),
    number(row.ours),
    number(ratioOf(row)),
    number(row.referenceCpu),
    number(row.oursCpu),
    number(cpuRatioOf(row)),
    peaks.join(' / '),
  ]);
}
console.log(table.toString());
console.log(
  JSON.stringify({
    bench: 'peer',
    reference: 'crunch-node 0.1.101',
    small,
    load: loads.map((load) => rounded(load)),
    results: rows.map((row) => ({ ...row, ratio: ratioOf(row), cpu_ratio: cpuRatioOf(row) })),
    failures,
    ...machine(),
  }),
);
if (Object.keys(failures).length > 0) process.exitCode = 1;
