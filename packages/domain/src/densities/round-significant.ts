/** A number with so many significant digits, halves to the even neighbour, as Python's `round` has it. */
export function roundSignificant(value: number, digits: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const decimals = digits - Math.floor(Math.log10(Math.abs(value))) - 1;
  // Far from a half there is one nearest neighbour.
  const scaled = Math.abs(value) * 10 ** decimals;
  if (Math.abs(scaled - Math.floor(scaled) - 0.5) > 1e-6) return Number(value.toPrecision(digits));
  if (decimals < 0) return roundedTo(value, 10 ** -decimals);
  if (decimals > 70) return Number(value.toPrecision(digits));
  const rounded = Number(value.toFixed(decimals));
  // `toFixed` takes the larger neighbour of a half; it is one where nothing follows the 5.
  const exact =
    Math.abs(value)
      .toFixed(Math.min(100, decimals + 30))
      .split('.')[1] ?? '';
  if (!/^50*$/.test(exact.slice(decimals))) return rounded;
  const digit = Number((decimals === 0 ? Math.trunc(Math.abs(value)) : Number(exact[decimals - 1])) % 2);
  return digit === 0 ? Number(truncated(value, decimals)) : rounded;
}

const truncated = (value: number, decimals: number): string => {
  const [whole = '', fraction = ''] = value.toFixed(Math.min(100, decimals + 1)).split('.');
  return `${whole}.${fraction.slice(0, decimals)}`;
};

/** To a multiple of a power of ten above 1. */
function roundedTo(value: number, unit: number): number {
  const lower = Math.floor(value / unit);
  const away = value - lower * unit;
  const isUp = away > unit / 2 || (away === unit / 2 && lower % 2 !== 0);
  return (isUp ? lower + 1 : lower) * unit;
}
