import { type Instant, type Json, type JsonObject, microsOf } from '@crunch-node/streams';
import { canonicalJson, Integer } from './canonical-json.ts';
import { sha256Hex } from './hash.ts';

/** What the hash of a snapshot covers. Times are hashed as the text given. */
export interface HashedSnapshot {
  readonly model_id: string;
  readonly period_start: string;
  readonly period_end: string;
  readonly prediction_count: number;
  readonly result_summary: JsonObject;
}

/** A time as it is hashed: `+00:00`, and no fraction when there is none. Publish this text, or nobody can check it. */
export const hashedTime = (instant: Instant): string =>
  `${microsOf(instant) % 1_000_000 === 0 ? instant.slice(0, 19) : instant.slice(0, 26)}+00:00`;

/** Counts in summaries; JSON does not tell them from floats, their hashes do. */
const INTEGER_KEYS: readonly string[] = ['open_position_count'];

/**
 * The text that is hashed. All numbers of the summary are floats but the known counts and what is wrapped in `Integer`.
 */
export const snapshotText = (snapshot: HashedSnapshot): string =>
  canonicalJson(
    {
      model_id: snapshot.model_id,
      period_start: snapshot.period_start,
      period_end: snapshot.period_end,
      prediction_count: new Integer(snapshot.prediction_count),
      result_summary: withIntegers(snapshot.result_summary),
    },
    { numbers: 'float' },
  );

const withIntegers = (summary: JsonObject): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(summary).map(([key, value]) => [
      key,
      INTEGER_KEYS.includes(key) && Number.isInteger(value) ? new Integer(value as number) : value,
    ]),
  );

/** The text that is hashed, of a snapshot whose period is given in instants. */
export const publishedSnapshotText = (snapshot: HashedSnapshot): string =>
  snapshotText({
    ...snapshot,
    period_start: hashedTime(snapshot.period_start),
    period_end: hashedTime(snapshot.period_end),
    result_summary: asJsonSays(snapshot.result_summary) as JsonObject,
  });

/** Content hash of a snapshot whose period is given in instants: a leaf of its cycle's tree. */
export const snapshotHash = (snapshot: HashedSnapshot): string => sha256Hex(publishedSnapshotText(snapshot));

/** JSON writes -0 as 0: what is hashed has to be what can be read again. */
function asJsonSays(value: Json | undefined): Json | undefined {
  if (typeof value === 'number') return value + 0;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((part) => asJsonSays(part) as Json);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asJsonSays(part) as Json]));
}
