import { scheduledConfigs } from '@crunch-node/config';
import { type CrunchConfig, type RecordWork, recordRound, recordSkipped } from '@crunch-node/domain';
import type { PromptStage } from '@crunch-node/stages';
import type { RoundPredicted, RoundSkipped } from '@crunch-node/streams';
import { type PredictState, predictStage } from './stage.ts';

/** The recorded round by its id; null when none was recorded. */
export type RecordedRounds = (roundId: string) => Promise<RoundPredicted | RoundSkipped | null>;

type Found = ReadonlyMap<string, RoundPredicted | RoundSkipped>;

/**
 * The predict stage of one partition without models: rounds, their scopes and their records are decided again; the
 * predictions are taken from the recording.
 */
export function recordedPredictStage(
  config: CrunchConfig,
  partition: number,
  recorded: RecordedRounds,
): PromptStage<PredictState, RecordWork, Found> {
  const stage = predictStage({
    rules: { ...config, partition, schedules: scheduledConfigs(config) },
    outputType: config.output_type,
    postPredict: null,
    limit: config,
    pace: 'replay',
    ask: () => Promise.reject(new Error('expected no model to be called in a replay')),
  });
  return {
    ...stage,
    async ask({ rounds }) {
      const found = await Promise.all(rounds.map(({ round_id }) => recorded(round_id)));
      return new Map(found.flatMap((round) => (round === null ? [] : [[round.id, round] as const])));
    },
    record: ({ window, rounds }, found) =>
      rounds.map((round) => {
        const recordedRound = found.get(round.round_id);
        if (recordedRound?.type === 'RoundSkipped') return { event: recordSkipped(round, recordedRound.data.reason) };
        const input = (recordedRound?.data.input ?? null) as Parameters<typeof recordRound>[2]['input'];
        const event = recordRound(round, window, { outcomes: [], input }, config.output_type);
        return { event: { ...event, data: { ...event.data, predictions: recordedRound?.data.predictions ?? [] } } };
      }),
  };
}
