import { byCodePoint } from '@crunch-node/streams';
import { NUMBERS_PER_MODEL, type SampleColumn } from './samples.ts';

/** One model's numbers, a place for each column; NaN where it has none. */
export interface Series {
  readonly predictions: Float64Array;
  readonly actuals: Float64Array;
  readonly values: Float64Array;
}

/** Turns columns into rows, which are stretches of one matrix; models sorted. */
export function seriesByModel(columns: readonly SampleColumn[]): ReadonlyMap<string, Series> {
  const length = columns.length;
  const rows = rowsByModel(columns);
  const matrix = new Float64Array(rows.size * NUMBERS_PER_MODEL * length);
  if (columns.some(({ model_ids }) => model_ids.length < rows.size)) matrix.fill(Number.NaN);
  const placesByList = new Map<readonly string[], Uint32Array>();
  for (let at = 0; at < length; at++) {
    const { model_ids, numbers } = columns[at]!;
    let places = placesByList.get(model_ids);
    if (places === undefined) {
      places = placesOf(model_ids, rows, length);
      placesByList.set(model_ids, places);
    }
    for (let i = 0; i < places.length; i++) matrix[places[i]! + at] = numbers[i]!;
  }
  const rowAt = (row: number): Float64Array => matrix.subarray(row * length, (row + 1) * length);
  const series = [...rows].map(([id, row]): [string, Series] => [
    id,
    { predictions: rowAt(row), actuals: rowAt(row + 1), values: rowAt(row + 2) },
  ]);
  return withSharedActuals(series.sort(([a], [b]) => byCodePoint(a, b)));
}

/** First of each model's rows. */
function rowsByModel(columns: readonly SampleColumn[]): Map<string, number> {
  const rows = new Map<string, number>();
  for (const model_ids of new Set(columns.map((column) => column.model_ids))) {
    for (const id of model_ids) if (!rows.has(id)) rows.set(id, rows.size * NUMBERS_PER_MODEL);
  }
  return rows;
}

/** Where in the matrix the row of each number of a column starts. */
function placesOf(modelIds: readonly string[], rows: ReadonlyMap<string, number>, length: number): Uint32Array {
  const places = new Uint32Array(modelIds.length * NUMBERS_PER_MODEL);
  modelIds.forEach((id, i) => {
    for (let k = 0; k < NUMBERS_PER_MODEL; k++) places[i * NUMBERS_PER_MODEL + k] = (rows.get(id)! + k) * length;
  });
  return places;
}

/** Actuals are the same for all models with predictions in the same rounds: one series, ranked once. */
function withSharedActuals(rows: readonly (readonly [string, Series])[]): Map<string, Series> {
  const seen: Float64Array[] = [];
  const shared = (actuals: Float64Array): Float64Array => {
    const known = seen.find((other) => isSame(other, actuals));
    if (known !== undefined) return known;
    if (seen.length < DISTINCT_ACTUALS) seen.push(actuals);
    return actuals;
  };
  return new Map(rows.map(([id, series]) => [id, { ...series, actuals: shared(series.actuals) }]));
}

/** Looking further than this costs more than ranking again. */
const DISTINCT_ACTUALS = 8;

function isSame(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return false;
  }
  return true;
}
