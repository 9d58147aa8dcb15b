/** Whether a server's version is lower than another; suffixes after the three numbers are ignored. */
export function isOlder(version: string, minimum: string): boolean {
  const parts = (text: string): number[] => text.split(/[.+-]/).map(Number);
  const [a, b] = [parts(version), parts(minimum)];
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
