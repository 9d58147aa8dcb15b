import { models as modelStream } from '@crunch-node/streams';
import { defineProjection } from '../define-projection.ts';
import { replaced } from '../gather-rows.ts';
import { rowsOf } from './apply.ts';
import { modelStates, models } from './tables.ts';
import { foldStates, writeModels } from './write.ts';

export const modelsProjection = defineProjection({
  name: 'models',
  version: 2,
  stream: modelStream,
  tables: { models, model_states: modelStates },
  publishedBy: () => null, // MODELS is not cut into cycles
  rowsOf,
  write: writeModels,
  folds: { models: replaced, model_states: foldStates },
});
