import { diversityFeedback, diversityOverview } from '@crunch-node/domain';
import type { Operations, VectorInput } from './vector.ts';

export const diversityOperations: Operations = {
  feedback: ({ model_id, result_summary, leaderboard_entries }) => {
    const { guidance, ...feedback } = diversityFeedback(result_summary);
    const entry = (leaderboard_entries ?? []).find((ranked: VectorInput) => ranked.model_id === model_id);
    return { ...feedback, rank: entry?.rank ?? null, guidance_codes: guidance.map(({ code }) => code) };
  },
  overview: ({ snapshots, limit }) => diversityOverview(snapshots, limit),
};
