import type { Difference, StreamComparison } from '@crunch-node/stages';

const SHOWN = 5;
const PATHS = 4;

/** The first differences of a stream: which event, and where in it. */
export function differencesText({ first, differences, stream }: StreamComparison): string[] {
  if (differences === 0) return [];
  const rest = differences - Math.min(differences, SHOWN);
  return [
    '',
    `  ${stream}`,
    ...first.slice(0, SHOWN).flatMap(differenceText),
    ...(rest > 0 ? [`    … and ${rest.toLocaleString('en-US')} more`] : []),
  ];
}

function differenceText({ kind, event_id, cycle_end, recomputed, recorded }: Difference): string[] {
  const about = `    ${event_id}  (cycle ${cycle_end.slice(0, 19)})`;
  if (kind === 'missing') return [`${about}: not recorded, but recomputed`];
  if (kind === 'unexpected') return [`${about}: recorded, but not recomputed`];
  const paths = [...changedPaths(recorded, recomputed, '')];
  return [
    `${about}:`,
    ...paths.slice(0, PATHS).map(([path, was, is]) => `      ${path}: recorded ${short(was)}, today ${short(is)}`),
    ...(paths.length > PATHS ? [`      … and ${paths.length - PATHS} more places`] : []),
  ];
}

/** Where two JSON values differ, with both. */
function* changedPaths(was: unknown, is: unknown, path: string): Generator<[string, unknown, unknown]> {
  if (Object.is(was, is)) return;
  if (!isObject(was) || !isObject(is)) {
    if (JSON.stringify(was) !== JSON.stringify(is)) yield [path || '/', was, is];
    return;
  }
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    yield* changedPaths(was[key], is[key], `${path}/${key}`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const short = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 60);
