import { alwaysConfigured, type ConfiguredEnsembles, type CrunchConfig, enabledEnsembles } from '@crunch-node/domain';
import type { EventLog, ReadableLog } from '@crunch-node/eventlog';
import { readToEnd } from '@crunch-node/service';
import type { StreamComparison, Writership } from '@crunch-node/stages';
import {
  type CheckpointCreated,
  type Cycle,
  type Event,
  type Instant,
  type LeaderboardRanked,
  models,
  type Pace,
} from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { recordedEnsembles } from './configurations.ts';
import { recomputeLog } from './recompute-log.ts';

export interface WhatIfOptions {
  readonly config: CrunchConfig;
  readonly pace: Pace;
  /** the other configuration applies to cycles that end later; before, the published events count. Default: always */
  readonly from?: Instant;
  /** last cycle; default the newest */
  readonly to?: Instant;
  readonly signal: AbortSignal;
  /** called with every recomputed cycle of every writer */
  readonly onRecomputed?: (by: Writership, cycle: Cycle, events: readonly Event[]) => void | Promise<void>;
}

/** The recomputed result, and the recorded one. */
export interface WhatIf {
  /** end of the last cycle examined; null when there was none */
  readonly at: Instant | null;
  readonly cycles: number;
  readonly ranking: readonly RankChange[];
  /** of the last checkpoint up to then, in parts of 1,000,000,000; null where there is no checkpoint yet */
  readonly rewards: readonly {
    readonly model_id: string;
    readonly published: number | null;
    readonly otherwise: number | null;
  }[];
  readonly streams: readonly StreamComparison[];
}

export interface RankChange {
  readonly model_id: string;
  readonly model_name: string | null;
  readonly published: RankStanding | null;
  readonly otherwise: RankStanding | null;
}

interface RankStanding {
  readonly rank: number;
  readonly score: number | null;
}

/** The number of partitions is part of every key: a log cannot be read with another one. */
export class PartitionsFixed extends CrunchError {
  override readonly name = 'PartitionsFixed';
  override readonly code = 'partitions_fixed';
  constructor(recorded: number, received: number) {
    super(
      `expected ${recorded} partitions, as in the log, received ${received}: they cannot be changed, nor asked about`,
    );
  }
}

/**
 * Recomputes the log under another configuration, from the recorded predictions: models are not called. Nothing is
 * published.
 */
export async function whatIf(log: EventLog, options: WhatIfOptions): Promise<WhatIf> {
  const { config, pace, from, to, signal } = options;
  const [published, otherwise] = [new Newest(), new Newest()];
  let cycles = 0;
  let at: Instant | null = null;
  const streams = await recomputeLog(log, {
    config,
    from: 'predictions',
    pace,
    signal,
    ...(to !== undefined && { until: to }),
    isPast: ({ end }) => from !== undefined && end <= from,
    configured: from === undefined ? alwaysConfigured(config) : await configuredFrom(log, config, from),
    onRecorded: (events) => published.take(events),
    async onRecomputed(by, cycle, events) {
      otherwise.take(events);
      if (by.stream.name === 'LEADERBOARDS') {
        cycles++;
        at = cycle.end;
      }
      await options.onRecomputed?.(by, cycle, events);
    },
  });
  return {
    at,
    cycles,
    ranking: changesOf(published.ranked, otherwise.ranked, await namesIn(log)),
    rewards: rewardsOf(published.checkpoint, otherwise.checkpoint),
    streams,
  };
}

/** Ensembles are taken as recorded in cycles up to a given end, and from the other configuration afterwards. */
async function configuredFrom(log: ReadableLog, config: CrunchConfig, from: Instant): Promise<ConfiguredEnsembles> {
  const { configured } = await recordedEnsembles(log);
  const otherwise = enabledEnsembles(config);
  return {
    first: configured.first,
    of: (closed) => (closed.end > from ? otherwise : configured.of(closed)),
    find: async (closed) => (closed.end > from ? otherwise : configured.find(closed)),
  };
}

/** The newest ranking and checkpoint of one side. */
class Newest {
  ranked: LeaderboardRanked | null = null;
  checkpoint: CheckpointCreated | null = null;

  take(events: readonly Event[]): void {
    for (const event of events) {
      if (event.type === 'LeaderboardRanked') this.ranked = joined(this.ranked, event as LeaderboardRanked);
      if (event.type === 'CheckpointCreated') this.checkpoint = event as CheckpointCreated;
    }
  }
}

/** The parts of a large ranking follow each other. */
function joined(known: LeaderboardRanked | null, event: LeaderboardRanked): LeaderboardRanked {
  const { entries, part = 1 } = event.data;
  if (known === null || part === 1) return event;
  return { ...event, data: { ...event.data, entries: [...known.data.entries, ...entries] } };
}

function changesOf(
  published: LeaderboardRanked | null,
  otherwise: LeaderboardRanked | null,
  names: ReadonlyMap<string, string>,
): RankChange[] {
  const standings = (ranked: LeaderboardRanked | null) =>
    new Map(ranked?.data.entries.map(({ model_id, rank, score }) => [model_id, { rank, score: score.ranking.value }]));
  const [was, is] = [standings(published), standings(otherwise)];
  return [...new Set([...is.keys(), ...was.keys()])].map((model_id) => ({
    model_id,
    model_name: names.get(model_id) ?? null,
    published: was.get(model_id) ?? null,
    otherwise: is.get(model_id) ?? null,
  }));
}

function rewardsOf(published: CheckpointCreated | null, otherwise: CheckpointCreated | null): WhatIf['rewards'] {
  const shares = (created: CheckpointCreated | null) =>
    created &&
    new Map(created.data.emission.cruncher_rewards.map(({ model_id, reward_pct }) => [model_id, reward_pct]));
  const [was, is] = [shares(published), shares(otherwise)];
  return [...new Set([...(is?.keys() ?? []), ...(was?.keys() ?? [])])].map((model_id) => ({
    model_id,
    published: was && (was.get(model_id) ?? 0),
    otherwise: is && (is.get(model_id) ?? 0),
  }));
}

async function namesIn(log: ReadableLog): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for await (const { events } of readToEnd(log, models)) {
    for (const { event } of events) {
      if ('model_name' in event.data) names.set(event.data.model_id, event.data.model_name);
    }
  }
  return names;
}
