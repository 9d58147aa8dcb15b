import { join } from 'node:path';
import { keptLog } from '@crunch-node/service';

/** Prints lines of the services' logs and keeps them in the data folder, where `crunch-node logs` finds them. */
export function keepingLogs(dataDir: string, print: (line: string) => void): (line: string) => void {
  const kept = keptLog(join(dataDir, 'logs', 'cluster.log'));
  return (line) => {
    print(line);
    kept.write(`${line}\n`);
  };
}
