import type { DifferingRow, Generation, RankedPlace } from '@crunch-node/projections/generations';
import type { Compared, Incomparable, Replayed } from '@crunch-node/projector';
import { count, decimal, minute, table } from './text.ts';

/** The built tables against the served ones; the first rows that differ; both rankings where they do. */
export function comparisonText({ compared, switched, refused }: Replayed): string {
  const outcome = (projection: string): string => {
    if (switched.includes(projection)) return 'switched';
    return refused.includes(projection) ? 'REFUSED' : 'not built';
  };
  const lines = compared.flatMap(({ projection, incomparable, tables }) =>
    tables.length === 0
      ? [[projection, '', '', '', inShort(incomparable), outcome(projection)]]
      : tables.map(({ table: name, rows, digests, differs }) => [
          projection,
          name,
          count(rows[0]),
          count(rows[1]),
          digests === null ? inShort(incomparable) : differs ? 'DIFFERENT' : 'the same',
          outcome(projection),
        ]),
  );
  const overview = table(
    [
      { title: 'projection' },
      { title: 'table' },
      { title: 'rows', align: 'right' },
      { title: 'rebuilt', align: 'right' },
      { title: 'compared' },
      { title: 'result' },
    ],
    lines,
  );
  return [overview, ...reasonsOf(compared), ...compared.flatMap(differencesOf), ...compared.flatMap(topsOf)].join('\n');
}

/** The text in a cell; the rest follows below the table. */
const inShort = (incomparable: Incomparable): string => incomparable.split(':', 1)[0]!;

/** Why rows could not be compared, for reasons too long for a cell: each reason once, with the tables it concerns. */
function reasonsOf(compared: readonly Compared[]): string[] {
  const concerned = new Map<string, string[]>();
  for (const { projection, incomparable } of compared) {
    if (incomparable === inShort(incomparable)) continue;
    concerned.set(incomparable, [...(concerned.get(incomparable) ?? []), projection]);
  }
  return [...concerned].map(([reason, names]) => `\n  ${names.join(', ')}: ${reason}`);
}

const differencesOf = ({ tables }: Compared): string[] =>
  tables
    .filter(({ first }) => first.length > 0)
    .map(({ table: name, first }) => `\n  first rows of ${name} that differ:\n${first.map(rowText).join('\n')}`);

function rowText({ key, current, next }: DifferingRow): string {
  const line = `    ${JSON.stringify(key)}`;
  if (current === null) return `${line}\n      only rebuilt`;
  if (next === null) return `${line}\n      not rebuilt`;
  return `${line}\n      now     ${JSON.stringify(current)}\n      rebuilt ${JSON.stringify(next)}`;
}

function topsOf({ top }: Compared): string[] {
  if (top === undefined) return [];
  const before = new Map(top.current.map((place) => [place.model_id, place]));
  const gone = top.current.filter(({ model_id }) => !top.next.some((place) => place.model_id === model_id));
  const placed = (place: RankedPlace | undefined): string => (place === undefined ? '–' : String(place.rank));
  const rows = [
    ...top.next.map((place) => {
      const was = before.get(place.model_id);
      return [placed(place), placed(was), place.model_id, decimal(place.value), decimal(was?.value)];
    }),
    ...gone.map((was) => ['–', placed(was), was.model_id, '–', decimal(was.value)]),
  ];
  const columns = ['rebuilt', 'now', 'model', 'value rebuilt', 'value now'].map((title) => ({ title }));
  return [`\n  best of the newest ranking:\n${table(columns, rows)}`];
}

/** Generations that are served, built and kept. */
export function generationsText(generations: readonly Generation[]): string {
  if (generations.length === 0) return '  nothing was replayed yet: what is read was written live';
  return table(
    [
      { title: 'projection' },
      { title: 'generation' },
      { title: 'version', align: 'right' },
      { title: 'state' },
      { title: 'since' },
      { title: 'kept until' },
    ],
    generations.map(({ projection, slot, version, stage, began_at, switched_at, keep_until }) => [
      projection,
      slot,
      String(version),
      slot === 'next' ? (stage === 'ready' ? 'built' : 'half built') : slot === 'current' ? 'read' : 'kept',
      minute(switched_at ?? began_at),
      keep_until === null ? (slot === 'previous' ? 'dropped by hand' : '') : minute(keep_until),
    ]),
  );
}
