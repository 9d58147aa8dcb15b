/** Whether a server's version comes before another; what follows the three numbers does not count. */
export function isOlder(version: string, minimum: string): boolean {
  const parts = (text: string): number[] => text.split(/[.+-]/).map(Number);
  const [a, b] = [parts(version), parts(minimum)];
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
