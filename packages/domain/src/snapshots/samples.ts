/**
 * Input of metrics: the numbers of recently scored rounds, a column for each moment, so that models are compared at the
 * same moments.
 */
import { byCodePoint, type Instant, type Outcome, type RoundScored } from '@crunch-node/streams';
import { groupBy } from '../group-by.ts';
import { actualReturn, predictionValue, scoreValue } from '../metrics/extract.ts';
import { LARGEST_ANSWER, usable } from '../usable-number.ts';

/** Results of the models of a scope at one moment. Never changed: numbers that arrive later make another column. */
export interface SampleColumn {
  readonly performed_at: Instant;
  /** those with a result; one list for all nearby columns that have the same ones */
  readonly model_ids: readonly string[];
  /** prediction, actual, value of each model in turn; NaN where there is nothing usable */
  readonly numbers: Float64Array;
}

export const NUMBERS_PER_MODEL = 3;

/** In order of time. */
export interface ScopeSamples {
  readonly scope_key: string;
  readonly columns: readonly SampleColumn[];
}

/** Adds a cycle's rounds, which come in canonical order; the same moment in several partitions is one column. */
export function addSamples(scopes: readonly ScopeSamples[], rounds: readonly RoundScored[]): readonly ScopeSamples[] {
  const byScope = groupBy(rounds, ({ data }) => data.scope_key);
  if (byScope.size === 0) return scopes;
  const known = new Map(scopes.map((scope) => [scope.scope_key, scope]));
  for (const [scope_key, scored] of byScope) {
    const columns = [...(known.get(scope_key)?.columns ?? [])];
    for (const [moment, same] of groupBy(scored, ({ data }) => data.performed_at)) addMoment(columns, moment, same);
    known.set(scope_key, { scope_key, columns });
  }
  return [...known.values()].sort((a, b) => byCodePoint(a.scope_key, b.scope_key));
}

/** Nearly always at the end. With horizons that differ rounds are finished in another order than they were performed. */
function addMoment(columns: SampleColumn[], moment: Instant, rounds: readonly RoundScored[]): void {
  let at = columns.length;
  while (at > 0 && columns[at - 1]!.performed_at > moment) at--;
  const before = columns[at - 1];
  const isKnown = before?.performed_at === moment;
  const column = columnOf(moment, rounds, isKnown ? before : undefined);
  if (column.model_ids.length === 0) return;
  const model_ids = knownList(columns, at, column.model_ids);
  columns.splice(isKnown ? at - 1 : at, Number(isKnown), { ...column, model_ids });
}

/** Models fail now and then, so a few lists alternate. */
const COLUMNS_WITH_KNOWN_LISTS = 16;

function knownList(columns: readonly SampleColumn[], at: number, ids: readonly string[]): readonly string[] {
  for (let i = at - 1; i >= Math.max(0, at - COLUMNS_WITH_KNOWN_LISTS); i--) {
    const { model_ids } = columns[i]!;
    if (isSame(model_ids, ids)) return model_ids;
  }
  return ids;
}

function columnOf(
  performed_at: Instant,
  rounds: readonly RoundScored[],
  known: SampleColumn | undefined,
): SampleColumn {
  const places = new Map<string, number>();
  const numbers: number[] = [...(known?.numbers ?? [])];
  for (const id of known?.model_ids ?? []) places.set(id, places.size * NUMBERS_PER_MODEL);
  for (const { data } of rounds) {
    for (const outcome of data.outcomes) {
      if (outcome.outcome !== 'scored') continue;
      const place = places.get(outcome.model_id) ?? numbers.length;
      places.set(outcome.model_id, place);
      putSample(numbers, place, outcome, data.ground_truth);
    }
  }
  return { performed_at, model_ids: [...places.keys()], numbers: Float64Array.from(numbers) };
}

/** The actual is taken from the result, or from the ground truth when the scoring function left it out. */
function putSample(
  numbers: number[],
  place: number,
  { result, inference_output }: Outcome,
  truth: Outcome['result'],
): void {
  numbers[place] = usable(predictionValue(inference_output), LARGEST_ANSWER);
  numbers[place + 1] = usable(actualReturn(result ?? {}) ?? actualReturn(truth ?? {}));
  numbers[place + 2] = usable(scoreValue(result ?? {}));
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id, i) => id === b[i]);

/** Forgets rounds performed at or before a moment, and scopes nothing is left of. */
export const forgetSamples = (scopes: readonly ScopeSamples[], until: Instant): readonly ScopeSamples[] =>
  scopes
    .map((scope) => {
      const from = scope.columns.findIndex(({ performed_at }) => performed_at > until);
      return from === 0 ? scope : { ...scope, columns: from < 0 ? [] : scope.columns.slice(from) };
    })
    .filter(({ columns }) => columns.length > 0);
