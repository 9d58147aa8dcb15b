import { type CrunchConfig, modelFacingSubject } from '@crunch-node/domain';
import type { FeedRecorded, Instant, JsonObject } from '@crunch-node/streams';
import type { PredictionRow } from './rows.ts';

/** A prediction with a bad score, and the market around it. */
export interface WorstPrediction {
  readonly performed_at: Instant;
  readonly resolvable_at: Instant;
  readonly subject: string;
  readonly output: JsonObject;
  readonly score: number;
  readonly actual: number | null;
  readonly candles: readonly { readonly at: Instant; readonly values: FeedRecorded['data']['values'] }[];
}

const MOST = 5;
const BEFORE = 20;
const AFTER = 20;

/** @param records in order of `at` */
export function worstOf(
  rows: readonly PredictionRow[],
  records: readonly FeedRecorded[],
  config: CrunchConfig,
): WorstPrediction[] {
  const sign = config.aggregation.ranking_direction === 'asc' ? -1 : 1;
  const worst = rows
    .filter((row): row is PredictionRow & { readonly score: number } => row.score !== null)
    .sort((a, b) => sign * (a.score - b.score))
    .slice(0, MOST);
  return worst.map(({ performed_at, resolvable_at, subject, output, score, actual }) => ({
    performed_at,
    resolvable_at,
    subject,
    output,
    score,
    actual,
    candles: around(records, subject, performed_at, resolvable_at, config),
  }));
}

function around(
  records: readonly FeedRecorded[],
  subject: string,
  from: Instant,
  to: Instant,
  config: CrunchConfig,
): WorstPrediction['candles'] {
  const own = records.filter(
    ({ data }) => data.subject === subject || modelFacingSubject(config, data.subject) === subject,
  );
  const first = own.findIndex(({ at }) => at >= from);
  if (first < 0) return [];
  const last = own.findLastIndex(({ at }) => at <= to);
  return own
    .slice(Math.max(0, first - BEFORE), Math.min(own.length, last + AFTER))
    .map(({ at, data }) => ({ at, values: data.values }));
}
