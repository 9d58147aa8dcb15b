import {
  type Event,
  type EventDefinition,
  faultsOf,
  type Observations,
  type StreamDefinition,
  type StreamEvent,
} from './define.ts';
import { isInstant } from './instant.ts';
import type { JsonObject } from './json.ts';

/** An event with its observations. */
export interface Observed<E extends Event = Event> {
  readonly event: E;
  readonly obs?: Observations;
}

export type Decoded<E extends Event = Event> =
  | ({ readonly kind: 'event' } & Observed<E>)
  /** a type or a version this code does not know: skipped and counted, so that old and new code can run concurrently */
  | { readonly kind: 'unknown'; readonly type: string; readonly v: number }
  | { readonly kind: 'malformed'; readonly reason: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The envelope `{ id, type, v, at, data, obs? }` as JSON text in UTF-8. */
export const encodeEvent = ({ id, type, v, at, data }: Event, obs?: Observations): Uint8Array =>
  encoder.encode(JSON.stringify(obs === undefined ? { id, type, v, at, data } : { id, type, v, at, data, obs }));

/** Decodes one message of a stream: parses, upcasts to the current version, validates. Never throws. */
export function decodeEvent<S extends StreamDefinition>(stream: S, payload: Uint8Array): Decoded<StreamEvent<S>> {
  let envelope: unknown;
  try {
    envelope = JSON.parse(decoder.decode(payload));
  } catch (error) {
    return malformed(`expected JSON text, received ${payload.length} bytes: ${(error as Error).message}`);
  }
  if (!isRecord(envelope)) return malformed('expected an envelope { id, type, v, at, data }, received no object');
  const { id, type, v, at, data, obs } = envelope;
  if (
    typeof id !== 'string' ||
    typeof type !== 'string' ||
    !Number.isInteger(v) ||
    typeof at !== 'string' ||
    !isInstant(at)
  ) {
    return malformed('expected an envelope { id: string, type: string, v: integer, at: instant, data }');
  }
  const definition = stream.events.find((candidate) => candidate.type === type);
  if (definition === undefined || (v as number) > definition.v) return { kind: 'unknown', type, v: v as number };
  const current = upcast(definition, v as number, data);
  if (!current.ok) return malformed(current.reason);
  if (!definition.check.Check(current.data)) return malformed(faultsOf(definition.check, current.data).join('; '));
  if (obs !== undefined && !isRecord(obs)) return malformed('expected obs to be an object');
  const event = { id, type, v: definition.v, at, data: current.data } as StreamEvent<S>;
  return obs === undefined ? { kind: 'event', event } : { kind: 'event', event, obs: obs as Observations };
}

function upcast(
  definition: EventDefinition,
  from: number,
  data: unknown,
): { ok: true; data: unknown } | { ok: false; reason: string } {
  let current = data;
  for (let v = from; v < definition.v; v++) {
    const step = definition.upcasters[v];
    if (step === undefined) return { ok: false, reason: `no upcaster for ${definition.type} from version ${v}` };
    if (!isRecord(current))
      return { ok: false, reason: `expected ${definition.type} version ${v} data to be an object` };
    current = step(current as JsonObject);
  }
  return { ok: true, data: current };
}

/** Not within `decodeEvent`, which would create a function for every message. */
const malformed = (reason: string) => ({ kind: 'malformed', reason }) as const;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
