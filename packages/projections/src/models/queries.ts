import { byCodePoint } from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import { newestConfiguration } from '../configurations/queries.ts';
import type { Database } from '../database.ts';
import { listEnsembles } from '../signals/queries.ts';
import type { ModelStateRow } from './tables.ts';

export interface ListedModel {
  readonly model_id: string;
  readonly model_name: string;
  readonly cruncher_name: string;
  readonly cruncher_id: string;
  readonly deployment_id: string;
  readonly state: ModelStateRow['state'] | null;
  /** a virtual model; it has no participant and is not deployed */
  readonly is_ensemble: boolean;
}

/** Every model ever seen, virtual ones included, by id. */
export async function listModels(db: Kysely<Database>): Promise<ListedModel[]> {
  const [real, virtual] = await Promise.all([realModels(db), virtualModels(db)]);
  return [...real, ...virtual].sort((a, b) => byCodePoint(a.model_id, b.model_id));
}

async function virtualModels(db: Kysely<Database>): Promise<ListedModel[]> {
  const [ensembles, configuration] = await Promise.all([listEnsembles(db), newestConfiguration(db)]);
  return ensembles.map(({ model_id, name }) => ({
    model_id,
    model_name: name,
    cruncher_name: '',
    cruncher_id: '',
    deployment_id: '',
    state: configuration?.ensembles.includes(name) ? 'running' : 'left',
    is_ensemble: true,
  }));
}

async function realModels(db: Kysely<Database>): Promise<ListedModel[]> {
  const models = await db
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
    .execute();
  return models.map((model) => ({ ...model, is_ensemble: false }));
}

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

/** By model id, of those anything is known of. */
export async function statesOfModels(
  db: Kysely<Database>,
  modelIds: readonly string[],
): Promise<ReadonlyMap<string, ModelStateRow['state']>> {
  if (modelIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('model_states')
    .select(['model_id', 'state'])
    .where('model_id', 'in', [...modelIds])
    .execute();
  return new Map(rows.map(({ model_id, state }) => [model_id, state]));
}

export interface ModelFailure {
  readonly model_id: string;
  /** empty: no name is known */
  readonly model_name: string;
  readonly state: ModelStateRow['state'];
  readonly reason: string | null;
}

/** The state of every model that has not left, and the reason where it has failed, by id. */
export async function modelFailures(db: Kysely<Database>): Promise<readonly ModelFailure[]> {
  const rows = await db
    .selectFrom('model_states as state')
    .leftJoin('models as model', 'model.model_id', 'state.model_id')
    .select(['state.model_id', 'model.model_name', 'state.state', 'state.failure_reason'])
    .where('state.state', '!=', 'left')
    .orderBy('state.model_id')
    .execute();
  return rows.map(({ model_name, failure_reason, ...row }) => ({
    ...row,
    model_name: model_name ?? '',
    reason: failure_reason,
  }));
}
