/** Placeholders that may be in braces in a URL or a message. */
const KNOWN = new Set([
  'subject',
  'subject_lower',
  'granularity',
  'kind',
  'start_ms',
  'end_ms',
  'start_s',
  'end_s',
  'start_iso',
  'end_iso',
  'limit',
  'cursor',
  'api_key',
]);

/** Null: one of them is not known. */
export function placeholdersIn(template: string): ReadonlySet<string> | null {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return names.every((name) => KNOWN.has(name)) ? new Set(names) : null;
}

/** Puts values in their places, each through `encode`. */
export const filled = (
  template: string,
  values: Readonly<Record<string, string>>,
  encode: (text: string) => string,
): string =>
  template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (name in values ? encode(values[name]!) : whole));

export const timesOf = (startMs: number, endMs: number): Record<string, string> => ({
  start_ms: String(startMs),
  end_ms: String(endMs),
  start_s: String(Math.floor(startMs / 1000)),
  end_s: String(Math.ceil(endMs / 1000)),
  start_iso: new Date(startMs).toISOString(),
  end_iso: new Date(endMs).toISOString(),
});
