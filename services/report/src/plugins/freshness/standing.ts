import { createHash } from 'node:crypto';
import { type AppliedPosition, type AppliedPositions, streamOfProjection } from '@crunch-node/projections';

/** The positions a response is made at, in the order in which its route names what it reads. */
export interface AnswerStanding {
  readonly headers: Readonly<Record<string, string>>;
  /** of everything the response is a function of, besides path and query; null while that is not known */
  readonly validator: string | null;
  /** as {@link validator}, wherever the projections are */
  readonly identity: string;
  /** stream → applied sequence */
  readonly sequences: ReadonlyMap<string, number>;
  readonly positions: AppliedPositions;
}

const PROJECTION = 'x-crunch-projection';
const POSITION = 'x-crunch-position';
const EVENT_TIME = 'x-crunch-event-time';
/** Of a command: the position of the event it wrote, to be given to `min_seq`. */
export const WRITTEN = 'X-Crunch-Written';

/** As they are written in the documentation. */
export const freshnessHeaders = {
  'X-Crunch-Projection': 'Projections the answer is made of with their versions: `leaderboards@1, models@2`',
  'X-Crunch-Position':
    'Sequence each has applied of its stream, in the same order: `LEADERBOARDS:120, MODELS:9`. The answer shows at least that',
  'X-Crunch-Event-Time': 'Time of the last event each has applied, `-` before the first',
} as const;

/** Kept per set of positions, which is the same object while no position moves. */
export function standings(
  projections: readonly string[],
  salt: string,
): (positions: AppliedPositions) => AnswerStanding {
  const known = new WeakMap<AppliedPositions, AnswerStanding>();
  return (positions) => {
    const found = known.get(positions) ?? standingOf(projections, positions, salt);
    known.set(positions, found);
    return found;
  };
}

function standingOf(projections: readonly string[], positions: AppliedPositions, salt: string): AnswerStanding {
  const applied = projections.map((name) => positions.get(name) ?? notBegun(name));
  const list = (text: (position: AppliedPosition) => string): string => applied.map(text).join(', ');
  const places = list(({ stream, sequence }) => `${stream}:${sequence}`);
  const headers: Record<string, string> =
    applied.length === 0
      ? {}
      : {
          [PROJECTION]: list(({ projection, version }) => (version === 0 ? projection : `${projection}@${version}`)),
          [POSITION]: places,
          [EVENT_TIME]: list(({ event_at }) => event_at ?? '-'),
        };
  const identity = list((p) => `${p.projection} ${p.version} ${p.created} ${p.sequence} ${p.row_version}`);
  const builds = list((p) => `${p.projection} ${p.version} ${p.created} ${p.tables}`);
  return {
    headers,
    identity: digest(`${salt}\n${builds}`),
    positions,
    validator: positions.size === 0 && projections.length > 0 ? null : digest(`${salt}\n${identity}`),
    sequences: new Map(applied.map(({ stream, sequence }) => [stream, sequence])),
  };
}

export const digest = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('base64url').slice(0, 22);

const notBegun = (projection: string): AppliedPosition => ({
  projection,
  version: 0,
  stream: streamOfProjection.get(projection) ?? projection,
  created: '',
  sequence: 0,
  event_at: null,
  closings: {},
  row_version: '',
  tables: '',
});
