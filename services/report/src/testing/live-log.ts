import type { EventLog } from '@crunch-node/eventlog';
import {
  addSeconds,
  EnsembleSignalled,
  type Instant,
  LeaderboardRanked,
  LeaderboardsCycleClosed,
  leaderboards,
  SignalsCycleClosed,
  signals,
} from '@crunch-node/streams';

const start: Instant = '2026-11-21T19:00:00.000000Z';
const minute = (n: number): Instant => addSeconds(start, 60 * n);

/** Publishes the sources of live events, by minute; each function returns the sequence of what it published. */
export type LiveLog = ReturnType<typeof liveLog>;

export function liveLog(log: EventLog) {
  const publisher = log.publisher();
  return { ranked, signalled, closeSignals };

  async function ranked(n: number): Promise<number> {
    const entry = (model_id: string, rank: number) => ({
      rank,
      model_id,
      score: { metrics: { score_recent: n }, ranking: { key: 'score_recent', value: n, direction: 'desc' } },
    });
    const data = {
      leaderboard_id: `LBR_${n}`,
      cycle_end: minute(n),
      entries: [entry('1', 1), entry('unheard-of', 2)],
      ensembles: [entry('__ensemble_main__', 1)],
    };
    const natsSubject = 'leaderboards.models';
    const published = await publisher.append(leaderboards, {
      event: LeaderboardRanked.at(minute(n), data),
      natsSubject,
    });
    const closing = { start: minute(n - 1), end: minute(n), config_hash: 'h', entries_hash: null };
    const event = LeaderboardsCycleClosed.at(minute(n), closing);
    await publisher.append(leaderboards, { event, natsSubject: leaderboards.closingSubject() });
    return published.sequence;
  }
  async function signalled(n: number, name = 'main', scope_key = 'btc', note = ''): Promise<number> {
    const data = {
      name,
      model_id: `__ensemble_${name}__`,
      prediction_id: `PRE_${name}_${scope_key}_${n}`,
      scope_key,
      scope: { subject: 'BTC', note },
      feed: null,
      performed_at: minute(n),
      resolvable_at: null,
      input_id: `INP_${n}`,
      value: n,
      members: [{ model_id: '1', value: n, weight: 1 }],
      weights_cycle_end: null,
    };
    const event = EnsembleSignalled.at(minute(n), data);
    const published = await publisher.append(signals, { event, natsSubject: `signals.ensemble.${name}.${scope_key}` });
    return published.sequence;
  }
  async function closeSignals(n: number): Promise<void> {
    const event = SignalsCycleClosed.at(minute(n), { start: minute(n - 1), end: minute(n), config_hash: 'h' });
    await publisher.append(signals, { event, natsSubject: signals.closingSubject() });
  }
}
