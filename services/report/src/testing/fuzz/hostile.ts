import type { Dice } from './dice.ts';

const LONG = 'A'.repeat(1_900);

/** Texts that have broken parsers, queries, paths, logs or pages. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  '-0',
  'NaN',
  'Infinity',
  '0x10',
  '9007199254740993',
  '-9223372036854775809',
  '99999999999999999999999999',
  '1.5',
  'null',
  'undefined',
  'true',
  '[]',
  '{}',
  '[object Object]',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  "' or 1=1 --",
  "'; drop table models; --",
  '" or ""="',
  '1; select pg_sleep(10)',
  "$$||pg_read_file('/etc/passwd')||$$",
  '%',
  '_',
  '\\',
  '%%%',
  '$1',
  ':id',
  '*',
  '>',
  '../../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '..\\..\\windows\\win.ini',
  '/etc/passwd',
  'file:///etc/passwd',
  '.',
  '..',
  'CON',
  '\u0000',
  'a\u0000b',
  '\r\nx-injected: yes',
  '\n',
  '\t',
  '\u202e\u200b\ufeff',
  '\ud83d\ude00',
  'ä\u0308'.repeat(50),
  '\u{10ffff}',
  '<script>alert(1)</script>',
  '{{7*7}}',
  '#{7*7}',
  'javascript:alert(1)',
  'latest',
  'rewards',
  '__ensemble_main__',
  '1,2,,3,',
  ','.repeat(500),
  '2026-11-21',
  '2026-11-21T19:07:17.605149Z',
  '2026-02-30T25:61:61Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999+23:59',
  '-271821-04-20',
  '+275760-09-13',
  '1795288037605149',
  '-1795288037',
  LONG,
];

/** A random text, sometimes a long one. */
function anyText(dice: Dice): string {
  const length = dice.chance(0.05) ? dice.below(1_500) : dice.below(12);
  const ranges = [0x20, 0x7f, 0x100, 0x800, 0xffff, 0x10ffff];
  return Array.from({ length }, () => {
    const code = dice.below(dice.oneOf(ranges));
    return String.fromCodePoint(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code);
  }).join('');
}

export const hostileText = (dice: Dice): string => (dice.chance(0.75) ? dice.oneOf(hostileTexts) : anyText(dice));

/** JSON of any shape, not deep. */
export function hostileJson(dice: Dice, depth = 0): unknown {
  switch (dice.below(depth > 3 ? 5 : 8)) {
    case 0:
      return null;
    case 1:
      return dice.chance(0.5);
    case 2:
      return dice.oneOf([0, -1, 0.1, 1e308, -1e308, 2 ** 53, 1.5e-320, dice.below(1_000_000)]);
    case 3:
    case 4:
      return hostileText(dice);
    case 5:
      return Array.from({ length: dice.below(6) }, () => hostileJson(dice, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: dice.below(6) }, () => [hostileText(dice).slice(0, 60), hostileJson(dice, depth + 1)]),
      );
  }
}

/** Bytes that are no JSON, or only look like it. */
export const hostileBytes = (dice: Dice): Buffer =>
  dice.oneOf<() => Buffer>([
    () => Buffer.from('{"a":'),
    () => Buffer.from('{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}'),
    () => Buffer.from('['.repeat(20_000)),
    () => Buffer.from(`${'[1,'.repeat(5_000)}1${']'.repeat(5_000)}`),
    () => Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc0, 0xaf]),
    () => Buffer.from('"\\ud800"'),
    () => Buffer.from(`{"tx_hash":"${'f'.repeat(200_000)}"}`),
    () => Buffer.alloc(1_100_000, 0x20),
    () => Buffer.from('NaN'),
    () => Buffer.alloc(0),
    () => Buffer.from('tx_hash=1&status=PAID'),
  ])();
