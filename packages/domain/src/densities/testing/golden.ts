import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

interface GoldenCrps {
  readonly x: number;
  readonly t: number;
  readonly points: number;
  readonly crps: number;
}

export interface GoldenRound {
  readonly asset: string;
  readonly horizon: number;
  readonly steps: readonly number[];
  readonly start: number;
  readonly entry: readonly [number, number];
  readonly prices: readonly (readonly [number, number])[];
  readonly answer: Readonly<Record<string, readonly unknown[]>>;
  readonly score: number;
}

interface Golden {
  readonly densities: readonly {
    readonly density: unknown;
    readonly xs: readonly number[];
    readonly pdf: readonly number[];
    readonly cdf?: readonly number[];
    readonly levels?: readonly number[];
    readonly ppf?: readonly number[];
    readonly synth: readonly GoldenCrps[];
    readonly condor?: readonly GoldenCrps[];
  }[];
  readonly rounding: readonly { readonly value: number; readonly digits: number; readonly rounded: number }[];
  readonly rounds: { readonly synth: readonly GoldenRound[]; readonly condor: readonly GoldenRound[] };
  readonly bird: {
    readonly horizon: number;
    readonly ticks: readonly (readonly [number, number])[];
    readonly likelihoods: readonly (number | null)[];
    readonly overall: number;
  };
  readonly quantiles: readonly {
    readonly levels: readonly number[];
    readonly values: readonly number[];
    readonly truth: number;
    readonly alphas: readonly number[];
    readonly pinball: readonly number[];
    readonly interval: readonly number[];
    readonly wis: number;
    readonly crps: number;
  }[];
  readonly normals: readonly {
    readonly mu: number;
    readonly sigma: number;
    readonly x: number;
    readonly crps: number;
  }[];
  readonly volatility: {
    readonly paths: readonly (readonly number[])[];
    readonly real: readonly (number | null)[];
    readonly crps: number;
    readonly ensembles: readonly { readonly x: number; readonly members: readonly number[]; readonly crps: number }[];
  };
  readonly draws: readonly { readonly seed: number; readonly density: unknown; readonly values: readonly number[] }[];
  readonly volatile_rounds: readonly (GoldenRound & { readonly volatility: number })[];
  readonly flu: Readonly<
    Record<
      string,
      {
        readonly forecasts: number;
        readonly quantiles: number;
        readonly crossing: number;
        readonly pinball: number;
        readonly wis: number;
        readonly covered_50: number;
        readonly covered_95: number;
      }
    >
  >;
}

/** Results of crunch-synth, condorgame, birdgame and scoringrules; the generator is in the same folder. */
export const golden = JSON.parse(
  readFileSync(new URL('../../../../../test/vectors/packs/golden.json', import.meta.url), 'utf8'),
) as Golden;

/**
 * Equal to the last digits that mean something: sums of a thousand terms in another order, and special functions of
 * fifteen digits, leave a relative difference of about 1e-13, and no more than 1e-15 of a probability.
 */
export function near(actual: number, expected: number, relative: number, what: string): void {
  const off = Math.abs(actual - expected);
  assert.ok(
    off <= relative * Math.max(Math.abs(expected), 1e-30) || off < 1e-15,
    `${what}: expected ${expected}, received ${actual}`,
  );
}
