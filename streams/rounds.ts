import { Type } from '@sinclair/typebox';
import { defineEvent, defineStream, type EventOf, type StreamEvent } from './define.ts';
import { Json, JsonObject } from './json.ts';
import { escapeToken, idOf } from './token.ts';

const natsSubject = ({ tournament }: { tournament: string }): string => `rounds.${escapeToken(tournament)}`;

/** A tournament round was asked for by command: one sample of features per prediction. */
export const TournamentRoundRequested = defineEvent('TournamentRoundRequested', {
  v: 1,
  data: Type.Object({ tournament: Type.String(), features: Type.Array(JsonObject, { minItems: 1 }) }),
  id: ({ tournament }) => idOf('tournament', tournament, 'requested'),
  natsSubject,
});
export type TournamentRoundRequested = EventOf<typeof TournamentRoundRequested>;

/** What really happened, paired with the features by sample index. */
export const GroundTruthProvided = defineEvent('GroundTruthProvided', {
  v: 1,
  data: Type.Object({ tournament: Type.String(), ground_truth: Type.Array(Json, { minItems: 1 }) }),
  id: ({ tournament }) => idOf('tournament', tournament, 'ground_truth'),
  natsSubject,
});
export type GroundTruthProvided = EventOf<typeof GroundTruthProvided>;

export const rounds = defineStream('ROUNDS', ['rounds.*'], [TournamentRoundRequested, GroundTruthProvided]);
export type RoundEvent = StreamEvent<typeof rounds>;
