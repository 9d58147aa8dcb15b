import { numberOf } from '@crunch-node/domain';
import { type FeedKey, type Instant, type Json, type JsonObject, microsOf } from '@crunch-node/streams';

/** A feed record as the reference stores it: one time, that of the feed. */
export interface LegacyRecord extends FeedKey {
  readonly ts_event: Instant;
  readonly values: JsonObject;
}

const truthy = (value: Json | undefined): value is Json => Boolean(value);

/** First of `key` and `price` that is neither 0, null nor empty, else 0. @throws {TypeError} for text that is no number */
function legacyPrice({ values }: LegacyRecord, key: 'open' | 'close'): number {
  const value = truthy(values[key]) ? values[key] : values.price;
  if (!truthy(value)) return 0;
  const number = numberOf(value);
  if (number === null) throw new TypeError(`expected a price, received ${JSON.stringify(value)}`);
  return number;
}

/** Entry is the first record after the prediction; a missing resolved price counts 0. */
export function legacyResolveGroundTruth(records: readonly LegacyRecord[]): JsonObject | null {
  const first = records[0];
  const last = records.at(-1);
  if (first === undefined || last === undefined) return null;
  const entry_price = legacyPrice(first, records.length === 1 ? 'open' : 'close');
  if (entry_price === 0) return null;
  const resolved_price = legacyPrice(last, 'close');
  return {
    symbol: last.subject,
    asof_ts: Math.floor(microsOf(last.ts_event) / 1000),
    entry_price,
    resolved_price,
    profit: (resolved_price - entry_price) / Math.abs(entry_price),
    direction_up: resolved_price > entry_price,
  };
}

export interface LegacyPrediction {
  readonly id: string;
  readonly input_id: string;
  readonly model_id: string;
  readonly scope: JsonObject;
  readonly performed_at: Instant;
  readonly resolvable_at: Instant | null;
}

export interface LegacyStores {
  readonly staleness_fraction: number;
  readonly reader_defaults: Omit<FeedKey, 'subject'> & { readonly subjects: readonly string[] };
  readonly inputs: readonly { readonly id: string; readonly raw_data: JsonObject }[];
  readonly feed_records: readonly LegacyRecord[];
}

/** Null: not resolved, to be tried again in the next cycle. */
export function legacyResolveActuals(prediction: LegacyPrediction, stores: LegacyStores): JsonObject | null {
  const { performed_at, resolvable_at, scope } = prediction;
  if (resolvable_at === null) return null;
  if (resolvable_at <= performed_at) {
    return stores.inputs.find(({ id }) => id === prediction.input_id)?.raw_data ?? null;
  }
  const { subjects, ...defaults } = stores.reader_defaults;
  const wanted = (key: keyof typeof defaults): Json => (truthy(scope[key]) ? scope[key] : defaults[key]);
  const wantedSubjects: readonly Json[] = truthy(scope.subject) ? [scope.subject] : subjects;
  const records = stores.feed_records
    .filter(
      (record) =>
        record.source === wanted('source') &&
        record.kind === wanted('kind') &&
        record.granularity === wanted('granularity') &&
        wantedSubjects.includes(record.subject) &&
        performed_at <= record.ts_event &&
        record.ts_event <= resolvable_at,
    )
    .sort((a, b) => microsOf(a.ts_event) - microsOf(b.ts_event));
  const last = records.at(-1);
  if (last === undefined) return null;
  const seconds = (from: Instant): number => (microsOf(resolvable_at) - microsOf(from)) / 1e6;
  const limit = stores.staleness_fraction * seconds(performed_at);
  if (stores.staleness_fraction !== 0 && seconds(last.ts_event) > limit) return null;
  return legacyResolveGroundTruth(records);
}
