import { type Static, Type } from '@sinclair/typebox';
import { Count, NullableNumber, NullableText, NullableTsZ, OpenObject, TsZ } from '../values/schemas.ts';

const OneOf = <const W extends string>(...words: readonly W[]) => Type.Unsafe<W>({ type: 'string', enum: words });
const NullableCount = Type.Unsafe<number | null>({ type: ['integer', 'null'] });
const NullableObject = Type.Unsafe<Record<string, unknown> | null>({
  type: ['object', 'null'],
  additionalProperties: true,
});

const EvidenceRecord = Type.Object(
  {
    id: Type.String(),
    ts_event: TsZ,
    /** when it was complete and knowable */
    at: TsZ,
    values: OpenObject,
    /** in FEEDS */
    sequence: Count,
  },
  { title: 'EvidenceRecord' },
);
const NullableRecord = Type.Union([EvidenceRecord, Type.Null()]);

export const Explanation = Type.Object(
  {
    state: OneOf('pending', 'scored', 'failed', 'expired', 'absent'),
    explanation: Type.String({ description: 'the same in a sentence' }),
    prediction: Type.Object({
      id: Type.String(),
      model_id: Type.String(),
      model_name: NullableText,
      cruncher_name: NullableText,
      round_id: Type.String(),
      partition: Type.String(),
      prediction_config_id: NullableText,
      scope_key: Type.String(),
      scope: OpenObject,
      status: OneOf('PENDING', 'FAILED', 'ABSENT'),
      runner_status: NullableText,
      reason: NullableText,
      inference_output: OpenObject,
      exec_time_ms: NullableNumber,
      performed_at: TsZ,
      resolvable_at: NullableTsZ,
      tournament: NullableText,
      sample: NullableCount,
    }),
    input: Type.Object({
      input_id: NullableText,
      feed: NullableObject,
      count: NullableCount,
      first: NullableRecord,
      last: NullableRecord,
      recorded: Type.Unsafe<unknown>({ description: 'the input itself, where it cannot be made again from the feed' }),
    }),
    members: Type.Unsafe<readonly { model_id: string; value: number; weight: number }[] | null>({
      type: ['array', 'null'],
      description: 'of an ensemble: what was combined',
      items: {
        type: 'object',
        properties: { model_id: { type: 'string' }, value: { type: 'number' }, weight: { type: 'number' } },
      },
    }),
    resolution: Type.Object({
      after: TsZ,
      until: NullableTsZ,
      count: NullableCount,
      entry: NullableRecord,
      first: NullableRecord,
      last: NullableRecord,
      records: Type.Array(EvidenceRecord, { description: 'of the horizon as the read model has them, oldest first' }),
      truncated: Type.Boolean(),
    }),
    ground_truth: NullableObject,
    scoring: Type.Object({
      scorer: NullableText,
      config_hash: NullableText,
      config_revision: NullableCount,
      cycle_end: NullableTsZ,
      rounds_hash: NullableText,
    }),
    score: Type.Union([
      Type.Object({
        id: Type.String(),
        outcome: OneOf('scored', 'failed', 'expired'),
        value: NullableNumber,
        result: NullableObject,
        success: Type.Boolean(),
        failed_reason: NullableText,
        scored_at: TsZ,
      }),
      Type.Null(),
    ]),
    log: Type.Array(
      Type.Object({ stream: Type.String(), sequence: Count, event: Type.String(), about: Type.String() }),
      { description: 'the events all this is derived from' },
    ),
  },
  { title: 'Explanation' },
);
export type Explanation = Static<typeof Explanation>;
export type EvidenceRecord = Static<typeof EvidenceRecord>;
