/**
 * Which of several parts may have what they ask for, when they ask for more than there is. Everybody has an equal
 * share; what small ones leave of theirs is shared again among the others. A part beyond the last share gets nothing,
 * so that no part takes the place of another, and equal parts are treated alike.
 */
export interface FairShares {
  /** by index */
  readonly granted: readonly boolean[];
  /** the most that was, or would have been, granted to one */
  readonly share: number;
}

/** @param asked not negative */
export function fairShares(asked: readonly number[], room: number): FairShares {
  const granted = asked.map(() => false);
  const bySize = asked.map((size, i) => ({ size, i })).sort((a, b) => a.size - b.size || a.i - b.i);
  let left = Math.max(0, room);
  let others = bySize.length;
  let share = others === 0 ? left : Math.floor(left / others);
  for (const { size, i } of bySize) {
    share = Math.floor(left / others);
    if (size > share) break;
    granted[i] = true;
    left -= size;
    others -= 1;
  }
  return { granted, share };
}
