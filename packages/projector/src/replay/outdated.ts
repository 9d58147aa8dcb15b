import { isPostgresAway } from '@crunch-node/postgres';
import type { ReadModel } from '@crunch-node/projections';
import { listPositions } from '../position/position.ts';
import { projectionsNamed } from '../projections-named.ts';

/**
 * Projections whose rows were made by an older release, which this one cannot continue. None before there are tables.
 */
export async function outdatedProjections({ db, schema }: ReadModel): Promise<readonly string[]> {
  const versions = new Map(projectionsNamed(undefined).map(({ name, version }) => [name, version]));
  try {
    return (await listPositions(db, schema))
      .filter(({ projection, version }) => version < (versions.get(projection) ?? 0))
      .map(({ projection }) => projection);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === '42P01' || code === '3F000' || isPostgresAway(error)) return [];
    throw error;
  }
}
