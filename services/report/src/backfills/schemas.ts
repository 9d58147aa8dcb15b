import { type Static, Type } from '@sinclair/typebox';
import { INSTANT_FORMS } from '../plugins/http/parse-instant.ts';
import { Count, described, NullableNumber, NullableText, NullableTsZ, TsZ } from '../values/schemas.ts';

export const BackfillStatus = Type.Unsafe<'pending' | 'running' | 'completed' | 'failed' | 'cancelled'>({
  type: 'string',
  enum: ['pending', 'running', 'completed', 'failed', 'cancelled'],
});

const dimensions = { source: Type.String(), subject: Type.String(), kind: Type.String(), granularity: Type.String() };

const job = {
  id: Type.String({ description: 'UUID' }),
  ...dimensions,
  start_ts: TsZ,
  end_ts: TsZ,
  cursor_ts: NullableTsZ,
  records_written: Count,
  pages_fetched: Count,
  status: BackfillStatus,
  error: NullableText,
  created_at: TsZ,
  updated_at: TsZ,
};

export const BackfillJob = Type.Object(job, { title: 'BackfillJob' });
export type BackfillJob = Static<typeof BackfillJob>;

export const Gap = Type.Object(
  {
    start: described(TsZ, 'ts_event of the first record missing'),
    end: described(TsZ, 'ts_event of the last record missing'),
    missing: Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      description: 'null where a feed has no grid: not known how many',
    }),
  },
  { title: 'ArchiveGap' },
);

export const BackfillJobDetail = Type.Object(
  {
    ...job,
    progress_pct: Type.Number({ minimum: 0, maximum: 100 }),
    eta_seconds: NullableNumber,
    attempt: Type.Integer({ minimum: 1 }),
    notices: Type.Array(Type.String(), { description: 'rows refused, files moved aside' }),
    gaps: Type.Array(Gap, { description: 'what the archive still lacks in the range, the first of them' }),
    gap_count: Count,
  },
  { title: 'BackfillJobDetail' },
);
export type BackfillJobDetail = Static<typeof BackfillJobDetail>;

const time = Type.Unsafe<string | number>({
  type: ['string', 'number'],
  description: INSTANT_FORMS,
});
export const BackfillOrder = Type.Object(
  { ...dimensions, start: time, end: time, page_size: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })) },
  { title: 'BackfillOrder', description: 'both ends of the range are part of it' },
);
