/** W2: the cycle of W1 by the age of the competition. */
import { referenceCycle, rowToTables } from '../compared-cycle.ts';
import { type Durability, withLog } from '../own-log.ts';
import { emptyDatabase, startReference } from '../reference.ts';
import type { Row, Setting } from '../row.ts';
import { HORIZON, type OwnCycle, ownStages } from '../scored-tables.ts';

const MODELS = 50;
const INPUTS = 20;

export async function w2(setting: Setting): Promise<Row[]> {
  const rows: Row[] = [];
  for (const history of setting.small ? [0, 100] : [0, 1_000, 4_000, 10_000]) {
    rows.push(...(await compare(setting, history)));
  }
  return rows;
}

/** @param history inputs that were scored before; ours scores them itself, the reference finds their rows */
async function compare({ installed, postgres, folder }: Setting, history: number): Promise<Row[]> {
  const databaseUrl = await emptyDatabase(postgres.url, 'reference_w2');
  if (history > 0) {
    const filler = await startReference({ installed, folder, databaseUrl });
    await filler.call('w5', 'prepare', { models: MODELS, inputs: history, snapshots: history / 4 });
    await filler.stop();
  }
  const reference = await startReference({ installed, folder, databaseUrl });
  try {
    await reference.call('w1', 'prepare', { models: MODELS });
    await reference.call('w1', 'fill', { inputs: INPUTS, first: history + HORIZON + 1 });
    const theirs = await referenceCycle(reference);
    const rows: Row[] = [];
    for (const durability of ['acknowledged', 'fsynced'] as const) {
      const ours = await ownCycle(durability, await emptyDatabase(postgres.url, 'ours_w2'), history);
      const what = `${MODELS} x ${INPUTS} after ${MODELS} x ${history}`;
      rows.push(rowToTables({ workload: 'W2', what }, theirs, ours, durability));
    }
    return rows;
  } finally {
    await reference.stop();
  }
}

const ownCycle = (durability: Durability, databaseUrl: string, history: number): Promise<OwnCycle> =>
  withLog(durability, async (own) => {
    const cycles = history / INPUTS + 1;
    const stages = await ownStages(own, databaseUrl, { models: MODELS, inputs: INPUTS, cycles });
    try {
      for (let cycle = 0; cycle < cycles - 1; cycle++) await stages.cycle(cycle);
      return await stages.cycle(cycles - 1);
    } finally {
      await stages.stop();
    }
  });
