/** Colours for people at a terminal. None in files and pipes, nor where `NO_COLOR` is set to anything. */
export interface ColourTerms {
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function hasColour({ isTTY, env }: ColourTerms): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  if ((env.FORCE_COLOR ?? '') !== '') return env.FORCE_COLOR !== '0';
  return isTTY && env.TERM !== 'dumb';
}

const isColoured = hasColour({ isTTY: process.stdout.isTTY === true, env: process.env });

/** @param code of the start, per ECMA-48; `end` takes back what it set and nothing else */
const painted =
  (code: number, end: number) =>
  (text: string): string =>
    isColoured ? `\x1b[${code}m${text}\x1b[${end}m` : text;

export const bold = painted(1, 22);
export const dim = painted(2, 22);
export const red = painted(31, 39);
export const green = painted(32, 39);
export const yellow = painted(33, 39);
