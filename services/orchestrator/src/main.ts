/**
 * A process of its own for the example models, like participants' containers: `orchestrator.js <crunch id> <example
 * set>`. Reports its address to its parent, and ends when the parent does.
 */
import { exampleSets, isExampleSet } from './example-sets.ts';
import { startOrchestrator } from './index.ts';

const [crunchId = '', set] = process.argv.slice(2);
if (!isExampleSet(set)) {
  throw new RangeError(`expected an example set of ${Object.keys(exampleSets).join(', ')}, received ${set}`);
}
// Ctrl-C reaches the whole process group: models must answer until their clients have stopped.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.once('disconnect', () => process.exit(0));

const { url, modelIds } = await startOrchestrator({ crunchId, models: exampleSets[set] });
process.send?.({ url, modelIds });
