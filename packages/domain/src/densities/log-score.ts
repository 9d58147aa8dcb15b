import { type Density, pdf } from './density.ts';
import { DensityFault, Described } from './density-fault.ts';

/** Added to a density before its logarithm is taken, so that a miss has an end: that of birdgame. */
export const LIKELIHOOD_FLOOR = 1e-10;

/** ln(floor + f(x)): higher is better. @throws {DensityFault} where the density is infinite */
export function logScore(density: Density, x: number, floor = LIKELIHOOD_FLOOR): number {
  const score = Math.log(floor + pdf(density, x));
  if (!Number.isFinite(score))
    throw new DensityFault('', `a density that is finite at ${x}`, new Described('an infinite one'));
  return score;
}
