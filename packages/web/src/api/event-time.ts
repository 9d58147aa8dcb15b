/** Their events have the time of the machine, which in a replay is not that of the competition. */
const BY_THE_CLOCK = new Set(['models', 'configurations', 'backfills']);

/** The time of what the answer is mainly about, in the competition where it holds anything of it. */
export function eventTimeOf(headers: Pick<Headers, 'get'>): string | null {
  const listed = (name: string): string[] => (headers.get(name) ?? '').split(',').map((text) => text.trim());
  const projections = listed('x-crunch-projection');
  const times = listed('x-crunch-event-time').map((time, i) => ({
    time,
    projection: projections[i]?.split('@')[0] ?? '',
  }));
  const known = times.filter(({ time }) => time !== '' && time !== '-');
  return (known.find(({ projection }) => !BY_THE_CLOCK.has(projection)) ?? known[0])?.time ?? null;
}
