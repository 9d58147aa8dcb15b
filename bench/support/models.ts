/** Hosts N trivial models in a process of their own, like participants' containers, and reports their address. */
import { type LocalModel, startLocalOrchestrator, startModelHost } from '@crunch-node/models';

const count = Number(process.argv[2]);
const models: LocalModel[] = Array.from({ length: count }, (_, i) => ({
  model_id: String(i + 1),
  model_name: `trivial-${i + 1}`,
  cruncher_id: `local-${i + 1}`,
  cruncher_name: 'bench',
  create: () => ({ feed_update: () => undefined, predict: () => ({ value: 0.5 }) }),
}));
const host = await startModelHost({ models });
const { url } = await startLocalOrchestrator({ crunchId: 'bench', models: host, port: 0 });
process.send?.({ url });
process.once('disconnect', () => process.exit(0));
