import { allProjections } from '../all-projections.ts';
import type { ReadModel } from '../read-model/open.ts';
import { recorded } from './recorded.ts';
import type { Sample } from './sample.ts';

/** Writes a log into the tables without a server: each projection applies its stream in batches of `batchSize`. */
export async function fill({ db, schema }: ReadModel, log: readonly Sample[], batchSize = 1_000): Promise<void> {
  for (const projection of allProjections({ configIdOf: ({ scope_key }) => `CFG_${scope_key}` })) {
    const mine = log.filter(({ stream }) => stream.name === projection.stream.name);
    const measured = new Map(mine.map(({ event, obs }) => [event, obs]));
    const events = recorded(
      mine.map(({ event }) => event),
      (event) => measured.get(event),
    );
    let closings = {};
    for (let i = 0; i < events.length; i += batchSize) {
      const applied = projection.apply(events.slice(i, i + batchSize) as never, closings);
      await projection.write(db, schema, applied.rows);
      closings = applied.closings;
    }
  }
}
