/** Tables as people analyse them: a row a fact, a column a number, nothing nested. */
import { type RawBuilder, sql } from 'kysely';

export type FlatType = 'varchar' | 'double' | 'bigint' | 'boolean' | 'timestamptz';

export interface FlatColumn {
  readonly name: string;
  readonly type: FlatType;
}

export interface FlatTable {
  readonly name: string;
  /** its source, with the schema of the read model */
  readonly from: (schema: string) => RawBuilder<unknown>;
  /** column its days are cut by */
  readonly time: string;
  /** what distinguishes rows of one time, in order */
  readonly key: readonly string[];
  /** column → expression */
  readonly columns: readonly (FlatColumn & { readonly expression: string })[];
  /** a JSON object whose numbers become columns, each behind a prefix */
  readonly numbers: { readonly expression: string; readonly prefix: string };
}

const text = (name: string, expression: string) => ({ name, type: 'varchar' as const, expression });
const time = (name: string, expression: string) => ({ name, type: 'timestamptz' as const, expression });
const number = (name: string, expression: string) => ({ name, type: 'double' as const, expression });

const scope = [
  text('subject', `round.scope ->> 'subject'`),
  number('horizon_seconds', `(round.scope ->> 'resolve_horizon_seconds')::double precision`),
];

/** In the order in which they are written. */
export const flatTables: readonly FlatTable[] = [
  {
    name: 'predictions',
    from: (schema) => sql`${sql.id(schema, 'predictions')} as prediction
      join ${sql.id(schema, 'rounds')} as round using (round_id)
      left join ${sql.id(schema, 'models')} as model on model.model_id = prediction.model_id`,
    time: 'prediction.performed_at',
    key: ['prediction.round_id', 'prediction.model_id'],
    columns: [
      time('performed_at', 'prediction.performed_at'),
      text('prediction_id', 'prediction.prediction_id'),
      text('round_id', 'prediction.round_id'),
      text('model_id', 'prediction.model_id'),
      text('model_name', 'model.model_name'),
      text('cruncher_name', 'model.cruncher_name'),
      text('scope_key', 'round.scope_key'),
      ...scope,
      time('resolvable_at', 'round.resolvable_at'),
      text('status', 'prediction.status'),
      text('reason', 'prediction.reason'),
      number('exec_time_ms', 'prediction.exec_time_ms'),
    ],
    numbers: { expression: 'prediction.inference_output', prefix: 'answer_' },
  },
  {
    name: 'scores',
    from: (schema) => sql`${sql.id(schema, 'scored_rounds')} as scored
      join ${sql.id(schema, 'scores')} as score using (round_id)
      left join ${sql.id(schema, 'rounds')} as round on round.round_id = scored.round_id`,
    time: 'scored.performed_at',
    key: ['scored.round_id', 'score.model_id'],
    columns: [
      time('performed_at', 'scored.performed_at'),
      text('score_id', 'score.score_id'),
      text('prediction_id', 'score.prediction_id'),
      text('round_id', 'scored.round_id'),
      text('model_id', 'score.model_id'),
      text('scope_key', 'scored.scope_key'),
      ...scope,
      time('scored_at', 'score.scored_at'),
      text('outcome', 'score.outcome'),
      { name: 'success', type: 'boolean', expression: 'score.success' },
      text('failed_reason', 'score.failed_reason'),
      number('value', 'score.value'),
    ],
    numbers: { expression: 'score.result', prefix: 'result_' },
  },
  {
    name: 'leaderboards',
    from: (schema) => sql`${sql.id(schema, 'leaderboard_entries')} as entry
      left join ${sql.id(schema, 'models')} as model on model.model_id = entry.model_id`,
    time: 'entry.cycle_end',
    key: ['entry.kind', 'entry.model_id'],
    columns: [
      time('cycle_end', 'entry.cycle_end'),
      text('kind', 'entry.kind'),
      text('model_id', 'entry.model_id'),
      text('model_name', 'model.model_name'),
      text('cruncher_name', 'model.cruncher_name'),
      { name: 'rank', type: 'bigint', expression: 'entry.rank' },
    ],
    numbers: { expression: 'entry.score_metrics', prefix: 'score_metric_' },
  },
];
