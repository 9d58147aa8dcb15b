/** Positions of parts of an expression in its text, since the parser's nodes have none. */

export interface TextPosition {
  /** characters from the start, from 0 */
  readonly index: number;
  /** from 1 */
  readonly line: number;
  readonly column: number;
}

export function positionAt(text: string, index: number): TextPosition {
  const before = text.slice(0, Math.max(0, index));
  const line = before.split('\n').length;
  return { index: before.length, line, column: before.length - before.lastIndexOf('\n') };
}

/** First use of a name as a function (`name(`), or as a symbol. */
export function indexOfName(text: string, name: string, use: 'function' | 'symbol'): number {
  for (const { 0: word, index } of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)) {
    const called = /^\s*\(/.test(text.slice(index + word.length));
    if (word === name && called === (use === 'function')) return index;
  }
  return text.indexOf(name);
}

/** The first colon that belongs to no `condition ? a : b`. */
export function indexOfRange(text: string): number {
  let conditions = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '?') conditions += 1;
    else if (text[i] === ':' && conditions-- === 0) return i;
  }
  return text.indexOf(':');
}

export const indexOfPattern = (text: string, pattern: RegExp): number => Math.max(0, text.search(pattern));
