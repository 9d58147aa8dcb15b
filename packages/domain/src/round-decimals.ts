/** Rounds to so many decimals by the exact value of the double, exact halves to the even digit. */
export function roundDecimals(value: number, decimals: number): number {
  const rounded = Number(value.toFixed(decimals));
  const exact = Math.abs(value).toFixed(Math.min(100, decimals + 60));
  const beyond = exact.slice(exact.indexOf('.') + 1 + decimals);
  if (!/^50*$/.test(beyond)) return rounded;
  const below = Number(exact.slice(0, exact.length - beyond.length));
  const digit = Number(
    exact[exact.length - beyond.length - 1] === '.'
      ? exact[exact.length - beyond.length - 2]
      : exact[exact.length - beyond.length - 1],
  );
  return digit % 2 === 0 ? Math.sign(value) * below : rounded;
}
