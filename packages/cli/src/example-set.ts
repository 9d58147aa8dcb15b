import { byKind, type CrunchConfig } from '@crunch-node/domain';
import type { ExampleSet } from '@crunch-node/orchestrator';

/** The example models that a competition's calls are made for. */
export const exampleSetOf = (config: CrunchConfig): ExampleSet =>
  byKind<ExampleSet>(config, {
    realtime({ output_type: { properties }, call_method }) {
      if ('densities' in properties) return call_method.args.length === 0 ? 'bird' : 'density';
      return 'quantiles' in properties ? 'quantile' : 'realtime';
    },
    trading: () => 'trading',
    tournament: () => 'tournament',
  });
