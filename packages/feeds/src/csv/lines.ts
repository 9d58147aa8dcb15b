/** A line of a file, without its end. */
export interface Line {
  /** its number in the file, from 1 */
  readonly number: number;
  readonly text: string;
  /** it is longer than any row; the text is only its beginning */
  readonly isCut: boolean;
}

/** What is longer is no row, and would fill the memory. Characters. */
const MOST = 1024 * 1024;

/** The lines of a text in UTF-8, or in what its byte order mark names. A last line need not have an end. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>, firstNumber = 1): AsyncGenerator<Line> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let end: string | undefined;
  let held = '';
  let isCut = false;
  let number = firstNumber;
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    held += decoder.decode(chunk, { stream: true });
    end ??= endOf(held);
    if (end === undefined) continue;
    let start = 0;
    for (let at = held.indexOf(end); at >= 0; at = held.indexOf(end, start)) {
      yield { number: number++, text: withoutReturn(held.slice(start, at)), isCut };
      isCut = false;
      start = at + end.length;
    }
    held = held.slice(start);
    if (held.length <= MOST) continue;
    held = held.slice(0, MOST);
    isCut = true;
  }
  held += decoder?.decode() ?? '';
  if (held === '') return;
  // A file of old: its lines end in a carriage return alone.
  for (const text of end === undefined ? held.split('\r') : [withoutReturn(held)]) {
    yield { number: number++, text, isCut };
  }
}

/** Undefined: there is no whole line yet. */
function endOf(text: string): string | undefined {
  if (text.includes('\n')) return '\n';
  return text.length > MOST ? '\r' : undefined;
}

const withoutReturn = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text);

const encodingOf = ([first, second]: Uint8Array): string =>
  first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
