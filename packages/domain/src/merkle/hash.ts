import crypto from 'node:crypto';

/** SHA-256 over the UTF-8 bytes of a text, in lower-case hex. */
export const sha256Hex: (text: string) => string =
  typeof crypto.hash === 'function' // since Node 20.12, and twice as fast for short texts
    ? (text) => crypto.hash('sha256', text, 'hex')
    : (text) => crypto.createHash('sha256').update(text, 'utf8').digest('hex');

/** Parent of two nodes: the hash of their hex texts, one behind the other (not of their bytes). */
export const hashPair = (left: string, right: string): string => sha256Hex(left + right);
