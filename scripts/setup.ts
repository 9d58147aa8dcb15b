/** Finds or fetches a nats-server before it is needed, and reports which it is. Postgres comes with the packages. */
import { findNatsServer } from '@crunch-node/embedded';

const print = (text: string): void => void process.stderr.write(`${text}\n`);

if (process.env.NATS_URL) print('nats-server: the one at NATS_URL');
else {
  const { path, version, source } = await findNatsServer({ print });
  print(`nats-server ${version} (${source}): ${path}`);
}
