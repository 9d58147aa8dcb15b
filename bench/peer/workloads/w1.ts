/** W1: a cycle that scores every prediction, takes snapshots with metrics and a Merkle tree, and ranks. */
import { referenceCycle, rowToTables } from '../compared-cycle.ts';
import { DURABLE, type Durability, withLog } from '../own-log.ts';
import { emptyDatabase, type Reference, startReference } from '../reference.ts';
import type { Row, Setting } from '../row.ts';
import { type Cycles, HORIZON, type OwnStages, ownStages } from '../scored-tables.ts';

export async function w1({ installed, postgres, folder, small }: Setting): Promise<Row[]> {
  const large = [
    { models: 50, inputs: 200, cycles: 3 },
    { models: 500, inputs: 40, cycles: 3 },
  ];
  const rows: Row[] = [];
  for (const size of small ? [{ models: 50, inputs: 20, cycles: 2 }] : large) {
    const databaseUrl = await emptyDatabase(postgres.url, 'reference_w1');
    const reference = await startReference({ installed, folder, databaseUrl });
    const urls = [await emptyDatabase(postgres.url, 'ours_w1'), await emptyDatabase(postgres.url, 'ours_w1_fsync')];
    try {
      await reference.call('w1', 'prepare', { models: size.models });
      await withLog('acknowledged', (one) =>
        withLog('fsynced', async (other) => {
          const acknowledged = await ownStages(one, urls[0]!, size);
          const fsynced = await ownStages(other, urls[1]!, size);
          try {
            rows.push(...(await compare(size, reference, { acknowledged, fsynced })));
          } finally {
            await acknowledged.stop();
            await fsynced.stop();
          }
        }),
      );
    } finally {
      await reference.stop();
    }
  }
  return rows;
}

async function compare(
  { models, inputs, cycles }: Cycles,
  reference: Reference,
  engines: Readonly<Record<Durability, OwnStages>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cycle = 0; cycle < cycles; cycle++) {
    await reference.call('w1', 'fill', { inputs, first: cycle * (inputs + HORIZON) + 1 });
    const theirs = await referenceCycle(reference);
    const what = `${models} x ${inputs}, cycle ${cycle + 1}`;
    const about = { workload: 'W1', what };
    const { scores, sum } = await reference.call<{ scores: number; sum: number }>('w1', 'totals');
    for (const durability of ['acknowledged', 'fsynced'] as const) {
      const ours = await engines[durability].cycle(cycle);
      if (ours.scores !== scores || Math.abs(ours.sum - sum) > 1e-6 * Math.max(1, Math.abs(sum))) {
        throw new Error(`expected the same scores: reference ${scores} of ${sum}, ours ${ours.scores} of ${ours.sum}`);
      }
      const { seconds: ranked } = ours.ranked;
      rows.push({ ...about, unit: 's', reference: theirs.seconds, ours: ranked, durable: DURABLE[durability] });
      rows.push(rowToTables(about, theirs, ours, durability));
    }
  }
  return rows;
}
