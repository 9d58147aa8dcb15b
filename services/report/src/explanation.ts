/** How a score came to be, from what the read model holds: facts, each with the event that said it. */
import type { Derivation, NamedRecord, SaidPrediction } from '@crunch-node/projections';
import type { EvidenceRecord, Explanation } from './schemas/explain.ts';
import { orNull, tsZ } from './timestamps.ts';

export function explanationOf(found: Derivation): Explanation {
  const { said, round, score, cycle, configuration } = found;
  const truth = round?.ground_truth_records ?? null;
  const inWindow = byId(found.window);
  const named = byId([...found.named, ...found.records]);
  return {
    state: stateOf(found),
    explanation: sentenceOf(found),
    prediction: predictionOf(said),
    input: {
      input_id: said.input_id,
      feed: said.feed === null ? null : { ...said.feed },
      count: said.window_count,
      first: inWindow(said.window_first),
      last: inWindow(said.window_last),
      recorded: said.input,
    },
    members: said.members,
    resolution: {
      after: tsZ(said.performed_at),
      until: orNull(tsZ)(said.resolvable_at ?? round?.resolvable_at ?? null),
      count: truth?.count ?? null,
      entry: named(truth?.entry),
      first: named(truth?.first),
      last: named(truth?.last),
      records: found.records.map(recordOf),
      truncated: found.truncated,
    },
    ground_truth: round?.ground_truth ?? null,
    scoring: {
      scorer: configuration?.scorer ?? null,
      config_hash: cycle?.config_hash ?? null,
      config_revision: configuration?.revision ?? null,
      cycle_end: orNull(tsZ)(cycle?.cycle_end ?? null),
      rounds_hash: cycle?.rounds_hash ?? null,
    },
    score: score && {
      id: score.score_id,
      outcome: score.outcome,
      value: score.value,
      result: score.result,
      success: score.success,
      failed_reason: score.failed_reason,
      scored_at: tsZ(score.scored_at),
    },
    log: eventsOf(found),
  };
}

const predictionOf = (said: SaidPrediction): Explanation['prediction'] => ({
  id: said.prediction_id,
  model_id: said.model_id,
  model_name: said.model_name,
  cruncher_name: said.cruncher_name,
  round_id: said.round_id,
  partition: said.partition,
  prediction_config_id: said.config_id,
  scope_key: said.scope_key,
  scope: said.scope,
  status: said.status,
  runner_status: said.runner_status,
  reason: said.reason,
  inference_output: said.inference_output,
  exec_time_ms: said.exec_time_ms,
  performed_at: tsZ(said.performed_at),
  resolvable_at: orNull(tsZ)(said.resolvable_at),
  tournament: said.tournament,
  sample: said.sample,
});

function stateOf({ said, score }: Derivation): Explanation['state'] {
  if (said.status === 'ABSENT') return 'absent';
  if (said.status === 'FAILED') return 'failed';
  return score?.outcome ?? 'pending';
}

function sentenceOf({ said, score, round, cycle }: Derivation): string {
  const because = (reason: string | null): string => (reason === null ? '' : `: ${reason}`);
  if (said.status === 'ABSENT') return `The model was not asked${because(said.reason)}. There is nothing to score.`;
  if (said.status === 'FAILED') {
    const what = said.runner_status === 'SUCCESS' ? 'The answer was not usable' : 'There was no answer';
    return `${what}${because(said.reason)}. There is nothing to score.`;
  }
  if (score === null) {
    if (round !== null) return 'Its round is finished, but this prediction has no outcome in it.';
    if (said.resolvable_at === null) return 'It is scored when ground truth is provided for its tournament round.';
    return `It is scored when the cycle that reaches ${said.resolvable_at} is closed.`;
  }
  const when = `at the closing of the cycle that ended at ${score.scored_at}`;
  switch (score.outcome) {
    case 'expired':
      return `It expired ${when}${because(score.failed_reason)}.`;
    case 'failed':
      return `Scoring it failed ${when}${because(score.failed_reason)}.`;
    case 'scored': {
      const under = cycle === null ? '' : ` under configuration ${cycle.config_hash.slice(0, 12)}`;
      const result = score.success ? `the value ${score.value}` : `no success${because(score.failed_reason)}`;
      return `It was scored ${when}${under}, with ${result}.`;
    }
  }
}

function eventsOf({ said, window, round, cycle, named, records, isOrder }: Derivation): Explanation['log'] {
  const feeds = new Map([...window, ...named, ...records].map((record) => [record.log_sequence, record]));
  const isSignal = said.partition === 'ensemble';
  return [
    ...[...feeds.values()]
      .sort((a, b) => a.log_sequence - b.log_sequence)
      .map(({ log_sequence, record_id }) => event('FEEDS', log_sequence, 'FeedRecorded', record_id)),
    event(
      isSignal ? 'SIGNALS' : 'PREDICTIONS',
      said.log_sequence,
      isSignal ? 'EnsembleSignalled' : 'RoundPredicted',
      said.round_id,
    ),
    ...(round === null
      ? []
      : [event('SCORES', round.log_sequence, isOrder ? 'OrdersFilled' : 'RoundScored', said.round_id)]),
    ...(cycle === null ? [] : [event('SCORES', cycle.log_sequence, 'CycleClosed', `partition ${cycle.partition}`)]),
  ];
}

const event = (stream: string, sequence: number, name: string, about: string): Explanation['log'][number] => ({
  stream,
  sequence,
  event: name,
  about,
});

const recordOf = ({ record_id, ts_event, at, values, log_sequence }: NamedRecord): EvidenceRecord => ({
  id: record_id,
  ts_event: tsZ(ts_event),
  at: tsZ(at),
  values,
  sequence: log_sequence,
});

/** Null for what is not named, and for records the read model no longer has. */
function byId(records: readonly NamedRecord[]): (id: string | null | undefined) => EvidenceRecord | null {
  const known = new Map(records.map((record) => [record.record_id, record]));
  return (id) => {
    const record = id == null ? undefined : known.get(id);
    return record === undefined ? null : recordOf(record);
  };
}
