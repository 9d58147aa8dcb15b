import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { readLetters } from '@crunch-node/operations/dead-letters';
import { SILENCE_MS, type Status, survey } from '@crunch-node/operations/status';
import { withDeployment } from '../deployment.ts';
import { bold, dim, red } from '../show/colour.ts';
import { count } from '../show/text.ts';
import { statusText } from './status.ts';

export interface TopOptions {
  /** seconds between two looks */
  readonly every: number;
  /** seconds without progress that count as frozen */
  readonly frozenAfter: number;
  /** one look, then the end: also where there is no terminal */
  readonly once?: boolean;
  readonly dataDir: string;
}

/** The operations view of the web page for a terminal: the same data as `status`, again and again. */
export const runTop = ({ every, frozenAfter, once, dataDir }: TopOptions) =>
  withDeployment(dataDir, async ({ screen, log: open, readModel: openModel }) => {
    const log = await open();
    let model: ReturnType<typeof openModel> | undefined;
    const readModel = () => (model ??= openModel({ connectTimeoutMs: SILENCE_MS }));
    const look = async (): Promise<string> => {
      const [status, letters] = await Promise.all([
        survey(log, readModel, { overMs: every * 1_000, frozenMs: frozenAfter * 1_000 }),
        readLetters(log),
      ]);
      return frame(status, letters.filter(({ settled }) => settled === null).length, new Date());
    };
    if (once || !process.stdout.isTTY) return screen.result(await look());
    await onTerminal(look, every * 1_000);
  });

/** What stands out in a line, then everything `status` shows. */
export function frame(status: Status, openLetters: number, at: Date): string {
  const rows = [...status.stages, ...(status.projections ?? [])];
  const having = (activity: string): number => rows.filter((row) => row.activity === activity).length;
  const bad = having('frozen') + having('unowned');
  const head = [
    bold('crunch-node top'),
    `${at.toISOString().slice(11, 19)} UTC`,
    `${having('working')} working, ${having('idle') + having('stopped')} idle`,
    bad > 0 ? red(`${having('frozen')} frozen, ${having('unowned')} without an owner`) : 'none frozen',
    openLetters > 0 ? red(`${count(openLetters)} open dead letters`) : 'no open dead letters',
    ...(status.postgres === null ? [] : [red('Postgres cannot be asked')]),
  ];
  return `  ${head.join(' · ')}\n\n${statusText(status)}`;
}

/**
 * The part of a text that fits: its first line always, then what is scrolled to.
 * @returns lines to draw, and the largest offset there is something to see at
 */
export function fitted(
  text: string,
  { rows, columns, offset }: { readonly rows: number; readonly columns: number; readonly offset: number },
): { readonly lines: readonly string[]; readonly lastOffset: number } {
  const [head = '', ...rest] = text.split('\n');
  const room = Math.max(1, rows - 2);
  const lastOffset = Math.max(0, rest.length - room);
  const from = Math.min(Math.max(0, offset), lastOffset);
  const shown = rest.slice(from, from + room);
  return { lines: [head, ...shown].map((line) => clipped(line, columns)), lastOffset };
}

/** Colours take no room, so a line with some is cut without them. */
function clipped(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : plain.slice(0, columns);
}

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const KEYS: Readonly<Record<string, number>> = {
  '\x1b[A': -1,
  k: -1,
  '\x1b[B': 1,
  j: 1,
  '\x1b[5~': -20,
  '\x1b[6~': 20,
};

/** Draws until `q` or a signal; the terminal is left as it was. */
async function onTerminal(look: () => Promise<string>, everyMs: number): Promise<void> {
  const { stdin, stdout } = process;
  const ended = new AbortController();
  const stop = (): void => ended.abort();
  let text = '  looking …';
  let offset = 0;
  const draw = (): void => {
    const { rows = 24, columns = 80 } = stdout;
    const { lines, lastOffset } = fitted(text, { rows, columns, offset });
    offset = Math.min(Math.max(0, offset), lastOffset);
    const foot = lastOffset > 0 ? '  q ends · arrows scroll' : '  q ends';
    stdout.write(`${HOME}${[...lines, dim(foot)].map((line) => line + CLEAR_LINE).join('\n')}${CLEAR_BELOW}`);
  };
  const onKey = (key: Buffer): void => {
    const typed = key.toString('utf8');
    if (typed === 'q' || typed === '\x03') stop();
    else {
      offset += KEYS[typed] ?? 0;
      draw();
    }
  };
  stdout.write(ENTER);
  stdin.setRawMode?.(true);
  stdin.resume().on('data', onKey);
  stdout.on('resize', draw);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  try {
    draw();
    while (!ended.signal.aborted) {
      const found = await Promise.race([look(), aborted(ended.signal)]);
      if (found === undefined) break;
      text = found;
      draw();
      await delay(everyMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  } finally {
    stdin.off('data', onKey).pause();
    stdin.setRawMode?.(false);
    stdout.off('resize', draw);
    stdout.write(LEAVE);
  }
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
