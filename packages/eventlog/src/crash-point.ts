import { CrunchError } from '@crunch-node/streams/errors';

/**
 * Places where a test can end the process, as `kill -9` would. None is armed unless the command line arms it; unarmed,
 * a crash point costs one comparison.
 */
const names = [
  'lease-renewed',
  'stored',
  'cycle-published',
  'cycle-closed',
  'models-asked',
  'state-due',
  'state-written',
  'in-transaction',
  'committed',
  'replay-copied',
  'replay-indexed',
  'replay-caught-up',
  'replay-exchanging',
  'replay-exchanged',
  'replay-committed',
] as const;

export type CrashPoint = (typeof names)[number];

let armed: { readonly at: CrashPoint; times: number } | undefined;

/** The argument names no crash point, or no valid count. */
export class NoCrashPoint extends CrunchError {
  override readonly name = 'NoCrashPoint';
  override readonly code = 'no_crash_point';
  readonly received: string;
  constructor(received: string) {
    super(`expected <place>[:<how many times it is passed>] with one of ${names.join(', ')}, received ${received}`);
    this.received = received;
  }
}

/**
 * @param text `stored:3`: the process ends when it reaches `stored` for the third time; `stored` is `stored:1`;
 * undefined: never
 * @throws {NoCrashPoint}
 */
export function armCrashPoint(text: string | undefined): void {
  if (text === undefined) {
    armed = undefined;
    return;
  }
  const [name, times = '1', ...rest] = text.split(':');
  const at = names.find((known) => known === name);
  if (at === undefined || !/^[1-9]\d*$/.test(times) || rest.length > 0) throw new NoCrashPoint(text);
  armed = { at, times: Number(times) };
}

export function crashPoint(at: CrashPoint): void {
  if (armed === undefined || armed.at !== at) return;
  armed.times -= 1;
  if (armed.times === 0) process.kill(process.pid, 'SIGKILL');
}
