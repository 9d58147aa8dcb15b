import { Type } from '@sinclair/typebox';
import { Count, NullableNumber } from '../values/schemas.ts';

const StageLatency = Type.Object(
  {
    name: Type.String(),
    step: Type.Unsafe<number | 'total'>({ type: ['integer', 'string'], description: '1 to 9, or total' }),
    pct_of_total: NullableNumber,
    count: Count,
    mean_us: NullableNumber,
    median_us: NullableNumber,
    min_us: NullableNumber,
    max_us: NullableNumber,
    p95_us: NullableNumber,
    p99_us: NullableNumber,
  },
  { title: 'StageLatency' },
);

export const TimingMetrics = Type.Object(
  {
    enabled: Type.Boolean(),
    buffer_size: Count,
    total_records: Count,
    /** ten stages, or none */
    stage_latencies: Type.Array(StageLatency),
    /** the newest ones, each with every stamp it has, unix microseconds */
    recent_samples: Type.Array(Type.Object({ prediction_id: Type.String() }, { additionalProperties: true })),
  },
  { title: 'TimingMetrics' },
);
