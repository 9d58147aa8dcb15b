import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import type { ModelStateRow } from './tables.ts';

export interface ListedModel {
  readonly model_id: string;
  readonly model_name: string;
  readonly cruncher_name: string;
  readonly cruncher_id: string;
  readonly deployment_id: string;
  readonly state: ModelStateRow['state'] | null;
}

/** Every model ever seen, by id. */
export const listModels = (db: Kysely<Database>): Promise<ListedModel[]> =>
  db
    .selectFrom('models as model')
    .leftJoin('model_states as state', 'state.model_id', 'model.model_id')
    .select([
      'model.model_id',
      'model.model_name',
      'model.cruncher_name',
      'model.cruncher_id',
      'model.deployment_id',
      'state.state',
    ])
    .orderBy('model.model_id')
    .execute();

export interface ModelNames {
  readonly model_name: string;
  readonly cruncher_name: string;
}

/** Names by model id, of those that are known. */
export async function modelNames(
  db: Kysely<Database>,
  modelIds: readonly string[],
): Promise<ReadonlyMap<string, ModelNames>> {
  if (modelIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('models')
    .select(['model_id', 'model_name', 'cruncher_name'])
    .where('model_id', 'in', [...modelIds])
    .execute();
  return new Map(rows.map(({ model_id, ...names }) => [model_id, names]));
}
