/** What each service may do in the account of the log on NATS: its own stream, what it reads, leases and states. */
import {
  backfills,
  checkpoints,
  deadletters,
  feeds,
  leaderboards,
  models,
  type Namespace,
  predictions,
  rounds,
  type StreamDefinition,
  scores,
  signals,
  snapshots,
} from '@crunch-node/streams';
import { type ServiceName, serviceNames } from './services.ts';

/** `operator`: who activates, looks, replays, archives and restores. */
export type NatsUser = ServiceName | 'operator';
export const natsUsers: readonly NatsUser[] = [...serviceNames, 'operator'];

export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** may reply to requests */
  readonly replies: boolean;
}

interface Duties {
  readonly appends: readonly StreamDefinition[];
  /** owns partitions by leases and saves states */
  readonly isStage: boolean;
  /** subjects of requests it sends, and of those it replies to */
  readonly requests?: readonly string[];
  readonly answers?: readonly string[];
}

const DUTIES: Readonly<Record<ServiceName, Duties>> = {
  ingest: { appends: [feeds, rounds], isStage: true, answers: ['commands.>'] },
  predict: { appends: [predictions, models], isStage: true, answers: ['queries.models'] },
  score: { appends: [scores], isStage: true },
  ensemble: { appends: [signals], isStage: true },
  snapshot: { appends: [snapshots], isStage: true },
  rank: { appends: [leaderboards], isStage: true },
  checkpoint: { appends: [checkpoints], isStage: true, answers: ['commands.>'] },
  project: { appends: [], isStage: false },
  backfill: { appends: [backfills], isStage: true, answers: ['commands.>'] },
  report: { appends: [], isStage: false, requests: ['commands.>', 'queries.models'] },
};

/**
 * Permissions of a user. Within one account they keep mistakes out, not malice: a user who may ask the server something can
 * have the answer sent to any subject.
 */
export function natsPermissions(user: NatsUser, namespace: Namespace): NatsPermissions {
  const inbox = `_INBOX_${user}.>`;
  if (user === 'operator') return { publish: ['>'], subscribe: ['>'], replies: true };
  const { appends, isStage, requests = [], answers = [] } = DUTIES[user];
  const subject = (one: string): string => namespace.natsSubject(one);
  const leases = namespace.streamName('leases');
  const states = namespace.streamName('states');
  const buckets = [`KV_${leases}`, `OBJ_${states}`];
  return {
    publish: [
      // what cannot be read is put aside by every reader
      ...[...appends, deadletters].flatMap(({ natsSubjects }) => natsSubjects.map(subject)),
      ...requests.map(subject),
      '$JS.API.INFO',
      '$JS.API.STREAM.INFO.>',
      '$JS.API.STREAM.MSG.GET.>',
      '$JS.API.DIRECT.GET.>',
      '$JS.API.CONSUMER.CREATE.>',
      '$JS.API.CONSUMER.INFO.>',
      '$JS.API.CONSUMER.DELETE.>',
      '$JS.API.CONSUMER.MSG.NEXT.>',
      ...(isStage
        ? [
            subject('lease_changed.>'),
            `$KV.${leases}.>`,
            `$O.${states}.>`,
            ...buckets.flatMap((stream) => [`$JS.API.STREAM.CREATE.${stream}`, `$JS.API.STREAM.UPDATE.${stream}`]),
            `$JS.API.STREAM.PURGE.OBJ_${states}`,
          ]
        : []),
    ],
    subscribe: [inbox, ...(isStage ? [subject('lease_changed.>')] : []), ...answers.map(subject)],
    replies: answers.length > 0,
  };
}
