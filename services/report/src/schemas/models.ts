import { type Static, Type } from '@sinclair/typebox';

export const Model = Type.Object(
  {
    model_id: Type.String(),
    model_name: Type.String(),
    cruncher_name: Type.String(),
    cruncher_id: Type.String(),
    deployment_id: Type.String(),
    /** a virtual model */
    is_ensemble: Type.Boolean(),
    status: Type.Unsafe<'active' | 'inactive'>({ type: 'string', enum: ['active', 'inactive'] }),
  },
  { title: 'Model' },
);
export type Model = Static<typeof Model>;
