import {
  decideGroundTruth,
  decideRound,
  faultOfRoundId,
  type Refusal,
  type TournamentCompetition,
} from '@crunch-node/domain';
import { type CommandHandler, CommandRefused } from '@crunch-node/service';
import {
  GroundTruthProvided,
  type Instant,
  type Json,
  type JsonObject,
  roundsNatsSubject,
  TournamentRoundRequested,
} from '@crunch-node/streams';
import type { RoundsWriter } from './rounds-writer.ts';

export interface RoundCommandContext {
  readonly config: TournamentCompetition;
  readonly writer: RoundsWriter;
  /** bytes of the largest event that can be stored */
  readonly maxPayload: number;
  /** Waits for its turn, and until cycles that are over are closed. */
  inTurn<T>(work: (now: Instant, cycleEnd: Instant) => Promise<T>): Promise<T>;
}

/** What the reply to a command and the headers of a message may add to an event. */
const ENVELOPE_BYTES = 4_096;

/** Commands that request a round and provide its ground truth, each carried out once. */
export function roundCommands(context: RoundCommandContext): Readonly<Record<string, CommandHandler>> {
  const { config, writer, inTurn } = context;
  const fitting = <E extends TournamentRoundRequested | GroundTruthProvided>(event: E): E => {
    const bytes = Buffer.byteLength(JSON.stringify(event));
    const most = context.maxPayload - ENVELOPE_BYTES;
    if (bytes <= most) return event;
    throw new CommandRefused(422, `expected at most ${most} bytes, received ${bytes}: ask for fewer samples`);
  };
  return {
    'rounds.request': (body) =>
      inTurn(async (now, cycleEnd) => {
        const asked = bodyOf(body);
        const natsSubject = addressOf(asked.tournament, 422);
        const { newest, after } = await writer.standing(natsSubject);
        const decision = decideRound(config, newest?.event ?? null, asked);
        if (!decision.ok) throw refused(decision);
        const { tournament, features } = decision;
        const at = writer.momentOf(now, cycleEnd, features.length);
        const event = fitting(TournamentRoundRequested.at(at, { tournament, features: [...features] }));
        return { event, sequence: await writer.publish(event, natsSubject, after) };
      }),
    'rounds.ground_truth': (body) =>
      inTurn(async (now, cycleEnd) => {
        const asked = bodyOf(body);
        const natsSubject = addressOf(asked.tournament, 404);
        const { newest, after } = await writer.standing(natsSubject);
        const decision = decideGroundTruth(config, newest?.event ?? null, asked);
        if (!decision.ok) throw refused(decision);
        if (decision.known !== null) return { event: decision.known, sequence: newest?.sequence ?? 0 };
        const { ground_truth, samples } = decision;
        const tournament = String(asked.tournament);
        const at = writer.momentOf(now, cycleEnd, 1);
        const event = fitting(GroundTruthProvided.at(at, { tournament, ground_truth: [...ground_truth], samples }));
        return { event, sequence: await writer.publish(event, natsSubject, after) };
      }),
  };
}

const refused = ({ http_status, reason }: Refusal): CommandRefused => new CommandRefused(http_status, reason);

function bodyOf(body: Json): JsonObject {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject;
  throw new CommandRefused(422, 'expected an object');
}

/** A name no round can have is refused as such, or as an unknown round. */
function addressOf(tournament: Json | undefined, code: 404 | 422): string {
  const fault = faultOfRoundId(tournament);
  if (fault !== null) throw new CommandRefused(code, fault);
  return roundsNatsSubject({ tournament: String(tournament) });
}
