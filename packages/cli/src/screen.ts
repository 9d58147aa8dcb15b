import { Presets, SingleBar } from 'cli-progress';

/** Output of a command for people: results on standard output, all else on standard error. */
export interface Screen {
  /** a result */
  result(text: string): void;
  /** a line about what is happening */
  print(line: string): void;
  progress(format: string): Progress;
}

export interface Progress {
  update(done: number, total: number, facts: Readonly<Record<string, string>>): void;
  end(): void;
}

const PLAIN_LINE_EVERY_MS = 5_000;

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar where there is a terminal, a plain line every few seconds elsewhere. */
export function createScreen(out: Terminal = process.stdout, err: Terminal = process.stderr): Screen {
  const clear = err.isTTY ? '\r\x1b[K' : '';
  return {
    result: (text) => void out.write(`${clear && out.isTTY ? clear : ''}${text}\n`),
    print: (line) => void err.write(`${clear}${line}\n`),
    progress: (format) => (err.isTTY ? bar(format) : lines(err, format)),
  };
}

function bar(format: string): Progress {
  const shown = new SingleBar(
    { format: `{bar} {percentage}% ${format}`, stream: process.stderr, hideCursor: true, barsize: 24, fps: 5 },
    Presets.shades_classic,
  );
  let started = false;
  return {
    update(done, total, facts) {
      if (!started) shown.start(total, done, facts);
      started = true;
      shown.setTotal(total);
      shown.update(done, facts);
    },
    end: () => shown.stop(),
  };
}

function lines(err: Terminal, format: string): Progress {
  let next = 0;
  return {
    update(done, total, facts) {
      const now = performance.now();
      if (now < next) return;
      next = now + PLAIN_LINE_EVERY_MS;
      const text = format.replaceAll(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '');
      err.write(`${total === 0 ? 0 : Math.floor((100 * done) / total)}% ${text}\n`);
    },
    end: () => {},
  };
}
