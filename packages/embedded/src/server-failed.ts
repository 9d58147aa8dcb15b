import { readFile } from 'node:fs/promises';

/** A private server did not start; the end of its log is in the text. */
export class ServerFailed extends Error {
  override readonly name = 'ServerFailed';
  readonly logFile: string;
  constructor(server: string, logFile: string, log: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`expected ${server} to start, but ${reason}. The end of ${logFile}:\n${log}`, { cause });
    this.logFile = logFile;
  }
}

/** The last lines of a log, empty when there is none. */
export async function tailOf(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-12).join('\n');
}
