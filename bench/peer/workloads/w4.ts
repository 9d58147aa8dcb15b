/** W4: the leaderboard of models with a thousand snapshots each, by a window of an hour. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { activateConfig } from '@crunch-node/operations/activate';
import {
  instantOfMillis,
  leaderboards,
  millisOf,
  SnapshotsCycleClosed,
  SnapshotTaken,
  snapshots,
} from '@crunch-node/streams';
import { closedBy } from '../../support/prefilled-log.ts';
import { peakMemory } from '../../support/process-tree.ts';
import { competition } from '../competition.ts';
import { DURABLE, type OwnLog, withLog } from '../own-log.ts';
import { disconnected, emptyDatabase, startReference } from '../reference.ts';
import type { Row, Setting } from '../row.ts';
import { type Spent, stopwatch } from '../spent.ts';
import { modelId, START, summary } from '../synthetic.ts';

interface Size {
  readonly models: number;
  readonly cycles: number;
}

/** Rebuilds of either system. */
const TURNS = 3;

export async function w4({ installed, postgres, folder, small }: Setting): Promise<Row[]> {
  const size = small ? { models: 100, cycles: 200 } : { models: 500, cycles: 1000 };
  const databaseUrl = await emptyDatabase(postgres.url, 'reference_w4');
  const reference = await startReference({ installed, folder, databaseUrl });
  const rows: Row[] = [];
  try {
    await reference.call('w4', 'prepare', { models: size.models, snapshots: size.cycles });
    for (const durability of ['acknowledged', 'fsynced'] as const) {
      await withLog(durability, async (own) => {
        const ours = await started(own, size);
        try {
          for (let turn = 0; turn < TURNS; turn++) {
            const stop = stopwatch();
            const theirs = await reference.call<{ seconds: number; peak_rss_mb: number }>('w4', 'rebuild');
            const { cpu } = stop();
            const next = await ours.cycle();
            const row = {
              workload: 'W4',
              unit: 's' as const,
              reference: theirs.seconds,
              referenceCpu: cpu,
              referencePeak: theirs.peak_rss_mb,
              oursPeak: ours.peak(),
              durable: DURABLE[durability],
            };
            const what = `${size.models} x ${size.cycles}, turn ${turn + 1}`;
            rows.push({ ...row, what: `${what}, state kept`, ours: next.seconds, oursCpu: next.cpu });
            if (turn > 0) continue;
            const { seconds, cpu: oursCpu } = ours.fromNothing;
            rows.push({ ...row, what: `${what}, from nothing, with all earlier ones`, ours: seconds, oursCpu });
          }
        } finally {
          await ours.stop();
        }
      });
    }
    const entries = await reference.call<number>('w4', 'entries');
    if (entries !== size.models) throw new Error(`expected ${size.models} entries, the reference has ${entries}`);
  } finally {
    await reference.stop();
  }
  return rows;
}

/** A log with all snapshots, and rank, which has read them for the first time. */
async function started({ log, server }: OwnLog, { models, cycles }: Size) {
  await activateConfig(log, competition(), 'bench', 'live');
  const publisher = log.publisher();
  let ends = 0;
  const end = () => instantOfMillis(START + ends * 60_000);
  async function take(): Promise<void> {
    ends++;
    const cycle_end = end();
    const taken = Array.from({ length: models }, (_, m) => {
      const { metric_0, ...metrics } = summary(m, ends);
      return SnapshotTaken.at(cycle_end, {
        snapshot_id: `SNAP_${modelId(m)}_${millisOf(cycle_end)}`,
        model_id: modelId(m),
        cycle_end,
        period_start: cycle_end,
        period_end: cycle_end,
        prediction_count: 20,
        failed_count: 0,
        result_summary: { value: metric_0!, ...metrics },
        unavailable: {},
        content_hash: 'a'.repeat(64),
      });
    });
    await Promise.all(
      taken.map((event) =>
        publisher.append(snapshots, { event, natsSubject: SnapshotTaken.natsSubjectOf(event.data) }),
      ),
    );
  }
  async function closeCycle(): Promise<void> {
    const start = ends === 1 ? null : instantOfMillis(START + (ends - 1) * 60_000);
    const data = { start, end: end(), config_hash: 'bench', merkle: null, chain: null };
    const event = SnapshotsCycleClosed.at(end(), data);
    await publisher.append(snapshots, { event, natsSubject: SnapshotsCycleClosed.natsSubjectOf(data) });
  }
  const ranked = () => closedBy(log, leaderboards, [leaderboards.closingSubject()], ends, () => delay(2));
  for (let cycle = 0; cycle < cycles; cycle++) {
    await take();
    await closeCycle();
  }
  const args = [server.url, '', '60', 'rank'];
  const child = fork(new URL('../stages-process.ts', import.meta.url), args, { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  const stop = stopwatch();
  await ranked();
  return {
    fromNothing: stop(),
    /** Snapshots are stored, as the reference finds them; then the cycle ends. */
    async cycle(): Promise<Spent> {
      const whole = stopwatch();
      await take();
      const closing = stopwatch();
      await closeCycle();
      await ranked();
      return { seconds: closing().seconds, cpu: whole().cpu };
    },
    peak: () => peakMemory(child.pid!),
    async stop() {
      await disconnected(child);
      await publisher.close();
    },
  };
}
