import { checkpointOperations } from './checkpoint.ts';
import { diversityOperations } from './diversity.ts';
import { emissionOperations } from './emission.ts';
import { ensembleOperations } from './ensemble.ts';
import { groundTruthOperations } from './ground-truth.ts';
import { leaderboardOperations } from './leaderboard.ts';
import { merkleOperations } from './merkle.ts';
import { metricOperations } from './metrics.ts';
import { scoringOperations } from './scoring.ts';
import { tradingOperations } from './trading.ts';
import type { Operations } from './vector.ts';

const byFile: Readonly<Record<string, Operations>> = {
  checkpoint: checkpointOperations,
  diversity: diversityOperations,
  emission: emissionOperations,
  ensemble: ensembleOperations,
  ground_truth: groundTruthOperations,
  leaderboard: leaderboardOperations,
  merkle: merkleOperations,
  metrics: metricOperations,
  scoring: scoringOperations,
  trading: tradingOperations,
};

/** Operations of a vector file; none for a file that is not built yet. */
export const operationsOf = (file: string): Operations => byFile[file] ?? {};
