/** Values drawn from a density with numpy's generator, in the order in which scipy.stats draws them. */
import type { Density, Structure } from './density.ts';
import { type Draw, each } from './draw.ts';
import type { Standard } from './family.ts';
import type { MersenneTwister } from './mersenne-twister.ts';

/** By the quantile function, as scipy does for families without a way of their own. */
const byQuantile = ({ ppf }: Standard): Draw => each((random) => ppf(random.uniform()));

/** The parts of a mixture are chosen for all values first; then the values of each part are drawn. */
export function drawn({ components, structure }: Density, random: MersenneTwister, count: number): Float64Array {
  const ofPart = (part: Structure, n: number): Float64Array => {
    if (typeof part === 'number') return ofComponent(components[part]!, random, n);
    const values = new Float64Array(n);
    const chosen = choices(part.shares, random, n);
    for (const [j, inner] of part.parts.entries()) {
      const places = [...chosen.keys()].filter((i) => chosen[i] === j);
      if (places.length === 0) continue;
      const own = ofPart(inner, places.length);
      for (const [i, place] of places.entries()) values[place] = own[i]!;
    }
    return values;
  };
  return ofPart(structure, count);
}

function ofComponent({ location, scale, standard }: Density['components'][number], random: MersenneTwister, n: number) {
  const values = standard.draw?.(random, n) ?? byQuantile(standard)(random, n);
  for (let i = 0; i < n; i++) values[i] = values[i]! * scale + location;
  return values;
}

/** Indices by weight, as `numpy.random.choice` finds them. */
function choices(weights: readonly number[], random: MersenneTwister, count: number): Uint8Array {
  const ends = new Float64Array(weights.length);
  let sum = 0;
  for (const [i, weight] of weights.entries()) {
    sum += weight;
    ends[i] = sum;
  }
  return Uint8Array.from({ length: count }, () => {
    const u = random.uniform();
    const found = ends.findIndex((end) => u < end / sum);
    return found < 0 ? weights.length - 1 : found;
  });
}
