import { type Static, Type } from '@sinclair/typebox';
import { ModelPresence } from '../values/schemas.ts';

export const Model = Type.Object(
  {
    model_id: Type.String(),
    model_name: Type.String(),
    cruncher_name: Type.String(),
    cruncher_id: Type.String(),
    deployment_id: Type.String(),
    /** a virtual model */
    is_ensemble: Type.Boolean(),
    status: ModelPresence,
  },
  { title: 'Model' },
);
export type Model = Static<typeof Model>;
