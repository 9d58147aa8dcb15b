import type { CyclicStage } from '@crunch-node/stages';
import type { RoundScored } from '@crunch-node/streams';

/** A score belongs to the trace of its round: to the record that triggered it. */
export const roundTraces: Pick<Required<CyclicStage>, 'traces' | 'failures'> = {
  traces: {
    of: ({ type }) => type === 'RoundPredicted' || type === 'EnsembleSignalled',
    causeOf: (published) => (published.type === 'RoundScored' ? (published as RoundScored).data.round_id : null),
  },
  failures(published) {
    if (published.type !== 'RoundScored') return null;
    const failed = (published as RoundScored).data.outcomes.filter(({ outcome }) => outcome === 'failed');
    if (failed.length === 0) return null;
    return { failed: Object.fromEntries(failed.map(({ model_id, failed_reason }) => [model_id, failed_reason])) };
  },
};
