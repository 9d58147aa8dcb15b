/** How a score came to be, from the read model: facts, each with the event that recorded it. */
import type { Derivation, DerivedPrediction, NamedRecord } from '@crunch-node/projections';
import { orNull, tsZ } from '../values/timestamps.ts';
import type { EvidenceRecord, Explanation } from './schemas.ts';

export function explanationOf(found: Derivation): Explanation {
  const { prediction, round, score, cycle, configuration } = found;
  const truth = round?.ground_truth_records ?? null;
  const inWindow = byId(found.window);
  const named = byId([...found.named, ...found.records]);
  return {
    state: stateOf(found),
    explanation: sentenceOf(found),
    prediction: { ...predictionOf(prediction), status: statusOf(found) },
    input: {
      input_id: prediction.input_id,
      feed: prediction.feed === null ? null : { ...prediction.feed },
      count: prediction.window_count,
      first: inWindow(prediction.window_first),
      last: inWindow(prediction.window_last),
      recorded: prediction.input,
    },
    members: prediction.members,
    resolution: {
      after: tsZ(prediction.performed_at),
      until: orNull(tsZ)(prediction.resolvable_at ?? round?.resolvable_at ?? null),
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

const predictionOf = (prediction: DerivedPrediction): Explanation['prediction'] => ({
  id: prediction.prediction_id,
  model_id: prediction.model_id,
  model_name: prediction.model_name,
  cruncher_name: prediction.cruncher_name,
  round_id: prediction.round_id,
  partition: prediction.partition,
  prediction_config_id: prediction.config_id,
  scope_key: prediction.scope_key,
  scope: prediction.scope,
  status: prediction.status,
  runner_status: prediction.runner_status,
  reason: prediction.reason,
  inference_output: prediction.inference_output,
  exec_time_ms: prediction.exec_time_ms,
  performed_at: tsZ(prediction.performed_at),
  resolvable_at: orNull(tsZ)(prediction.resolvable_at),
  tournament: prediction.tournament,
  sample: prediction.sample,
});

/** Its status as in `/reports/predictions`: the recorded status shows only whether there was an answer. */
function statusOf({ prediction: { status }, score }: Derivation): Explanation['prediction']['status'] {
  if (status !== 'PENDING' || score === null) return status;
  return score.outcome === 'scored' ? 'SCORED' : 'FAILED';
}

function stateOf({ prediction, score }: Derivation): Explanation['state'] {
  if (prediction.status === 'ABSENT') return 'absent';
  if (prediction.status === 'FAILED') return 'failed';
  return score?.outcome ?? 'pending';
}

function sentenceOf({ prediction, score, round, cycle }: Derivation): string {
  const because = (reason: string | null): string => (reason === null ? '' : `: ${reason}`);
  if (prediction.status === 'ABSENT')
    return `The model was not asked${because(prediction.reason)}. There is nothing to score.`;
  if (prediction.status === 'FAILED') {
    const what = prediction.runner_status === 'SUCCESS' ? 'The answer was not usable' : 'There was no answer';
    return `${what}${because(prediction.reason)}. There is nothing to score.`;
  }
  if (score === null) {
    if (round !== null) return 'Its round is finished, but this prediction has no outcome in it.';
    if (prediction.resolvable_at === null)
      return 'It is scored when ground truth is provided for its tournament round.';
    return `It is scored when the cycle that reaches ${prediction.resolvable_at} is closed.`;
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

function eventsOf({ prediction, window, round, cycle, named, records, isOrder }: Derivation): Explanation['log'] {
  const feeds = new Map([...window, ...named, ...records].map((record) => [record.log_sequence, record]));
  const isSignal = prediction.partition === 'ensemble';
  return [
    ...[...feeds.values()]
      .sort((a, b) => a.log_sequence - b.log_sequence)
      .map(({ log_sequence, record_id }) => event('FEEDS', log_sequence, 'FeedRecorded', record_id)),
    event(
      isSignal ? 'SIGNALS' : 'PREDICTIONS',
      prediction.log_sequence,
      isSignal ? 'EnsembleSignalled' : 'RoundPredicted',
      prediction.round_id,
    ),
    ...(round === null
      ? []
      : [event('SCORES', round.log_sequence, isOrder ? 'OrdersFilled' : 'RoundScored', prediction.round_id)]),
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

/** Null for records that are not named, and for those no longer in the read model. */
function byId(records: readonly NamedRecord[]): (id: string | null | undefined) => EvidenceRecord | null {
  const known = new Map(records.map((record) => [record.record_id, record]));
  return (id) => {
    const record = id == null ? undefined : known.get(id);
    return record === undefined ? null : recordOf(record);
  };
}
