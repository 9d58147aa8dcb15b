/** A value for a person, cut: also one that JSON has no text for. */
export function shown(value: unknown, most = 100): string {
  const text = textOf(value);
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}

/** A value as an id or a name: an object of a message may have members that `String` would stumble over. */
export const plainText = (value: unknown): string =>
  typeof value === 'string' ? value : shown(value, Number.POSITIVE_INFINITY);

function textOf(value: unknown): string {
  try {
    if (typeof value === 'bigint' || typeof value === 'number') return String(value);
    const plain = (_: string, part: unknown): unknown => (typeof part === 'bigint' ? String(part) : part);
    return JSON.stringify(value, plain) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
