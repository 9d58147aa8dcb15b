import { draws } from '@crunch-node/stages/testing';
import type { Event } from '@crunch-node/streams';
import { sql } from 'kysely';
import type { RowProjection } from '../loop/row-projection.ts';

interface Drawn {
  readonly id: string;
  readonly n: number;
}

/** The smallest projection: numbers drawn, one row each. The number 13 stands for an event that cannot be applied. */
export const drawsTable = (version = 1): RowProjection<readonly Drawn[]> => ({
  name: 'draws',
  version,
  stream: draws,
  apply: (batch, closings) => ({
    rows: batch.flatMap(({ event }) => rowsOf(event)),
    closings: { ...closings, seen: batch.at(-1)?.event.at ?? '' },
  }),
  async write(db, schema, rows) {
    const ids = rows.map(({ id }) => id);
    const numbers = rows.map(({ n }) => n);
    await sql`insert into ${sql.id(schema, 'draws')} select * from unnest(${ids}::text[], ${numbers}::integer[])`.execute(
      db,
    );
    return rows.length;
  },
});

function rowsOf({ id, type, data }: Event): Drawn[] {
  if (type !== 'NumberDrawn') return [];
  const { n } = data as { n: number };
  if (n === 13) throw new Error('thirteen');
  return [{ id, n }];
}
