import { scores as scoreStream } from '@crunch-node/streams';
import { defineProjection } from '../define-projection.ts';
import { rowsOf } from './apply.ts';
import { scoredRounds, scores } from './tables.ts';

export const scoresProjection = defineProjection({
  name: 'scores',
  version: 1,
  stream: scoreStream,
  tables: { scored_rounds: scoredRounds, scores },
  said: ({ at, data }) => ({ writer: String(data.partition), at }), // a round is scored at the end of a cycle
  rowsOf,
});
