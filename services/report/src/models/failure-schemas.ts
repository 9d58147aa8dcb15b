import { type Static, Type } from '@sinclair/typebox';
import { Count } from '../values/schemas.ts';

export const Failure = Type.Object(
  {
    what: Type.Unsafe<'answer' | 'score'>({
      type: 'string',
      enum: ['answer', 'score'],
      description: 'the answer of a model, or the score of an answer',
    }),
    reason: Type.String(),
    times: Count,
    models: Count,
    example: Type.String({ description: 'id of one of the models' }),
    example_name: Type.Union([Type.String(), Type.Null()], {
      description: 'its name, with the id where several models share the name; null: not known',
    }),
  },
  { title: 'Failure' },
);
export type Failure = Static<typeof Failure>;
