import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Closers } from '@crunch-node/service';

/** Prints lines of the services' logs and keeps them in the data folder, where `crunch-node logs` finds them. */
export async function keepingLogs(
  dataDir: string,
  print: (line: string) => void,
  closers: Closers,
): Promise<(line: string) => void> {
  const folder = join(dataDir, 'logs');
  await mkdir(folder, { recursive: true });
  const file = createWriteStream(join(folder, 'cluster.log'), { flags: 'a' });
  // A full disk stops no service: lines are printed all the same.
  file.on('error', () => undefined);
  closers.push('log file', () => new Promise((done) => file.end(() => done())));
  return (line) => {
    print(line);
    file.write(`${line}\n`);
  };
}
