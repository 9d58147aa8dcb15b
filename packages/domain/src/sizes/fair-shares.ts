/**
 * Fair division of a size limit that several parts together exceed. All have an equal share; what small parts leave of
 * theirs is divided again among the others. A part larger than the final share gets nothing, so that it takes no room
 * from another, and equal parts are treated alike.
 */
export interface FairShares {
  /** by index */
  readonly granted: readonly boolean[];
  /** the most that was, or would have been, granted to one */
  readonly share: number;
}

/** @param asked requested sizes, not negative */
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
