import { Type } from '@sinclair/typebox';
import { closingSchema, defineClosedStream, defineEvent, type EventOf, type StreamEvent } from './define.ts';
import { millisOf } from './instant.ts';
import { Json, JsonObject } from './json.ts';
import { escapeToken, idOf } from './token.ts';

const CLOSINGS = 'rounds.cycle';

/** `rounds.cycle` has the same form as other addresses: a round is never named `cycle`. */
export const roundsNatsSubject = ({ tournament }: { tournament: string }): string =>
  `rounds.${escapeToken(tournament)}`;

/** A tournament round was requested by command: one sample of features per prediction. */
export const TournamentRoundRequested = defineEvent('TournamentRoundRequested', {
  v: 1,
  data: Type.Object({
    /** the round's id in the API */
    tournament: Type.String(),
    features: Type.Array(JsonObject, { minItems: 1 }),
  }),
  id: ({ tournament }) => idOf('tournament', tournament, 'requested'),
  natsSubject: roundsNatsSubject,
});
export type TournamentRoundRequested = EventOf<typeof TournamentRoundRequested>;

/** The ground truth, paired with the features by sample index. */
export const GroundTruthProvided = defineEvent('GroundTruthProvided', {
  v: 1,
  data: Type.Object({
    tournament: Type.String(),
    ground_truth: Type.Array(Json, { minItems: 1 }),
    /** number of samples of the round, by which readers know when its scores are complete */
    samples: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  id: ({ tournament }) => idOf('tournament', tournament, 'ground_truth'),
  natsSubject: roundsNatsSubject,
});
export type GroundTruthProvided = EventOf<typeof GroundTruthProvided>;

/**
 * The closing of FEEDS, forwarded by ingest, only in tournaments: rounds requested before it belong to its cycle. So
 * readers of ROUNDS need no other stream for the time of a request.
 */
export const RoundsCycleClosed = defineEvent('CycleClosed', {
  v: 1,
  data: closingSchema({}),
  id: ({ end }) => idOf('cycle', 'rounds', millisOf(end)),
  natsSubject: () => CLOSINGS,
});
export type RoundsCycleClosed = EventOf<typeof RoundsCycleClosed>;

export const rounds = defineClosedStream(
  'ROUNDS',
  ['rounds.*'],
  [TournamentRoundRequested, GroundTruthProvided, RoundsCycleClosed],
  () => 'rounds.cycle',
);
export type RoundEvent = StreamEvent<typeof rounds>;
