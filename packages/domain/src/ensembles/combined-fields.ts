import type { EnsembleConfig } from './ensemble-config.ts';

export type CombinedFields = Pick<EnsembleConfig, 'output_field' | 'output_fields'>;

/** The fields of the predictions an ensemble combines, in order: at least one. */
export const combinedFields = ({ output_field, output_fields }: CombinedFields): readonly [string, ...string[]] =>
  output_fields === undefined || output_fields.length === 0
    ? [output_field]
    : (output_fields as readonly [string, ...string[]]);
