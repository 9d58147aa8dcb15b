/** A text as cells. `open`: a quote is not closed in it. `bad`: something follows a quote that was closed. */
export type Cells = readonly string[] | 'open' | 'bad';

/** Cells in quotes may hold separators and line ends; a quote in them is doubled. */
export function cellsOf(text: string, separator: string): Cells {
  if (!text.includes('"')) return text.split(separator);
  const cells: string[] = [];
  for (let at = 0; ; ) {
    let start = at;
    while (text[start] === ' ') start++;
    if (text[start] !== '"') {
      const end = text.indexOf(separator, at);
      cells.push(end < 0 ? text.slice(at) : text.slice(at, end));
      if (end < 0) return cells;
      at = end + 1;
      continue;
    }
    let cell = '';
    let end = start;
    do {
      const next = text.indexOf('"', end + 1);
      if (next < 0) return 'open';
      cell += (end > start ? '"' : '') + text.slice(end + 1, next);
      end = next + 1;
    } while (text[end] === '"');
    while (text[end] === ' ') end++;
    cells.push(cell);
    if (end >= text.length) return cells;
    if (text[end] !== separator) return 'bad';
    at = end + 1;
  }
}

/** Each cell unchanged, but for quotes around all of it. */
export const plainCells = (text: string, separator: string): readonly string[] =>
  text.split(separator).map((cell) => (/^".*"$/.test(cell) ? cell.slice(1, -1) : cell));
