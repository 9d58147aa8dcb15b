import { control } from '@crunch-node/streams';
import { defineProjection } from '../define-projection.ts';
import { type ConfigIdOf, rowsOf } from './apply.ts';
import { configActivations, scheduledConfigs } from './tables.ts';

export const configurationsProjection = (configIdOf: ConfigIdOf) =>
  defineProjection({
    name: 'configurations',
    version: 1,
    stream: control,
    tables: { config_activations: configActivations, scheduled_configs: scheduledConfigs },
    publishedBy: () => null, // CONTROL is not cut into cycles
    rowsOf: rowsOf(configIdOf),
  });
