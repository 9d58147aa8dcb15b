import type { Instant, Json, JsonObject } from '@crunch-node/streams';
import { canonicalJson, Integer } from './canonical-json.ts';
import { sha256Hex } from './hash.ts';

/** Fields in the hash of a snapshot. Times with or without an offset, and a fraction of any length. */
export interface HashedSnapshot {
  readonly model_id: string;
  readonly period_start: string;
  readonly period_end: string;
  readonly prediction_count: number;
  readonly result_summary: JsonObject;
}

/** A time as it is hashed: `+00:00`, and no fraction when there is none. Published as is, so that hashes can be checked. */
export const hashedTime = (instant: Instant): string =>
  `${instant.slice(20, 26) === '000000' ? instant.slice(0, 19) : instant.slice(0, 26)}+00:00`;

const TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?(.*)$/;
const OFFSET = /^([+-]\d\d):?(\d\d)?$/;

/**
 * A time as the reference writes it: seconds always, six digits of a fraction that is not 0, none of one that is; its
 * offset stays, with a colon.
 */
function writtenTime(given: string): string {
  const parts = TIME.exec(given);
  if (parts === null) return given;
  const [, day, minute, second = ':00', fraction = '', offset = ''] = parts;
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  return `${day}T${minute}${second}${micros === '000000' ? '' : `.${micros}`}${writtenOffset(offset)}`;
}

function writtenOffset(given: string): string {
  if (given === 'Z' || given === 'z') return '+00:00';
  const [, hours, minutes = '00'] = OFFSET.exec(given) ?? [];
  return hours === undefined ? given : `${hours}:${minutes}`;
}

/** Summary keys hashed as integers, since JSON does not distinguish 1 from 1.0 and the hashes do. */
const INTEGER_KEYS: readonly string[] = ['open_position_count'];

/**
 * The text that is hashed. All numbers of the summary are floats but the known counts and what is wrapped in `Integer`.
 */
export const snapshotText = (snapshot: HashedSnapshot): string =>
  canonicalJson(
    {
      model_id: snapshot.model_id,
      period_start: writtenTime(snapshot.period_start),
      period_end: writtenTime(snapshot.period_end),
      prediction_count: new Integer(snapshot.prediction_count),
      result_summary: withIntegers(snapshot.result_summary),
    },
    { numbers: 'float' },
  );

function withIntegers(summary: JsonObject): Record<string, unknown> {
  const counts = INTEGER_KEYS.filter((key) => Number.isInteger(summary[key]));
  return counts.length === 0
    ? summary
    : { ...summary, ...Object.fromEntries(counts.map((key) => [key, new Integer(summary[key] as number)])) };
}

/** The text that is hashed, of a snapshot whose period is given in instants. */
export const publishedSnapshotText = (snapshot: HashedSnapshot): string =>
  snapshotText({
    ...snapshot,
    period_start: hashedTime(snapshot.period_start),
    period_end: hashedTime(snapshot.period_end),
    result_summary: hasNegativeZero(snapshot.result_summary)
      ? (asJson(snapshot.result_summary) as JsonObject)
      : snapshot.result_summary,
  });

/** Content hash of a snapshot whose period is given in instants: a leaf of its cycle's tree. */
export const snapshotHash = (snapshot: HashedSnapshot): string => sha256Hex(publishedSnapshotText(snapshot));

function hasNegativeZero(value: Json | undefined): boolean {
  if (typeof value !== 'object' || value === null) return Object.is(value, -0);
  return Object.values(value).some(hasNegativeZero);
}

/** JSON writes -0 as 0, and the hash has to match the value that is read again. */
function asJson(value: Json | undefined): Json | undefined {
  if (typeof value === 'number') return value + 0;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((part) => asJson(part) as Json);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asJson(part) as Json]));
}
