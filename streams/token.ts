/**
 * User data within NATS subjects and ids: every byte outside `[A-Za-z0-9_-]` is percent-encoded, the empty text is `%`.
 * A dot would split a subject, a line break in an id would inject a header.
 */
const PLAIN = /^[A-Za-z0-9_-]+$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const isPlainByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x5f ||
  byte === 0x2d;

/** @throws {RangeError} when the text holds a lone surrogate, which has no UTF-8 form and could not be restored */
export function escapeToken(text: string): string {
  if (text === '') return '%';
  if (PLAIN.test(text)) return text;
  if (!text.isWellFormed()) throw new RangeError(`expected well-formed Unicode, received ${JSON.stringify(text)}`);
  let token = '';
  for (const byte of encoder.encode(text)) {
    token += isPlainByte(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return token;
}

/** @throws {RangeError} when the text is not an output of {@link escapeToken} */
export function unescapeToken(token: string): string {
  if (token === '%') return '';
  if (PLAIN.test(token)) return token;
  const bytes: number[] = [];
  for (let i = 0; i < token.length; i++) {
    const code = token.charCodeAt(i);
    if (code === 0x25) {
      const hex = token.slice(i + 1, i + 3);
      if (!/^[0-9A-F]{2}$/.test(hex))
        throw new RangeError(`expected %XX in a token, received ${JSON.stringify(token)}`);
      bytes.push(Number.parseInt(hex, 16));
      i += 2;
    } else if (isPlainByte(code)) bytes.push(code);
    else throw new RangeError(`expected an escaped token, received ${JSON.stringify(token)}`);
  }
  const text = decoder.decode(Uint8Array.from(bytes));
  if (escapeToken(text) !== token) throw new RangeError(`expected an escaped token, received ${JSON.stringify(token)}`);
  return text;
}

/** An id: its parts, each escaped, joined by `:`. Numbers are epoch milliseconds, microseconds, ordinals. */
export const idOf = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => (typeof part === 'number' ? String(part) : escapeToken(part))).join(':');
