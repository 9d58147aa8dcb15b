import { scores as scoreStream } from '@crunch-node/streams';
import { defineProjection } from '../define-projection.ts';
import { rowsOf as tradingRowsOf } from '../trading/apply.ts';
import { fills, portfolioMarks } from '../trading/tables.ts';
import { writeRows } from '../write-rows.ts';
import { rowsOf } from './apply.ts';
import { scoreCycles, scoreDays, scoredRounds, scoreHours, scoreScopes, scores } from './tables.ts';
import { foldScopes, sumScores, writeScopes, writeScores } from './write.ts';

/** Scores, and what a trading competition publishes to the same stream: reading it once serves both. */
export const scoresProjection = defineProjection({
  name: 'scores',
  version: 3,
  stream: scoreStream,
  tables: {
    scored_rounds: scoredRounds,
    scores,
    score_hours: scoreHours,
    score_days: scoreDays,
    score_scopes: scoreScopes,
    score_cycles: scoreCycles,
    fills,
    portfolio_marks: portfolioMarks,
  },
  publishedBy: ({ at, data }) => ({ writer: String(data.partition), at }), // a round is scored at the end of a cycle
  rowsOf: (placed) => ({ ...rowsOf(placed), ...tradingRowsOf(placed) }),
  async write(db, schema, rows) {
    const written = await writeScores(db, schema, rows);
    await writeRows(db, schema, fills, rows.fills);
    await writeRows(db, schema, portfolioMarks, rows.portfolio_marks);
    await writeRows(db, schema, scoreCycles, rows.score_cycles);
    return written + rows.fills.length + rows.portfolio_marks.length + rows.score_cycles.length;
  },
  rebuild: {
    copied: ['scored_rounds', 'scores', 'fills', 'portfolio_marks', 'score_cycles'],
    fold: (db, schema, rows) => writeScopes(db, schema, rows.score_scopes),
    derive: sumScores,
  },
  folds: { score_scopes: foldScopes },
});
