/** An object of a competition's own, whose names nothing is known of. */
export function Values({ of }: { of: { readonly [name: string]: unknown } | null | undefined }) {
  if (of === null || of === undefined) return <span className="quiet">none</span>;
  const entries = Object.entries(of);
  if (entries.length === 0) return <span className="quiet">empty</span>;
  return (
    <span className="values">
      {entries.map(([name, value]) => (
        <span key={name}>
          <span className="quiet">{name}</span> <bdi>{shown(value)}</bdi>
        </span>
      ))}
    </span>
  );
}

const LONGEST = 160;
/** Whole numbers may be times and ids, which have no separators: so the others beside them have none either. */
const plain = new Intl.NumberFormat('en', { maximumSignificantDigits: 9, useGrouping: false });

function shown(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : plain.format(value);
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The first number in an object of a competition's own. */
export function firstNumber(of: { readonly [name: string]: unknown } | null | undefined): number | null {
  for (const value of Object.values(of ?? {})) if (typeof value === 'number') return value;
  return null;
}
