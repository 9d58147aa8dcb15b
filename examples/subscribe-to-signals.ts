/**
 * Prints the signals of an ensemble: history first, then live, until Ctrl-C. What it printed last is kept in a file, so that
 * the next start goes on there.
 *
 *   NATS_URL=nats://signals:password@127.0.0.1:4222 node --import tsx examples/subscribe-to-signals.ts main
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { connectSignals } from '@crunch-node/client';

const [ensemble = 'main', file = 'last-signal.txt'] = process.argv.slice(2);
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

const client = await connectSignals({
  url: process.env.NATS_URL ?? 'nats://127.0.0.1:4222',
  namespace: process.env.CRUNCH_NAMESPACE ?? '',
  name: 'subscribe-to-signals',
  onStatus: ({ state }) => console.error(state),
});
const weights = await client.weights(ensemble);
console.error(
  weights === null ? `${ensemble} has published nothing yet` : `weights of ${ensemble}:`,
  weights?.weights ?? '',
);

const options = { ensemble, since: { after: lastPrinted() }, signal: stopping.signal };
for await (const { sequence, data } of client.signals(options)) {
  console.log(data.performed_at, data.scope_key, data.value);
  writeFileSync(file, String(sequence));
}
await client.close();

function lastPrinted(): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0; // nothing yet: from the start
  }
}
