/**
 * Rebuilding read models: messages per second of `crunch-node replay`, as a ratio to reading the same stream raw and
 * parsing it, alternating in one run.
 *
 * `scripts/bench replay [events] [repetitions]`, default 1,000,000 and 3
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { privateNats, privatePostgres } from '@crunch-node/embedded/testing';
import { machine } from './support/machine.ts';
import type { Phase } from './support/replay-phase.ts';
import { percentile, rounded } from './support/statistics.ts';

const events = Number(process.argv[2] ?? 1_000_000);
const repetitions = Number(process.argv[3] ?? 3);
const nats = await privateNats();
const postgres = await privatePostgres();
const script = join(import.meta.dirname, 'support', 'replay-phase.ts');

function run(what: Phase['what'], projection: Phase['projection']): Promise<Record<string, number>> {
  const phase: Phase = { what, projection, events, natsUrl: nats.url, databaseUrl: postgres.url };
  return new Promise((resolve, reject) => {
    const child = fork(script, { execArgv: ['--import', 'tsx'] });
    let result: Record<string, number> | undefined;
    child.once('message', (message) => {
      result = message as Record<string, number>;
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      result === undefined ? reject(new Error(`${what} ended with ${code}`)) : resolve(result),
    );
    child.send(phase);
  });
}

const median = (values: readonly number[]): number => percentile(values, 50);

async function measure(projection: Phase['projection']) {
  const published = await run('publish', projection);
  const raw: Record<string, number>[] = [];
  const rebuilt: Record<string, number>[] = [];
  for (let i = 0; i < repetitions; i++) {
    raw.push(await run('raw', projection));
    rebuilt.push(await run('replay', projection));
    const [before, after] = [raw.at(-1)!, rebuilt.at(-1)!];
    console.log(
      `${projection}: raw ${Math.round(events / before.seconds!)}/s, copied ${Math.round(events / after.copied!)}/s, ` +
        `with indexes ${Math.round(events / after.built!)}/s, all of it ${rounded(after.total!)} s, ` +
        `${rounded((before.cpu_s! / events) * 1e6)} and ${rounded((after.cpu_s! / events) * 1e6)} µs of processor each, ` +
        `${Math.round(after.peak_rss_mb!)} MB`,
    );
  }
  const rate = (times: readonly number[]): number => Math.round(events / median(times));
  const microsEach = (phases: readonly Record<string, number>[]): number =>
    rounded((median(phases.map(({ cpu_s }) => cpu_s ?? 0)) / events) * 1e6);
  const ratios = raw.map(({ seconds }, i) => (seconds ?? 0) / (rebuilt[i]?.built ?? 1));
  return {
    projection,
    events,
    bytes_per_message: rounded((raw[0]?.bytes ?? 0) / events, 0),
    published_per_s: Math.round(events / (published.seconds ?? 1)),
    raw_per_s: rate(raw.map(({ seconds }) => seconds ?? 0)),
    copied_per_s: rate(rebuilt.map(({ copied }) => copied ?? 0)),
    built_per_s: rate(rebuilt.map(({ built }) => built ?? 0)),
    ratio_to_raw: rounded(median(ratios)),
    // Of this process alone, without the servers: what other work on the machine changes least.
    raw_cpu_us: microsEach(raw),
    rebuilt_cpu_us: microsEach(rebuilt),
    ratio_of_cpu: rounded(microsEach(raw) / microsEach(rebuilt)),
    total_s: rounded(median(rebuilt.map(({ total }) => total ?? 0))),
    peak_rss_mb: Math.round(Math.max(...rebuilt.map(({ peak_rss_mb }) => peak_rss_mb ?? 0))),
    raw_peak_rss_mb: Math.round(Math.max(...raw.map(({ peak_rss_mb }) => peak_rss_mb ?? 0))),
  };
}

try {
  const fold = await measure('models');
  const rows = await measure('feeds');
  console.log(JSON.stringify({ bench: 'replay', repetitions, fold, rows, machine: machine() }));
} finally {
  await postgres.stop();
  await nats.stop();
}
