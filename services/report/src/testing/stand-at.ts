import { type ReadModel, streamOfProjection } from '@crunch-node/projections';
import { createPositions } from '@crunch-node/projector';
import { sql } from 'kysely';

/** Sets the positions of projections, as their loops do: projection → applied sequence. */
export async function standAt(
  { db, schema }: ReadModel,
  sequences: Readonly<Record<string, number>>,
  event_at: string | null = '2026-11-21T19:10:00.000000Z',
  closings: Readonly<Record<string, string>> = {},
): Promise<void> {
  await createPositions(db, schema);
  for (const [projection, sequence] of Object.entries(sequences)) {
    await sql`insert into ${sql.id(schema, 'positions')}
        (projection, version, partition, stream, created, sequence, message_id, closings, event_at)
      values (${projection}, 3, 'all', ${streamOfProjection.get(projection)}, 'then', ${sequence}, '',
        ${JSON.stringify(closings)}, ${event_at})
      on conflict (projection, partition) do update set
        sequence = excluded.sequence, closings = excluded.closings, event_at = excluded.event_at`.execute(db);
  }
}
