/** `45 s`, `3 min`, `2.5 h`, `4 d`: two figures are enough to decide what to do. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? trimmed(seconds) : Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${trimmed(seconds / 3_600)} h`;
  return `${trimmed(seconds / 86_400)} d`;
}

const trimmed = (value: number): string => String(Number(value.toFixed(1)));
