import { setTimeout as delay } from 'node:timers/promises';
import type { OwnedProcess } from './owned-process.ts';

const PATIENCE_MS = 10_000;

/** Asks a server to end, and makes it when it does not. */
export async function endInOrder(
  server: OwnedProcess,
  firstSignal: NodeJS.Signals,
  makes: 'SIGKILL' | 'SIGQUIT',
): Promise<void> {
  if (server.exit !== null) return;
  const gone = new AbortController();
  const patience = delay(PATIENCE_MS, undefined, { signal: gone.signal }).then(
    () => server.kill(makes),
    () => {},
  );
  const ended = server.kill(firstSignal);
  await server.kill('SIGCONT'); // a stopped one would hear it only then
  await ended;
  gone.abort();
  await patience;
}
