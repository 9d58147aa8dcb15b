import { CrunchError } from '@crunch-node/streams/errors';
import { NotJson } from './not-json.ts';

/** The text is not JSON, and there is no list around the place whose other elements could be read. */
export class BrokenJson extends CrunchError {
  override readonly name = 'BrokenJson';
  override readonly code = 'broken_json';
}

const MAX_DEPTH = 500;
/** How far the end of a bad element is looked for, in characters. */
const MAX_ELEMENT = 256 * 1024;
/** A 256-bit integer has 78 digits. */
const MAX_DIGITS = 1_000;

/** Longer ones are read as no number. */
const MAX_WORD = 10_000;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const ENDS_WORD: ReadonlySet<number> = new Set([...',]}:"{[ \t\n\r'].map((one) => one.charCodeAt(0)));
/** what a text holds only when it was escaped, and must not hold */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SPECIAL = /[\\\u0000-\u001f]/;

/**
 * Reads JSON as `JSON.parse` does, with two differences: an integer beyond 2^53 becomes a bigint with all its digits, and
 * an element of a list that cannot be read, or a bare word such as NaN, becomes a {@link NotJson} in its place.
 */
export class JsonScanner {
  readonly #text: string;
  #at = 0;
  /** characters that may still be looked at for the ends of bad elements */
  #patience: number;

  constructor(text: string) {
    this.#text = text;
    this.#patience = 16 * text.length + MAX_ELEMENT;
  }

  /** The one value of the text. @throws {BrokenJson} */
  only(): unknown {
    const value = this.#value(0);
    this.#blank();
    if (this.#at < this.#text.length) throw new BrokenJson(`unexpected text at ${this.#at}`);
    return value;
  }

  #value(depth: number): unknown {
    this.#blank();
    if (depth > MAX_DEPTH) throw new BrokenJson(`nested deeper than ${MAX_DEPTH}`);
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#list(depth);
      case '"':
        return this.#string();
      default:
        return this.#word();
    }
  }

  #object(depth: number): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    this.#at++;
    if (this.#next('}')) return found;
    for (;;) {
      this.#blank();
      if (this.#text[this.#at] !== '"') throw new BrokenJson(`expected a name at ${this.#at}`);
      const name = this.#string();
      if (!this.#next(':')) throw new BrokenJson(`expected a colon at ${this.#at}`);
      const value = this.#value(depth + 1);
      // An assignment to this name would change what the object inherits from.
      if (name === '__proto__') {
        Object.defineProperty(found, name, { value, writable: true, enumerable: true, configurable: true });
      } else found[name] = value;
      if (this.#next('}')) return found;
      if (!this.#next(',')) throw new BrokenJson(`expected a comma at ${this.#at}`);
    }
  }

  #list(depth: number): unknown[] {
    const found: unknown[] = [];
    this.#at++;
    if (this.#next(']')) return found;
    for (;;) {
      found.push(this.#element(depth + 1));
      if (this.#next(']')) return found;
      const isBehindComma = this.#next(',');
      // A comma behind the last element begins no other.
      if (isBehindComma && this.#next(']')) return found;
      if (!isBehindComma) throw new BrokenJson(`expected a comma at ${this.#at}`);
    }
  }

  /** An element that cannot be read is replaced alone. */
  #element(depth: number): unknown {
    this.#blank();
    const start = this.#at;
    try {
      const value = this.#value(depth);
      this.#blank();
      const behind = this.#text[this.#at];
      if (behind === ',' || behind === ']') return value;
      throw new BrokenJson(`expected a comma at ${this.#at}`);
    } catch (error) {
      if (!(error instanceof BrokenJson) || this.#patience <= 0) throw error;
      const end = endOfElement(this.#text, start);
      this.#patience -= (end ?? Math.min(this.#text.length, start + MAX_ELEMENT)) - start;
      if (end === null) throw error;
      this.#at = end;
      return new NotJson(this.#text.slice(start, end).trim());
    }
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let end = text[start] === '"' ? text.indexOf('"', start + 1) : -1;
    while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
    if (end < 0) throw new BrokenJson(`expected a text at ${start}`);
    this.#at = end + 1;
    const content = text.slice(start + 1, end);
    if (!SPECIAL.test(content)) return content;
    try {
      return JSON.parse(text.slice(start, end + 1)) as string;
    } catch (cause) {
      throw new BrokenJson(`expected a text at ${start}`, { cause });
    }
  }

  #word(): unknown {
    const start = this.#at;
    while (this.#at < this.#text.length && !ENDS_WORD.has(this.#text.charCodeAt(this.#at))) this.#at++;
    const word = this.#text.slice(start, this.#at);
    if (word === '') throw new BrokenJson(`unexpected text at ${start}`);
    if (word.length <= MAX_WORD && NUMBER.test(word)) return numberOf(word);
    return Object.hasOwn(WORDS, word) ? WORDS[word as keyof typeof WORDS] : new NotJson(word);
  }

  /** Whether that character is next; then it is behind us. */
  #next(character: string): boolean {
    this.#blank();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #blank(): void {
    for (let code = this.#text.charCodeAt(this.#at); isBlank(code); code = this.#text.charCodeAt(this.#at)) this.#at++;
  }
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first--;
  return (at - first) % 2 === 1;
}

const WORDS = { true: true, false: false, null: null };

function numberOf(digits: string): number | bigint | NotJson {
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number;
  if (!/^-?\d+$/.test(digits)) return exactInteger(digits, number) ?? number;
  return digits.length <= MAX_DIGITS ? BigInt(digits) : new NotJson(digits);
}

/** Doubles from here on are written with an exponent, so such a text is read as a double and not as an exact integer. */
const MOST_PLAIN = 1e21;

/** An integer beyond 2^53 that is written with a fraction of zeros or an exponent; null when it is something else. */
function exactInteger(written: string, number: number): bigint | null {
  const parts = /^(-?\d+)(?:\.(\d+))?(?:[eE]\+?(\d+))?$/.exec(written);
  if (parts === null || Math.abs(number) < Number.MAX_SAFE_INTEGER || Math.abs(number) >= MOST_PLAIN) return null;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const places = Number(exponent);
  if (/[1-9]/.test(fraction.slice(places))) return null;
  return BigInt(whole + fraction.slice(0, places).padEnd(places, '0'));
}

/** Where the comma or bracket behind a bad element is; null when there is none in reach. */
function endOfElement(text: string, start: number): number | null {
  const limit = Math.min(text.length, start + MAX_ELEMENT);
  const open: string[] = [];
  let inString = false;
  for (let at = start; at < limit; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      // A string cannot continue on the next line: this one was never closed.
      else if (character === '"' || character === '\n') inString = false;
    } else if (open.length === 0 && (character === ',' || character === ']')) return at;
    else if (character === '"') inString = true;
    else if (character === '{') open.push('}');
    else if (character === '[') open.push(']');
    else if ((character === '}' || character === ']') && open.pop() !== character) break;
  }
  // Brackets or quotes do not match: the next row begins like this one, or there is none.
  const next = (text[start] === '[' ? NEXT_LIST : NEXT_OBJECT).exec(text.slice(start, limit));
  return next === null ? null : start + next.index;
}

const NEXT_LIST = /(?<=\])\s*(?:,\s*\[|\])/;
/** Within an object no comma is followed by a brace. */
const NEXT_OBJECT = /,\s*\{|(?<=\})\s*\]/;
