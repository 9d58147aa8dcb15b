import { byKind, type CrunchConfig } from '@crunch-node/domain';
import { type ExampleSet, exampleSets } from '@crunch-node/orchestrator';
import { Value } from '@sinclair/typebox/value';

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

/** What the examples of a set answer with, for people. */
const ANSWERS: Readonly<Record<ExampleSet, string>> = {
  realtime: 'value',
  trading: 'orders',
  density: 'densities over several horizons',
  bird: 'one density',
  quantile: 'quantiles',
  tournament: 'value, for rounds on demand',
};

/**
 * Why the engine has no example models for a competition; null where it has. Those of a pack answer as the pack asks;
 * with an output type of one's own only `value` can be.
 */
export function withoutExamples(config: CrunchConfig): string | null {
  if (exampleSetOf(config) !== 'realtime') return null;
  if ([0.5, -0.5, 0, 1].some((value) => Value.Check(config.output_type, { value }))) return null;
  const fields = Object.keys(config.output_type.properties).join(', ') || 'no field';
  const there = (Object.keys(exampleSets) as ExampleSet[]).map((set) => `${set} (${ANSWERS[set]})`);
  return (
    `the engine has no example models that answer with ${fields}, as output_type asks; it has some for ${there.join(', ')}. ` +
    'Name files of models of your own, such as those of challenge/models in a project of crunch-node init'
  );
}
