/** Which of some names a misspelt one was probably meant to be. */

/** Edits (insert, remove, replace, swap two neighbours) that make one text of the other. */
function editsBetween(a: string, b: string): number {
  let [twoBack, before]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = before![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? twoBack![j - 2]! + 1 : replaced;
      row.push(Math.min(replaced, swapped, before![j]! + 1, row[j - 1]! + 1));
    }
    [twoBack, before] = [before, row];
  }
  return before![b.length]!;
}

const plain = (name: string): string => name.toLowerCase().replace(/[\s_.-]/g, '');

/** Longer names are not compared: it costs the product of their lengths. */
const LONGEST = 100;

/**
 * The name with the fewest edits, regardless of case and separators; one that contains the other comes before names
 * with half of their letters changed. Null: none resembles it.
 * @param most edits, where only a slip of the fingers is meant
 */
export function nearestOf(received: string, names: Iterable<string>, most?: number): string | null {
  if (received.length > LONGEST) return null;
  const wanted = plain(received);
  let best: string | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const other = plain(name);
    if (wanted === '' || other === '' || other.length > LONGEST) continue;
    const [short, long] = wanted.length < other.length ? [wanted, other] : [other, wanted];
    const isPart = most === undefined && short.length >= 3 && long.includes(short);
    const edits = editsBetween(wanted, other);
    if (!isPart && edits > (most ?? Math.max(1, Math.floor(long.length * 0.4)))) continue;
    const cost = isPart ? Math.min(edits, 2.5) : edits;
    if (cost < fewest) [best, fewest] = [name, cost];
  }
  return best;
}

/** `; did you mean "x"?` to end a message with, or nothing where no name resembles the received one. */
export function didYouMean(received: unknown, names: Iterable<string>, most?: number): string {
  const nearest = typeof received === 'string' ? nearestOf(received, names, most) : null;
  return nearest === null ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
}
