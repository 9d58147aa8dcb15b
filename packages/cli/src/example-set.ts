import type { CrunchConfig } from '@crunch-node/domain';
import type { ExampleSet } from '@crunch-node/orchestrator';

/** The example models that a competition's calls are made for. */
export const exampleSetOf = ({ trading, tournament, output_type }: CrunchConfig): ExampleSet => {
  if (tournament !== null) return 'tournament';
  if (trading !== null) return 'trading';
  if ('densities' in output_type.properties) return 'density';
  return 'quantiles' in output_type.properties ? 'quantile' : 'realtime';
};
