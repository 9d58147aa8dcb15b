import type { Json, JsonObject } from '@crunch-node/streams';
import type { PredictionRow } from './rows.ts';

/** How often the ground truth lay below a predicted quantile, compared with its level. */
export interface Calibration {
  readonly kind: 'quantiles' | 'densities';
  /** level in (0, 1) → share of rounds at or below the value that was given for it */
  readonly levels: readonly { readonly level: number; readonly observed: number; readonly rounds: number }[];
}

/** Levels a density is looked at. */
const DECILES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** Of predictions that have `quantiles` (level → value) or are densities; null for models without either. */
export function calibrationOf(rows: readonly PredictionRow[]): Calibration | null {
  const counts = new Map<number, { below: number; rounds: number }>();
  const count = (level: number, isBelow: boolean): void => {
    const counted = counts.get(level) ?? { below: 0, rounds: 0 };
    counted.below += Number(isBelow);
    counted.rounds += 1;
    counts.set(level, counted);
  };
  let kind: Calibration['kind'] | null = null;
  for (const { output, actual } of rows) {
    if (actual === null) continue;
    const quantiles = quantilesIn(output);
    for (const [level, value] of quantiles) count(level, actual <= value);
    if (quantiles.length > 0) kind = 'quantiles';
    const below = quantiles.length > 0 ? null : densityBelow(output.density ?? output.prediction ?? output, actual);
    if (below === null) continue;
    kind = 'densities';
    for (const level of DECILES) count(level, below <= level);
  }
  if (kind === null) return null;
  const levels = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([level, { below, rounds }]) => ({ level, observed: below / rounds, rounds }));
  return { kind, levels };
}

function quantilesIn(output: JsonObject): [number, number][] {
  const { quantiles } = output;
  if (!isObject(quantiles)) return [];
  return Object.entries(quantiles).flatMap(([key, value]): [number, number][] => {
    const level = Number(key);
    return level > 0 && level < 1 && typeof value === 'number' ? [[level, value]] : [];
  });
}

/**
 * Probability that a density gives to values up to `x`: a normal one as `{type: 'builtin', name: 'norm', params:
 * {loc, scale}}`, or `{type: 'mixture', components: [{density, weight}]}` of such. Null for anything else.
 */
export function densityBelow(density: Json | undefined, x: number): number | null {
  if (!isObject(density)) return null;
  const { type, name, params, components } = density;
  if (type === 'mixture' && Array.isArray(components)) {
    let [sum, total] = [0, 0];
    for (const component of components) {
      if (!isObject(component) || typeof component.weight !== 'number') return null;
      const below = densityBelow(component.density, x);
      if (below === null) return null;
      sum += component.weight * below;
      total += component.weight;
    }
    return total > 0 ? sum / total : null;
  }
  if (!isObject(params) || (name !== 'norm' && name !== 'normal')) return null;
  const [loc, scale] = [params.loc ?? 0, params.scale ?? 1];
  return typeof loc === 'number' && typeof scale === 'number' && scale > 0 ? normalBelow((x - loc) / scale) : null;
}

/** Distribution function of the standard normal, to seven digits (Abramowitz and Stegun, 26.2.17). */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
