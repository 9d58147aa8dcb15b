const MOST_SHOWN = 120;
const MAX_DEPTH = 600;

/** Takes the place of an invalid part, an element of a list or a member's value, in a text that is otherwise JSON. */
export class NotJson {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** as received, cut for a person */
  get received(): string {
    return this.#text.length <= MOST_SHOWN ? this.#text : `${this.#text.slice(0, MOST_SHOWN)}…`;
  }

  /** what many languages write where JSON has no word for a number */
  get isNotFinite(): boolean {
    return /^[+-]?(nan|inf|infinity)$/i.test(this.#text);
  }

  /** Never a number: `0x10` and `01` are none in JSON. */
  toString(): string {
    return `not JSON: ${this.received}`;
  }

  toJSON(): string {
    return this.received;
  }
}

/** What no record can hold, and where it is in the value. */
export interface JsonFault {
  readonly path: string;
  readonly received: string;
  /** it is a number, but no finite double */
  readonly isNumber: boolean;
}

/** The first part of a value that is not JSON, or a number beyond all doubles such as 1e400; null when there is none. */
export function jsonFaultIn(value: unknown, depth = 0): JsonFault | null {
  if (value instanceof NotJson) return { path: '', received: value.received, isNumber: value.isNotFinite };
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { path: '', received: String(value), isNumber: true };
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return null;
  for (const [name, member] of Object.entries(value)) {
    const found = jsonFaultIn(member, depth + 1);
    if (found !== null) return { ...found, path: found.path === '' ? name : `${name}.${found.path}` };
  }
  return null;
}
