import { type Instant, RoundScored, roundId, ScoresCycleClosed, scores } from '@crunch-node/streams';
import type { Sample } from './sample.ts';

/** One score: its model, scope, time, and when it was known. */
export interface SampleScore {
  readonly model_id: string;
  readonly scope_key: string;
  readonly performed_at: Instant;
  readonly scored_at: Instant;
  /** null: it failed */
  readonly value: number | null;
}

/** SCORES of one partition, in order of their scoring, each cycle closed behind it. */
export function scoredLog(samples: readonly SampleScore[]): Sample[] {
  const cycles = new Map<Instant, Map<string, SampleScore[]>>();
  for (const score of [...samples].sort((a, b) =>
    a.scored_at < b.scored_at ? -1 : Number(a.scored_at > b.scored_at),
  )) {
    const cycle = cycles.get(score.scored_at) ?? new Map<string, SampleScore[]>();
    const round = roundId(0, score.scope_key, score.performed_at);
    cycles.set(score.scored_at, cycle.set(round, [...(cycle.get(round) ?? []), score]));
  }
  let start: Instant | null = null;
  return [...cycles].flatMap(([end, scored]) => {
    const closing = { start, end, config_hash: 'hash', partition: 0, rounds: scored.size, rounds_hash: 'x' };
    start = end;
    return [...[...scored.values()].map(roundOf), ScoresCycleClosed.at(end, closing)].map((event) => ({
      stream: scores,
      event,
    }));
  });
}

function roundOf(round: readonly SampleScore[]): RoundScored {
  const { scope_key, performed_at, scored_at } = round[0]!;
  const [subject, horizon] = scope_key.split('-');
  const id = roundId(0, scope_key, performed_at);
  return RoundScored.at(scored_at, {
    round_id: id,
    partition: 0,
    scope_key,
    scope: { subject: subject ?? '', resolve_horizon_seconds: Number(horizon), step_seconds: 15 },
    performed_at,
    resolvable_at: scored_at,
    input_id: `INP_${id}`,
    ground_truth: {},
    ground_truth_records: null,
    outcomes: round.map(({ model_id, value }) => ({
      score_id: `SCR_${id}_${model_id}`,
      prediction_id: `PRE_${id}_${model_id}`,
      model_id,
      outcome: value === null ? 'failed' : 'scored',
      result: value === null ? null : { value, success: true },
      success: value !== null,
      failed_reason: value === null ? 'no' : null,
      inference_output: {},
    })),
  });
}
