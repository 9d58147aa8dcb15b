/** Cycles through the stages of ours into Postgres: what W1 times, and what W5 reads. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { activateConfig } from '@crunch-node/operations/activate';
import { createReadModel, openReadModel } from '@crunch-node/projections';
import { instantOfMillis, leaderboards, namespaceOf } from '@crunch-node/streams';
import { closedBy, fillLog } from '../support/prefilled-log.ts';
import { peakMemory } from '../support/process-tree.ts';
import { competition } from './competition.ts';
import type { OwnLog } from './own-log.ts';
import { disconnected, queried } from './reference.ts';
import { type Spent, stopwatch } from './spent.ts';
import { close, modelId, START, value } from './synthetic.ts';

/** Minutes from the last input of a cycle to its last horizon. */
export const HORIZON = 2;
const { schema } = namespaceOf();

export interface Cycles {
  readonly models: number;
  /** inputs of a cycle, one a minute */
  readonly inputs: number;
  readonly cycles: number;
}

export interface OwnCycle {
  /** the leaderboard is in the log */
  readonly ranked: Spent;
  /** scores and leaderboard are in Postgres */
  readonly tables: Spent;
  /** of the process, MB */
  readonly peak: number;
  readonly scores: number;
  readonly sum: number;
}

export interface OwnStages {
  /** Publishes the predictions of a cycle, then times its feed records and all that follows from them. */
  cycle(cycle: number): Promise<OwnCycle>;
  stop(): Promise<void>;
}

export async function ownStages({ log, server }: OwnLog, databaseUrl: string, size: Cycles): Promise<OwnStages> {
  const { models, inputs, cycles } = size;
  const cycleMinutes = inputs + HORIZON;
  const config = competition({ cycleSeconds: cycleMinutes * 60 });
  await activateConfig(log, config, 'bench', 'live');
  const filled = await fillLog(log, config, {
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
  const readModel = openReadModel({ url: databaseUrl, schema });
  await createReadModel(readModel.db, readModel.schema);
  await readModel.close();
  const args = [server.url, databaseUrl, String(cycleMinutes * 60)];
  const child = fork(new URL('./stages-process.ts', import.meta.url), args, { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  return {
    async cycle(cycle) {
      const minute = (cycle + 1) * cycleMinutes;
      // Models have answered before the cycle ends; the reference finds their predictions in Postgres as well.
      await filled.publishPredictions(minute);
      const stop = stopwatch();
      await filled.publishFeeds(minute);
      await closedBy(log, leaderboards, [leaderboards.closingSubject()], minute, () => delay(5));
      const ranked = stop();
      const { scores, sum } = await inTables(databaseUrl, models * inputs * (cycle + 1), minute);
      return { ranked, tables: stop(), peak: peakMemory(child.pid!), scores, sum };
    },
    stop: () => disconnected(child),
  };
}

/** All cycles, one after the other, until their rows are in Postgres. */
export async function scoredTables(own: OwnLog, databaseUrl: string, size: Cycles): Promise<void> {
  const stages = await ownStages(own, databaseUrl, size);
  try {
    for (let cycle = 0; cycle < size.cycles; cycle++) await stages.cycle(cycle);
  } finally {
    await stages.stop();
  }
}

async function inTables(url: string, expected: number, minute: number): Promise<{ scores: number; sum: number }> {
  const end = instantOfMillis(START + minute * 60_000);
  const table = (name: string): string => `"${schema}".${name}`;
  for (;;) {
    const [row] = (await queried(
      url,
      `select (select count(*)::integer from ${table('scores')}) as scores,
        (select sum(value::text::float8) from ${table('scores')}) as sum,
        (select count(*)::integer from ${table('leaderboards')} where cycle_end >= '${end}') as ranks`,
    )) as [{ scores: number; sum: number; ranks: number }];
    if (row.scores >= expected && row.ranks > 0) return row;
    await delay(10);
  }
}
