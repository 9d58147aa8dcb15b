import { type Static, Type } from '@sinclair/typebox';
import { Count, NullableNumber, NullableText, NullableTsZ, TsZ } from '../values/schemas.ts';

export const ModelStatus = Type.Object(
  {
    model_id: Type.String(),
    model_name: Type.String(),
    cruncher_name: Type.String(),
    deployment_id: Type.String(),
    is_ensemble: Type.Boolean(),
    status: Type.Unsafe<'active' | 'inactive'>({ type: 'string', enum: ['active', 'inactive'] }),
    alive: Type.Boolean(),
    state: NullableText,
    failure_code: NullableText,
    failure_reason: NullableText,
    joined_at: NullableTsZ,
    left_at: NullableTsZ,
    failed_at: NullableTsZ,
    changed_at: NullableTsZ,
    last_call_at: NullableTsZ,
    /** of the last usable answer */
    last_seen_at: NullableTsZ,
    calls: Type.Object(
      {
        rounds: Count,
        succeeded: Count,
        invalid: Count,
        failed: Count,
        timed_out: Count,
        absent: Count,
        first_at: NullableTsZ,
        last_at: NullableTsZ,
        success_rate: NullableNumber,
      },
      { description: 'of its newest rounds, as many as asked for' },
    ),
    latency_ms: Type.Object({ p50: NullableNumber, p95: NullableNumber, p99: NullableNumber }),
    last_errors: Type.Array(
      Type.Object({
        prediction_id: Type.String(),
        performed_at: TsZ,
        status: Type.String(),
        runner_status: NullableText,
        reason: NullableText,
      }),
      { description: 'of the same rounds, newest first' },
    ),
  },
  { title: 'ModelStatus' },
);
export type ModelStatus = Static<typeof ModelStatus>;
