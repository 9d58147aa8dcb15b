import { type Static, Type } from '@sinclair/typebox';
import { defineEvent, defineStream, type EventOf, type StreamEvent } from './define.ts';
import { JsonObject } from './json.ts';
import { idOf } from './token.ts';

/** `live`: three places may consult a clock. `replay`: nothing is skipped and no wait times out. */
export const Pace = Type.Union([Type.Literal('live'), Type.Literal('replay')]);
export type Pace = Static<typeof Pace>;

/** Published by `crunch-node activate`; in force from the next cycle to close. */
export const ConfigActivated = defineEvent('ConfigActivated', {
  v: 1,
  data: Type.Object({
    /** 0 for the first configuration of the log */
    revision: Type.Integer({ minimum: 0 }),
    config_hash: Type.String(),
    pace: Pace,
    partitions: Type.Integer({ minimum: 1 }),
    /** maximum payload of the server it was activated on; no stage publishes a larger event. Absent in old logs */
    max_event_bytes: Type.Optional(Type.Integer({ minimum: 1 })),
    cycle_seconds: Type.Integer({ minimum: 1 }),
    ensembles: Type.Array(Type.String()),
    /** the serialisable part of the configuration */
    config: JsonObject,
  }),
  id: ({ revision }) => idOf('config', revision),
  natsSubject: () => 'control.config',
});
export type ConfigActivated = EventOf<typeof ConfigActivated>;

export const control = defineStream('CONTROL', ['control.config'], [ConfigActivated]);
export type ControlEvent = StreamEvent<typeof control>;
