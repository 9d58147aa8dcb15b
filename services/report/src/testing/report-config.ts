import { Type } from '@sinclair/typebox';
import type { ReportConfig } from '../route-context.ts';

export const reportConfig: ReportConfig = {
  crunch_id: 'starter-challenge',
  crunch_pubkey: '',
  network: 'devnet',
  aggregation: {
    windows: [{ name: 'score_recent', hours: 24 }],
    value_field: 'value',
    ranking_key: 'score_recent',
    ranking_direction: 'desc',
  },
  metrics: ['ic'],
  score_type: Type.Object({ value: Type.Number() }),
};
