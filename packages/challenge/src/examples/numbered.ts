import type { ModelBase, ModelOutput } from '../model-base.ts';

/** A model that comes with the competition, ready to be hosted. */
export interface ExampleModel<Answer = ModelOutput, Model = ModelBase<Answer>> {
  readonly model_id: string;
  readonly model_name: string;
  readonly cruncher_id: string;
  readonly cruncher_name: string;
  create(): Model;
}

/** Ids are places in the list, from 1. */
export const numbered = <Answer, Model = ModelBase<Answer>>(
  examples: readonly (readonly [name: string, create: () => Model])[],
): readonly ExampleModel<Answer, Model>[] =>
  examples.map(([model_name, create], index) => ({
    model_id: String(index + 1),
    model_name,
    cruncher_id: `local-${String(index + 1).padStart(4, '0')}`,
    cruncher_name: 'local-dev',
    create,
  }));
