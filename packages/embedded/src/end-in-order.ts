import { setTimeout as delay } from 'node:timers/promises';
import type { OwnedProcess } from './owned-process.ts';

const PATIENCE_MS = 10_000;

/** Stops a server by a signal, and kills it when it does not end. */
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
  await server.kill('SIGCONT'); // a stopped process handles the signal only when continued
  await ended;
  gone.abort();
  await patience;
}
