/** Commands of a tournament, decided against the last event of the round they are about. */
import { type GroundTruthProvided, isClosing, type Json, type JsonObject, type RoundEvent } from '@crunch-node/streams';
import type { TObject } from '@sinclair/typebox';
import type { CrunchConfig, TournamentCompetition } from '../crunch-config.ts';
import { canonicalJson } from '../merkle/canonical-json.ts';
import { coerceObject } from '../scoring/coerce.ts';
import { faultOfJson } from '../scoring/json-fault.ts';

export interface Refusal {
  readonly ok: false;
  readonly http_status: 404 | 409 | 422;
  readonly reason: string;
}

export type RoundDecision =
  | { readonly ok: true; readonly tournament: string; readonly features: readonly JsonObject[] }
  | Refusal;

export type GroundTruthDecision =
  /** provided before, identically */
  | { readonly ok: true; readonly known: GroundTruthProvided }
  | {
      readonly ok: true;
      readonly known: null;
      readonly ground_truth: readonly JsonObject[];
      readonly samples: number;
    }
  | Refusal;

const MAX_ID = 200;

const refuse = (http_status: Refusal['http_status'], reason: string): Refusal => ({ ok: false, http_status, reason });

/** Why a text is no id of a round, or null: `cycle` is where closings go. */
export function faultOfRoundId(tournament: unknown): string | null {
  if (typeof tournament !== 'string' || tournament === '') return 'expected the id of a round to be a non-empty text';
  if (tournament === 'cycle') return 'expected another id than cycle, which is reserved';
  if (tournament.length > MAX_ID)
    return `expected an id of at most ${MAX_ID} characters, received ${tournament.length}`;
  return faultOfJson(tournament);
}

/** A round is started once: its features are what models receive, typed by `input_type` where there is one. */
export function decideRound(
  { input_type, tournament: limits }: Pick<TournamentCompetition, 'input_type' | 'tournament'>,
  current: RoundEvent | null,
  { tournament, features }: { readonly tournament?: Json; readonly features?: Json },
): RoundDecision {
  const unnamed = faultOfRoundId(tournament);
  if (unnamed !== null) return refuse(422, unnamed);
  if (current !== null) return refuse(409, `the round ${tournament} was asked before: a round is asked once`);
  const typed = typedList('features', features, input_type, limits?.max_samples ?? 0);
  return typed.ok ? { ok: true, tournament: tournament as string, features: typed.list } : typed;
}

/** One object per sample, or one object for the first. Repeating it changes nothing; a different one is refused. */
export function decideGroundTruth(
  { ground_truth_type }: Pick<CrunchConfig, 'ground_truth_type'>,
  current: RoundEvent | null,
  { tournament, ground_truth }: { readonly tournament?: Json; readonly ground_truth?: Json },
): GroundTruthDecision {
  if (current === null || isClosing(current)) return refuse(404, `there is no round ${JSON.stringify(tournament)}`);
  const samples = samplesOf(current.data);
  const listed = isList(ground_truth) ? ground_truth : ground_truth === undefined ? undefined : [ground_truth];
  const typed = typedList('ground_truth', listed, ground_truth_type, samples);
  if (!typed.ok) return typed;
  if (current.type === 'TournamentRoundRequested') {
    return { ok: true, known: null, ground_truth: typed.list, samples };
  }
  const same = canonicalJson(current.data.ground_truth) === canonicalJson([...typed.list]);
  return same
    ? { ok: true, known: current }
    : refuse(409, `the round ${current.data.tournament} has another ground truth already`);
}

const samplesOf = (data: Exclude<RoundEvent, { type: 'CycleClosed' }>['data']): number =>
  'features' in data ? data.features.length : (data.samples ?? data.ground_truth.length);

function typedList(
  name: string,
  list: Json | undefined,
  type: TObject | null,
  most: number,
): { readonly ok: true; readonly list: readonly JsonObject[] } | Refusal {
  if (!isList(list)) return refuse(422, `${name}: expected a list of objects`);
  if (list.length === 0 || list.length > most) {
    return refuse(422, `${name}: expected 1 to ${most} objects, received ${list.length}`);
  }
  const typed: JsonObject[] = [];
  for (const [i, value] of list.entries()) {
    const fault = faultOfJson(value);
    if (fault !== null) return refuse(422, `${name}[${i}]: ${fault}`);
    const coerced = coerceObject(type ?? OPEN, value, 'default');
    if (!coerced.ok) return refuse(422, `${name}[${i}]: ${coerced.error}`);
    typed.push(coerced.value);
  }
  return { ok: true, list: typed };
}

/** Any object: no field is declared, all are kept. */
const OPEN = { type: 'object', properties: {} } as unknown as TObject;

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
