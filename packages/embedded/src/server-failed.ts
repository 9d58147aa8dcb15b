import { readFile, stat } from 'node:fs/promises';
import { CrunchError } from '@crunch-node/streams/errors';

/** A private server did not start; the message contains the end of its log. */
export class ServerFailed extends CrunchError {
  override readonly name = 'ServerFailed';
  override readonly code = 'server_failed';
  readonly logFile: string;
  constructor(server: string, logFile: string, log: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const tailOfLog = log === '' ? `${logFile} is empty` : `The end of ${logFile}:\n${log}`;
    super(`expected ${server} to start, but ${reason}. ${tailOfLog}`, { cause });
    this.logFile = logFile;
  }
}

/** The offset at which the next start will write. */
export const sizeOf = (logFile: string): Promise<number> =>
  stat(logFile).then(
    ({ size }) => size,
    () => 0,
  );

/** The last lines of a log after an offset, empty when there are none. */
export async function tailOf(logFile: string, from = 0): Promise<string> {
  const bytes = await readFile(logFile).catch(() => Buffer.alloc(0));
  return bytes.subarray(from).toString('utf8').trimEnd().split('\n').slice(-12).join('\n');
}
