/** W1: a cycle that scores every prediction, takes snapshots with metrics and a Merkle tree, and ranks. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { activateConfig } from '@crunch-node/operations/activate';
import { instantOfMillis, leaderboards, namespaceOf } from '@crunch-node/streams';
import { closedBy, fillLog } from '../../support/prefilled-log.ts';
import { peakMemory } from '../../support/process-tree.ts';
import { competition } from '../competition.ts';
import { DURABLE, type Durability, type OwnLog, withLog } from '../own-log.ts';
import { disconnected, emptyDatabase, queried, type Reference, startReference } from '../reference.ts';
import type { Row, Setting } from '../row.ts';
import { type Spent, stopwatch } from '../spent.ts';
import { close, modelId, START, value } from '../synthetic.ts';

interface Size {
  readonly models: number;
  readonly inputs: number;
}

/** Minutes from the last input of a cycle to its last horizon. */
const HORIZON = 2;
const { schema } = namespaceOf();

export async function w1({ installed, postgres, folder, small }: Setting): Promise<Row[]> {
  const sizes = small
    ? [{ models: 50, inputs: 20 }]
    : [
        { models: 50, inputs: 200 },
        { models: 500, inputs: 40 },
      ];
  const cycles = small ? 2 : 3;
  const rows: Row[] = [];
  for (const size of sizes) {
    const databaseUrl = await emptyDatabase(postgres.url, 'reference_w1');
    const reference = await startReference({ installed, folder, databaseUrl });
    try {
      await reference.call('w1', 'prepare', { models: size.models });
      await inBothModes((acknowledged, fsynced) =>
        compare({ size, cycles, reference, engines: [acknowledged, fsynced], rows }),
      );
    } finally {
      await reference.stop();
    }
  }
  return rows;

  async function inBothModes(work: (acknowledged: Engine, fsynced: Engine) => Promise<void>): Promise<void> {
    const urls = [await emptyDatabase(postgres.url, 'ours_w1'), await emptyDatabase(postgres.url, 'ours_w1_fsynced')];
    await withLog('acknowledged', (one) =>
      withLog('fsynced', (other) =>
        work(
          { durability: 'acknowledged', own: one, databaseUrl: urls[0]! },
          { durability: 'fsynced', own: other, databaseUrl: urls[1]! },
        ),
      ),
    );
  }
}

interface Engine {
  readonly durability: Durability;
  readonly own: OwnLog;
  readonly databaseUrl: string;
}

interface Compared {
  readonly size: Size;
  readonly cycles: number;
  readonly reference: Reference;
  readonly engines: readonly Engine[];
  readonly rows: Row[];
}

async function compare({ size, cycles, reference, engines, rows }: Compared): Promise<void> {
  const running = await Promise.all(engines.map((engine) => started(engine, size, cycles)));
  try {
    for (let cycle = 0; cycle < cycles; cycle++) {
      const first = cycle * (size.inputs + HORIZON) + 1;
      await reference.call('w1', 'fill', { inputs: size.inputs, first });
      const stop = stopwatch();
      const theirs = await reference.call<{ seconds: number; peak_rss_mb: number }>('w1', 'cycle');
      const { cpu } = stop();
      const what = `${size.models} x ${size.inputs}, cycle ${cycle + 1}`;
      const common = { workload: 'W1', unit: 's', reference: theirs.seconds, referenceCpu: cpu } as const;
      const { scores, sum } = await reference.call<{ scores: number; sum: number }>('w1', 'totals');
      for (const engine of running) {
        const ours = await engine.cycle(cycle);
        if (ours.scores !== scores || Math.abs(ours.sum - sum) > 1e-6 * Math.max(1, Math.abs(sum))) {
          throw new Error(
            `expected the same scores: reference ${scores} sum ${sum}, ours ${ours.scores} sum ${ours.sum}`,
          );
        }
        const durable = DURABLE[engine.durability];
        const peaks = { referencePeak: theirs.peak_rss_mb, oursPeak: ours.peak };
        rows.push({ ...common, what, ours: ours.ranked.seconds, oursCpu: ours.tables.cpu, ...peaks, durable });
        rows.push({ ...common, what, ours: ours.tables.seconds, durable: `${durable}, tables` });
      }
    }
  } finally {
    for (const engine of running) await engine.stop();
  }
}

interface OwnCycle {
  /** the leaderboard is in the log */
  readonly ranked: Spent;
  /** scores and leaderboard are in Postgres */
  readonly tables: Spent;
  readonly peak: number;
  readonly scores: number;
  readonly sum: number;
}

async function started({ durability, own, databaseUrl }: Engine, { models, inputs }: Size, cycles: number) {
  const cycleMinutes = inputs + HORIZON;
  const config = competition({ cycleSeconds: cycleMinutes * 60 });
  await activateConfig(own.log, config, 'bench', 'live');
  const filled = await fillLog(own.log, config, {
    models,
    minutes: cycles * cycleMinutes,
    cycleMinutes,
    holdsPredictions: true,
    particular: {
      modelId,
      values: (minute) => ({ open: close(minute - 1), close: close(minute) }),
      answer: (model, minute) => value(Number(model.slice(-4)), minute),
      asks: (minute) => (minute - 1) % cycleMinutes < inputs,
    },
  });
  const child = fork(
    new URL('../stages-process.ts', import.meta.url),
    [own.server.url, databaseUrl, String(cycleMinutes * 60)],
    { execArgv: ['--import', 'tsx'] },
  );
  await once(child, 'message');
  const table = (name: string): string => `"${schema}".${name}`;
  return {
    durability,
    async cycle(cycle: number): Promise<OwnCycle> {
      const minute = (cycle + 1) * cycleMinutes;
      const end = instantOfMillis(START + minute * 60_000);
      // Models have answered before the cycle ends; the reference finds their predictions in Postgres as well.
      await filled.publishPredictions(minute);
      const stop = stopwatch();
      await filled.publishFeeds(minute);
      await closedBy(own.log, leaderboards, [leaderboards.closingSubject()], minute, () => delay(5));
      const ranked = stop();
      const expected = models * inputs * (cycle + 1);
      let scores = 0;
      let ranks = 0;
      let sum = 0;
      while (scores < expected || ranks === 0) {
        await delay(10);
        const [row] = (await queried(
          databaseUrl,
          `select (select count(*)::integer from ${table('scores')}) as scores,
            (select sum(value::text::float8) from ${table('scores')}) as sum,
            (select count(*)::integer from ${table('leaderboards')} where cycle_end >= '${end}') as ranks`,
        )) as [{ scores: number; sum: number; ranks: number }];
        ({ scores, ranks, sum } = row);
      }
      return { ranked, tables: stop(), peak: peakMemory(child.pid!), scores, sum };
    },
    stop: () => disconnected(child),
  };
}
