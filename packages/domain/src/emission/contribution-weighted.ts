import { CrunchError } from '@crunch-node/streams/errors';
import type { EmissionBuilder, EmissionEntry } from '../crunch-config.ts';
import { emissionOf } from './emission-of.ts';
import { shareOut } from './frac64.ts';
import { roundedByFirst } from './tiers.ts';

/** Weights of the three parts. They are not negative and sum to 1. */
export interface ContributionWeights {
  readonly rank_weight: number;
  readonly contribution_weight: number;
  readonly diversity_weight: number;
  /** percent every model gets before shares are scaled to 100 */
  readonly min_pct: number;
}

export const defaultContributionWeights: ContributionWeights = {
  rank_weight: 0.5,
  contribution_weight: 0.3,
  diversity_weight: 0.2,
  min_pct: 1,
};

export class InvalidContributionWeights extends CrunchError {
  override readonly name = 'InvalidContributionWeights';
  override readonly code = 'invalid_contribution_weights';
  readonly weights: ContributionWeights;
  constructor(weights: ContributionWeights) {
    super(
      `expected weights of 0 or more that sum to 1 and 0 <= min_pct <= 100, received ${JSON.stringify(weights)}: correct the emission settings`,
    );
    this.weights = weights;
  }
}

/**
 * Rewards by rank, by a model's contribution to the ensemble and by how little it resembles the others (`1 - |r|`). A
 * model without one of the two metrics counts as the worst there. The floor never takes more than there is.
 * @throws {InvalidContributionWeights}
 */
export function contributionWeightedEmission(settings: Partial<ContributionWeights> = {}): EmissionBuilder {
  const weights = { ...defaultContributionWeights, ...settings };
  const parts = [weights.rank_weight, weights.contribution_weight, weights.diversity_weight];
  const valid =
    parts.every((part) => part >= 0) &&
    Math.abs(parts.reduce((sum, part) => sum + part, 0) - 1) < 1e-9 &&
    weights.min_pct >= 0 &&
    weights.min_pct <= 100;
  if (!valid) throw new InvalidContributionWeights(weights);
  return (ranking, payees) => {
    if (ranking.length === 0) return emissionOf([], [], payees);
    const contributions = orWorst(ranking.map((entry) => metric(entry, 'contribution')));
    const diversities = orWorst(ranking.map((entry) => diversityOf(metric(entry, 'model_correlation'))));
    const places = ranking.map((_, i) => 1 / (i + 1));
    const min_pct = Math.min(weights.min_pct, 100 / ranking.length);
    return emissionOf(ranking, shareOut(shares({ ...weights, min_pct }, places, contributions, diversities)), payees);
  };
}

/** The reference's way: nothing checked, missing metrics are 0, anti-correlation is rewarded, the first takes the rest. */
export function legacyContributionShares(
  ranking: readonly { readonly rank?: number; readonly result_summary?: Readonly<Record<string, unknown>> }[],
  settings: Partial<ContributionWeights>,
): number[] {
  if (ranking.length === 0) return [];
  const given = (name: string): number[] =>
    ranking.map(({ result_summary }) => legacyNumber(result_summary?.[name] ?? 0, result_summary, name));
  const places = ranking.map(({ rank = ranking.length }) => {
    if (rank === 0) throw new RangeError('expected a rank other than 0');
    return 1 / rank;
  });
  const weights = { ...defaultContributionWeights, ...settings };
  const pcts = shares(
    weights,
    places,
    given('contribution'),
    given('model_correlation').map((r) => 1 - r),
  );
  return roundedByFirst(pcts);
}

function legacyNumber(value: unknown, summary: Readonly<Record<string, unknown>> | undefined, name: string): number {
  if (summary?.[name] === null) throw new TypeError(`expected ${name} to be a number, received null`);
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  throw new TypeError(`expected ${name} to be a number, received ${typeof value}`);
}

/** Percents of the whole. */
function shares(
  { rank_weight, contribution_weight, diversity_weight, min_pct }: ContributionWeights,
  ...[places, contributions, diversities]: readonly [readonly number[], readonly number[], readonly number[]]
): number[] {
  const [byPlace, byContribution, byDiversity] = [normed(places), normed(contributions), normed(diversities)];
  const scores = places.map(
    (_, i) => rank_weight * byPlace[i]! + contribution_weight * byContribution[i]! + diversity_weight * byDiversity[i]!,
  );
  const total = scores.reduce((sum, score) => sum + score, 0);
  const floored = scores.map((score) =>
    total < 1e-12 ? 100 / scores.length : Math.max(min_pct, (score / total) * 100),
  );
  const sum = floored.reduce((all, pct) => all + pct, 0);
  return floored.map((pct) => (pct / sum) * 100);
}

/** Stretched to [0, 1]; all alike when there is no difference. */
function normed(values: readonly number[]): number[] {
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  if (!Number.isFinite(range)) return normed(values.map((value) => value / 4));
  return values.map((value) => (range < 1e-12 ? 1 / values.length : (value - low) / range));
}

function metric({ result_summary }: EmissionEntry, name: string): number | null {
  const value = result_summary[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

const diversityOf = (correlation: number | null): number | null =>
  correlation === null ? null : 1 - Math.abs(correlation);

function orWorst(values: readonly (number | null)[]): number[] {
  const known = values.filter((value) => value !== null);
  const worst = known.length === 0 ? 0 : Math.min(...known);
  return values.map((value) => value ?? worst);
}
