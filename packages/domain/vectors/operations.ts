import { emissionOperations } from './emission.ts';
import { merkleOperations } from './merkle.ts';
import { metricOperations } from './metrics.ts';
import type { Operations } from './vector.ts';

const byFile: Readonly<Record<string, Operations>> = {
  emission: emissionOperations,
  merkle: merkleOperations,
  metrics: metricOperations,
};

/** Operations of a vector file; none for a file nobody has built yet. */
export const operationsOf = (file: string): Operations => byFile[file] ?? {};
