/** The result of `crunch-node whatif --json`: the board another configuration would have made. */

export interface OtherStanding {
  readonly rank: number | null;
  readonly score: number | null;
}

export interface WhatIf {
  /** end of the last cycle it looked at */
  readonly at: string | null;
  readonly cycles: number;
  readonly standings: ReadonlyMap<string, OtherStanding>;
}

const EXPECTED = 'expected the JSON that `crunch-node whatif --config other.ts --json` prints';

/** @throws {TypeError} */
export function whatIfIn(text: string): WhatIf {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${EXPECTED}: ${(error as Error).message}`);
  }
  const { ranking, at, cycles } = (value ?? {}) as { ranking?: unknown; at?: unknown; cycles?: unknown };
  if (!Array.isArray(ranking)) throw new TypeError(`${EXPECTED}, received no ranking`);
  const standings = new Map<string, OtherStanding>();
  for (const row of ranking as { model_id?: unknown; otherwise?: { rank?: unknown; score?: unknown } | null }[]) {
    if (typeof row?.model_id !== 'string') throw new TypeError(`${EXPECTED}, received a row without a model_id`);
    const { rank, score } = row.otherwise ?? {};
    standings.set(row.model_id, { rank: numberOr(rank), score: numberOr(score) });
  }
  return { at: typeof at === 'string' ? at : null, cycles: numberOr(cycles) ?? 0, standings };
}

const numberOr = (value: unknown): number | null => (typeof value === 'number' ? value : null);
