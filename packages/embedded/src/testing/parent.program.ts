/** Starts both servers in a folder, prints their process ids, and waits to be killed. */
import { startNatsServer, startPostgres } from '../index.ts';

const [folder, binary] = process.argv.slice(2) as [string, string];
const nats = await startNatsServer({ binary, storeDir: `${folder}/nats` });
const postgres = await startPostgres({ dataDir: `${folder}/postgres` });
process.once('SIGTERM', async () => {
  await postgres.stop();
  await nats.stop();
  process.exit(0);
});
setInterval(() => {}, 60_000);
process.stdout.write(`${JSON.stringify([nats.pid, postgres.pid])}\n`);
