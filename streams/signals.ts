import { Type } from '@sinclair/typebox';
import { closingSchema, defineClosedStream, defineEvent, type EventOf, type StreamEvent } from './define.ts';
import { FeedKey } from './feeds.ts';
import { microsOf, millisOf } from './instant.ts';
import { Instant } from './instant-schema.ts';
import { Json, JsonObject, Nullable } from './json.ts';
import { escapeToken, idOf } from './token.ts';

/** An ensemble's answer to a round. It is the virtual model's prediction; PREDICTIONS does not repeat it. */
export const EnsembleSignalled = defineEvent('EnsembleSignalled', {
  v: 1,
  data: Type.Object({
    name: Type.String(),
    /** `__ensemble_<name>__` */
    model_id: Type.String(),
    prediction_id: Type.String(),
    scope_key: Type.String(),
    scope: JsonObject,
    feed: Nullable(FeedKey),
    performed_at: Instant,
    resolvable_at: Nullable(Instant),
    input_id: Type.String(),
    /** the members' input, only when the horizon is 0: such a round is resolved from it */
    input: Type.Optional(Json),
    /** field of the members' answers that was combined; absent: `value` */
    output_field: Type.Optional(Type.String()),
    /** weighted mean of the members; null when no answer is usable */
    value: Nullable(Type.Number()),
    /** field → weighted mean, where several fields were combined; `value` is the first of them */
    values: Type.Optional(Type.Record(Type.String(), Type.Number())),
    /** the combination of the members' answers when those are more than numbers: densities, quantiles */
    answer: Type.Optional(JsonObject),
    /** members with a usable answer, in order of model id; the weights sum to 1 */
    members: Type.Array(
      Type.Object({
        model_id: Type.String(),
        value: Type.Number(),
        /** the same by field, when several were combined */
        values: Type.Optional(Type.Record(Type.String(), Type.Number())),
        weight: Type.Number(),
      }),
    ),
    /** number of members that are not listed for lack of room; absent: none */
    members_omitted: Type.Optional(Type.Integer({ minimum: 0 })),
    /** end of the cycle whose weights were used; null before the first ones */
    weights_cycle_end: Nullable(Instant),
  }),
  id: ({ name, scope_key, performed_at }) => idOf('signal', name, scope_key, microsOf(performed_at)),
  natsSubject: ({ name, scope_key }) => `signals.ensemble.${escapeToken(name)}.${escapeToken(scope_key)}`,
});
export type EnsembleSignalled = EventOf<typeof EnsembleSignalled>;

export const SignalsCycleClosed = defineEvent('CycleClosed', {
  v: 1,
  data: closingSchema({}),
  id: ({ end }) => idOf('cycle', 'signals', millisOf(end)),
  natsSubject: () => 'signals.cycle',
});
export type SignalsCycleClosed = EventOf<typeof SignalsCycleClosed>;

export const signals = defineClosedStream(
  'SIGNALS',
  ['signals.ensemble.*.*', 'signals.cycle'],
  [EnsembleSignalled, SignalsCycleClosed],
  () => 'signals.cycle',
);
export type SignalEvent = StreamEvent<typeof signals>;
