import { emissionOperations } from './emission.ts';
import { groundTruthOperations } from './ground-truth.ts';
import { merkleOperations } from './merkle.ts';
import { metricOperations } from './metrics.ts';
import { scoringOperations } from './scoring.ts';
import type { Operations } from './vector.ts';

const byFile: Readonly<Record<string, Operations>> = {
  emission: emissionOperations,
  ground_truth: groundTruthOperations,
  merkle: merkleOperations,
  metrics: metricOperations,
  scoring: scoringOperations,
};

/** Operations of a vector file; none for a file nobody has built yet. */
export const operationsOf = (file: string): Operations => byFile[file] ?? {};
