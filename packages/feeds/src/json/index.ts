import { NotJson } from './not-json.ts';
import { BrokenJson, JsonScanner } from './scanner.ts';

/** A text with a JSON value on each line. */
export class JsonLines {
  /** {@link NotJson} for a line that is none */
  readonly documents: readonly unknown[];

  constructor(documents: readonly unknown[]) {
    this.documents = documents;
  }
}

/** So many digits may be more than a double holds; with an exponent they go over the point. */
const LONG_NUMBER = /\d{16}|\d\.\d+[eE]\+?\d/;

/**
 * The value of a JSON text, or of JSON lines, which no library reads with all digits of large integers (bigints) and
 * with a bad row in the place of its list as {@link NotJson}. Undefined, which nothing in JSON is: it is another text.
 */
export function jsonOf(given: string): unknown {
  const text = given.charCodeAt(0) === 0xfeff ? given.slice(1) : given;
  if (!LONG_NUMBER.test(text)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // Read again, part by part.
    }
  }
  return oneValue(text) ?? linesOf(text);
}

function oneValue(text: string): unknown {
  try {
    const value = new JsonScanner(text).only();
    return value instanceof NotJson ? undefined : value;
  } catch (error) {
    if (error instanceof BrokenJson) return undefined;
    throw error;
  }
}

/** A list that was cut has lines too, but hardly one that is a value by itself. */
function linesOf(text: string): JsonLines | undefined {
  const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (lines.length < 2 || lines[0]!.startsWith('<')) return undefined;
  const documents = lines.map((line) => {
    const value = /^[[{]/.test(line) ? oneValue(line) : undefined;
    return typeof value === 'object' && value !== null ? value : new NotJson(line);
  });
  const bad = documents.filter((document) => document instanceof NotJson).length;
  return 2 * bad <= lines.length ? new JsonLines(documents) : undefined;
}

export { jsonFaultIn, NotJson } from './not-json.ts';
