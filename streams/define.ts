/**
 * Definition of events and streams: a schema, a version, an id that is a function of the cause, an address. The
 * TypeScript type follows from the schema.
 */

import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { CrunchError } from './errors.ts';
import { Instant } from './instant-schema.ts';
import type { JsonObject } from './json.ts';

/** The envelope as stages see it. Observations (`obs`) are kept separately, hidden from them. */
export interface Event<T extends string = string, D = unknown> {
  /** a function of the cause; also the message id by which the server detects duplicates */
  readonly id: string;
  readonly type: T;
  readonly v: number;
  readonly at: Instant;
  readonly data: D;
}

/** Observations: durations, stage stamps, ingest time, host, deployment, attempt. */
export type Observations = JsonObject;

/** Converts the data of one version into the data of the next. */
export type Upcaster = (data: JsonObject) => JsonObject;

export interface EventDefinition<T extends string = string, S extends TSchema = TSchema> {
  readonly type: T;
  readonly v: number;
  readonly data: S;
  /** `upcasters[n]` turns version n into version n + 1 */
  readonly upcasters: Readonly<Record<number, Upcaster>>;
  readonly check: TypeCheck<S>;
  idOf(data: Static<S>): string;
  natsSubjectOf(data: Static<S>): string;
  /** @throws {InvalidEvent} when the data does not match the schema */
  at(at: Instant, data: Static<S>): Event<T, Static<S>>;
}

export type EventOf<D extends EventDefinition> =
  D extends EventDefinition<infer T, infer S> ? Event<T, Static<S>> : never;

export class InvalidEvent extends CrunchError {
  override readonly name = 'InvalidEvent';
  override readonly code = 'invalid_event';
  readonly eventType: string;
  readonly faults: readonly string[];
  constructor(eventType: string, faults: readonly string[]) {
    super(`${eventType} does not match its schema: ${faults.join('; ')}`);
    this.eventType = eventType;
    this.faults = faults;
  }
}

export function faultsOf(check: TypeCheck<TSchema>, value: unknown): string[] {
  const faults: string[] = [];
  for (const { path, message, value: received } of check.Errors(value)) {
    faults.push(`${path || '/'}: ${message}, received ${JSON.stringify(received)?.slice(0, 80) ?? typeof received}`);
    if (faults.length === 5) break;
  }
  return faults;
}

export function defineEvent<const T extends string, S extends TSchema>(
  type: T,
  definition: {
    readonly v: number;
    readonly data: S;
    readonly id: (data: Static<S>) => string;
    readonly natsSubject: (data: Static<S>) => string;
    readonly upcasters?: Readonly<Record<number, Upcaster>>;
  },
): EventDefinition<T, S> {
  const check = TypeCompiler.Compile(definition.data);
  return {
    type,
    v: definition.v,
    data: definition.data,
    upcasters: definition.upcasters ?? {},
    check,
    idOf: definition.id,
    natsSubjectOf: definition.natsSubject,
    at(at, data) {
      if (!check.Check(data)) throw new InvalidEvent(type, faultsOf(check, data));
      return { id: definition.id(data), type, v: definition.v, at, data };
    },
  };
}

export interface StreamDefinition<D extends EventDefinition = EventDefinition> {
  /** JetStream name, without the namespace */
  readonly name: string;
  /** subject patterns the stream captures, without the namespace */
  readonly natsSubjects: readonly string[];
  readonly events: readonly D[];
}

export type StreamEvent<S extends StreamDefinition> = S extends StreamDefinition<infer D> ? EventOf<D> : never;

export const defineStream = <const D extends EventDefinition>(
  name: string,
  natsSubjects: readonly string[],
  events: readonly D[],
): StreamDefinition<D> => ({ name, natsSubjects, events });

/** A stream whose writers close cycles. `P`: the key that distinguishes its writers; none if there is one. */
export interface ClosedStream<P extends readonly unknown[] = [], D extends EventDefinition = EventDefinition>
  extends StreamDefinition<D> {
  /** where a writer's closings are published */
  closingSubject(...partition: P): string;
}

export const defineClosedStream = <const D extends EventDefinition, P extends readonly unknown[]>(
  name: string,
  natsSubjects: readonly string[],
  events: readonly D[],
  closingSubject: (...partition: P) => string,
): ClosedStream<P, D> => ({ ...defineStream(name, natsSubjects, events), closingSubject });

/** The address of an event in a stream. @throws {TypeError} it is no event of the stream */
export function natsSubjectIn({ name, events }: StreamDefinition, { type, data }: Event): string {
  const definition = events.find((candidate) => candidate.type === type);
  if (definition === undefined) throw new TypeError(`${type} is not an event of ${name}`);
  return definition.natsSubjectOf(data);
}

/** The stream of these that captures an address: no two streams share the first token of their addresses. */
export const streamCapturing = (
  streams: readonly StreamDefinition[],
  natsSubject: string,
): StreamDefinition | undefined => {
  const [noun] = natsSubject.split('.', 1);
  return streams.find(({ natsSubjects }) => natsSubjects.some((pattern) => pattern.split('.', 1)[0] === noun));
};

const closingFields = {
  /** end of the previous cycle; null for the first one, which began with the log */
  start: Type.Union([Instant, Type.Null()]),
  end: Instant,
  /** configuration in force when the cycle closed */
  config_hash: Type.String(),
};

/** The closing of a cycle, which every stage forwards into its own stream, with the fields it adds. */
export const closingSchema = <F extends Record<string, TSchema>>(fields: F) =>
  Type.Object({ ...closingFields, ...fields });

export const Cycle = Type.Object(closingFields);
export type Cycle = Static<typeof Cycle>;

/** The fields of any stage's closing that loops depend on. */
export type Closing = Event<'CycleClosed', Cycle>;

export const isClosing = (event: Event): event is Closing => event.type === 'CycleClosed';
