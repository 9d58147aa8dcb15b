import fc from 'fast-check';

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

/** Any code point: as often an ASCII character as one from anywhere. */
const character = fc
  .oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0x10ffff }))
  .filter((code) => !isSurrogate(code))
  .map((code) => String.fromCodePoint(code));

/** Names that objects have by themselves. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', 'length', 'key', 'ref'];

/**
 * Any well-formed text. In place of `fc.string({ unit: 'binary' })`, each of which builds a table of a million code points
 * the first time it is used.
 */
export const anyText = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: character }) },
    { weight: 1, arbitrary: fc.constantFrom(...INHERITED) },
  );
