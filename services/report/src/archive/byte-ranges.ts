const UNIT = /^\s*bytes=(.*)$/i;
const INT_RANGE = /^(\d+)-(\d*)$/;
const SUFFIX_RANGE = /^-\d+$/;

/**
 * A `Range` header in its plain form, `bytes=0-1,-4`; null when it is of another unit or breaks the grammar, so that
 * the header has to be ignored (RFC 9110, 14.1.1 and 14.2). Whether a range can be satisfied is checked elsewhere.
 */
export function byteRanges(header: string): string | null {
  const [, set] = UNIT.exec(header) ?? [];
  // Blanks around commas and empty members are part of how lists are written.
  const members = (set ?? '')
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  return members.length > 0 && members.every(isRange) ? `bytes=${members.join(',')}` : null;
}

function isRange(member: string): boolean {
  const [, first, last] = INT_RANGE.exec(member) ?? [];
  if (first === undefined || last === undefined) return SUFFIX_RANGE.test(member);
  return last === '' || BigInt(first) <= BigInt(last);
}
