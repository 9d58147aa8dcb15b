import { byCodePoint } from '@crunch-node/streams';
import type { SampleColumn } from './samples.ts';

/** One model's numbers, a place for each column; NaN where it has none. */
export interface Series {
  readonly predictions: Float64Array;
  readonly actuals: Float64Array;
  readonly values: Float64Array;
}

/** Turns columns into a row for each model, models sorted. */
export function seriesByModel(columns: readonly SampleColumn[]): ReadonlyMap<string, Series> {
  const length = columns.length;
  const rows = new Map<string, Series>();
  let modelIds: readonly string[] | undefined;
  let places: readonly Series[] = [];
  columns.forEach(({ model_ids, predictions, actuals, values }, at) => {
    if (model_ids !== modelIds) {
      modelIds = model_ids;
      places = model_ids.map((id) => rowOf(rows, id, length));
    }
    for (let i = 0; i < places.length; i++) {
      const row = places[i]!;
      row.predictions[at] = predictions[i]!;
      row.actuals[at] = actuals[i]!;
      row.values[at] = values[i]!;
    }
  });
  return new Map([...withSharedActuals(rows)].sort(([a], [b]) => byCodePoint(a, b)));
}

function rowOf(rows: Map<string, Series>, id: string, length: number): Series {
  let row = rows.get(id);
  if (row === undefined) {
    row = { predictions: missing(length), actuals: missing(length), values: missing(length) };
    rows.set(id, row);
  }
  return row;
}

const missing = (length: number): Float64Array => new Float64Array(length).fill(Number.NaN);

/** What really happened is the same for all models that answered the same rounds: one series, ranked once. */
function withSharedActuals(rows: ReadonlyMap<string, Series>): Map<string, Series> {
  const seen: Float64Array[] = [];
  const shared = (actuals: Float64Array): Float64Array => {
    const known = seen.find((other) => isSame(other, actuals));
    if (known !== undefined) return known;
    if (seen.length < DISTINCT_ACTUALS) seen.push(actuals);
    return actuals;
  };
  return new Map([...rows].map(([id, series]) => [id, { ...series, actuals: shared(series.actuals) }]));
}

/** Looking further than this costs more than ranking again. */
const DISTINCT_ACTUALS = 8;

function isSame(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
