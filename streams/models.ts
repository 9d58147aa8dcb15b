import { Type } from '@sinclair/typebox';
import { defineEvent, defineStream, type EventOf, type StreamEvent } from './define.ts';
import { Partition } from './partition.ts';
import { escapeToken, idOf } from './token.ts';

const about = {
  partition: Partition,
  model_id: Type.String(),
  /**
   * how many events this partition has published about the model before; distinguishes a second joining from the first
   */
  revision: Type.Integer({ minimum: 0 }),
  deployment_id: Type.String(),
};
const identity = {
  model_name: Type.String(),
  cruncher_id: Type.String(),
  cruncher_name: Type.String(),
};
const address = {
  id: ({ model_id, revision }: { model_id: string; revision: number }) => idOf('model', model_id, revision),
  natsSubject: ({ partition, model_id }: { partition: number; model_id: string }) =>
    `models.${partition}.${escapeToken(model_id)}`,
};

/** A model is connected and set up for the first time, or again after it had left. */
export const ModelJoined = defineEvent('ModelJoined', {
  v: 1,
  data: Type.Object({ ...about, ...identity }),
  ...address,
});
export type ModelJoined = EventOf<typeof ModelJoined>;

/** A new deployment, or a new name. */
export const ModelChanged = defineEvent('ModelChanged', {
  v: 1,
  data: Type.Object({ ...about, ...identity }),
  ...address,
});
export type ModelChanged = EventOf<typeof ModelChanged>;

/** The orchestrator reported it. Losing the orchestrator is not leaving. */
export const ModelLeft = defineEvent('ModelLeft', { v: 1, data: Type.Object(about), ...address });
export type ModelLeft = EventOf<typeof ModelLeft>;

/** The engine gave up on the model and reported the reason to the orchestrator. */
export const ModelFailed = defineEvent('ModelFailed', {
  v: 1,
  data: Type.Object({
    ...about,
    failure_code: Type.Union([
      Type.Literal('BAD_IMPLEMENTATION'),
      Type.Literal('CONNECTION_FAILED'),
      Type.Literal('MULTIPLE_FAILED'),
      Type.Literal('MULTIPLE_TIMEOUT'),
    ]),
    failure_reason: Type.Union([Type.String(), Type.Null()]),
  }),
  ...address,
});
export type ModelFailed = EventOf<typeof ModelFailed>;

export const models = defineStream('MODELS', ['models.*.*'], [ModelJoined, ModelChanged, ModelLeft, ModelFailed]);
export type ModelEvent = StreamEvent<typeof models>;
