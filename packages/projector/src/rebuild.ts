import { createReadModel, type ReadModel, recreateTables, tablesOf } from '@crunch-node/projections';
import { createPositions, deletePosition } from './position/position.ts';
import { projectionsNamed } from './projections-named.ts';

/**
 * Empties projections, tables and position together, so that their next start reads the stream from the beginning. A
 * running projection notices that its position is gone and starts again.
 * @throws {UnknownProjection}
 */
export async function rebuild({ db, schema }: ReadModel, only?: readonly string[]): Promise<void> {
  await createReadModel(db, schema);
  await createPositions(db, schema);
  for (const projection of projectionsNamed(only)) {
    await db.transaction().execute(async (trx) => {
      await deletePosition(trx, schema, projection.name);
      await recreateTables(trx, schema, tablesOf([projection]));
    });
  }
}
