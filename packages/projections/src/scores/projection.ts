import { scores as scoreStream } from '@crunch-node/streams';
import { defineProjection } from '../define-projection.ts';
import { rowsOf as tradingRowsOf } from '../trading/apply.ts';
import { fills, portfolioMarks } from '../trading/tables.ts';
import { rowsOf } from './apply.ts';
import { scoredRounds, scores } from './tables.ts';

/** Scores, and what a trading competition says into the same stream: reading it once serves both. */
export const scoresProjection = defineProjection({
  name: 'scores',
  version: 1,
  stream: scoreStream,
  tables: { scored_rounds: scoredRounds, scores, fills, portfolio_marks: portfolioMarks },
  said: ({ at, data }) => ({ writer: String(data.partition), at }), // a round is scored at the end of a cycle
  rowsOf: (placed) => ({ ...rowsOf(placed), ...tradingRowsOf(placed) }),
});
