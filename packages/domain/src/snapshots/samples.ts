/**
 * What metrics are computed from: the numbers of the rounds scored lately, one column per round and one row per model,
 * so that models are compared at the same moments.
 */
import { byCodePoint, type Instant, type Outcome, type RoundScored } from '@crunch-node/streams';
import { groupBy } from '../group-by.ts';
import { actualReturn, predictionValue, scoreValue } from '../metrics/extract.ts';

/** One model's row; NaN where it has nothing usable for the round. */
export interface SampleRow {
  readonly model_id: string;
  readonly predictions: readonly number[];
  readonly actuals: readonly number[];
  readonly values: readonly number[];
}

/** A stretch of rounds of one scope. Full blocks are never touched again. */
export interface SampleBlock {
  readonly performed_at: readonly Instant[];
  readonly rows: readonly SampleRow[];
}

export interface ScopeSamples {
  readonly scope_key: string;
  readonly blocks: readonly SampleBlock[];
}

const ROUNDS_PER_BLOCK = 64;

interface OpenRow {
  readonly model_id: string;
  readonly predictions: number[];
  readonly actuals: number[];
  readonly values: number[];
}

/** Adds a cycle's rounds, which come in canonical order; the same moment in several partitions is one column. */
export function addSamples(scopes: readonly ScopeSamples[], rounds: readonly RoundScored[]): readonly ScopeSamples[] {
  const byScope = groupBy(rounds, ({ data }) => data.scope_key);
  if (byScope.size === 0) return scopes;
  const known = new Map(scopes.map((scope) => [scope.scope_key, scope]));
  for (const [scope_key, scored] of byScope) {
    known.set(scope_key, { scope_key, blocks: appendRounds(known.get(scope_key)?.blocks ?? [], scored) });
  }
  return [...known.values()].sort((a, b) => byCodePoint(a.scope_key, b.scope_key));
}

function appendRounds(blocks: readonly SampleBlock[], rounds: readonly RoundScored[]): readonly SampleBlock[] {
  const moments = [...groupBy(rounds, ({ data }) => data.performed_at)];
  const next = [...blocks];
  for (let done = 0; done < moments.length; ) {
    const last = next.at(-1);
    const open = last !== undefined && last.performed_at.length < ROUNDS_PER_BLOCK ? last : undefined;
    const taken = moments.slice(done, done + ROUNDS_PER_BLOCK - (open?.performed_at.length ?? 0));
    const block = extendBlock(open, taken);
    if (open === undefined) next.push(block);
    else next[next.length - 1] = block;
    done += taken.length;
  }
  return next;
}

function extendBlock(
  block: SampleBlock | undefined,
  moments: readonly [Instant, readonly RoundScored[]][],
): SampleBlock {
  const before = block?.performed_at ?? [];
  const performed_at = [...before, ...moments.map(([moment]) => moment)];
  const empty = (): number[] => new Array<number>(performed_at.length).fill(Number.NaN);
  const tail = new Array<number>(moments.length).fill(Number.NaN);
  const extended = (numbers: readonly number[]): number[] => numbers.concat(tail);
  const rows = new Map<string, OpenRow>();
  for (const { model_id, predictions, actuals, values } of block?.rows ?? []) {
    rows.set(model_id, {
      model_id,
      predictions: extended(predictions),
      actuals: extended(actuals),
      values: extended(values),
    });
  }
  for (const [i, [, rounds]] of moments.entries()) {
    for (const { data } of rounds) {
      for (const outcome of data.outcomes) {
        if (outcome.outcome !== 'scored') continue;
        let row = rows.get(outcome.model_id);
        if (row === undefined) {
          row = { model_id: outcome.model_id, predictions: empty(), actuals: empty(), values: empty() };
          rows.set(outcome.model_id, row);
        }
        put(row, before.length + i, outcome, data.ground_truth);
      }
    }
  }
  return { performed_at, rows: [...rows.values()] };
}

/** What really happened is taken from the result, or from the ground truth when the scoring function left it out. */
function put(row: OpenRow, i: number, { result, inference_output }: Outcome, truth: Outcome['result']): void {
  row.predictions[i] = predictionValue(inference_output) ?? Number.NaN;
  row.actuals[i] = actualReturn(result ?? {}) ?? actualReturn(truth ?? {}) ?? Number.NaN;
  row.values[i] = scoreValue(result ?? {}) ?? Number.NaN;
}

/** Forgets blocks whose rounds all lie at or before a moment. */
export const forgetSamples = (scopes: readonly ScopeSamples[], until: Instant): readonly ScopeSamples[] =>
  scopes
    .map(({ scope_key, blocks }) => ({
      scope_key,
      blocks: blocks.some(isOver(until)) ? blocks.filter((block) => !isOver(until)(block)) : blocks,
    }))
    .filter(({ blocks }) => blocks.length > 0);

const isOver =
  (until: Instant) =>
  ({ performed_at }: SampleBlock): boolean =>
    performed_at.every((moment) => moment <= until);
