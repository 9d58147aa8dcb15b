import type { AppliedPositions, Sliced } from '@crunch-node/projections';
import { slotOf } from '@crunch-node/projections';
import { type Instant, microsOf } from '@crunch-node/streams';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { earlier } from '../../values/timestamps.ts';
import { digest } from '../freshness/standing.ts';
import { THINNED } from '../http/thinned.ts';
import { arrayOf, type Part, partOf } from './part.ts';

/** An answer has no more parts than about this. */
const PARTS = 64;
const SECOND_MICROS = 1e6;

export interface Rendering<T> {
  /** what of the rows nothing published later changes, as far as time goes; null: nothing */
  readonly closedUntil: Instant | null;
  /** nothing published later changes this row; default all that are closed */
  isFinal?(row: T): boolean;
  /** as they are sent, oldest first */
  rowsOf(rows: readonly T[]): readonly object[];
}

interface Source {
  /** time of its first row; null: it has none */
  readonly oldest: Instant | null;
}

/**
 * Answers with all rows of a span, in order of time. Stretches that are closed are made once and kept: the next answer
 * reads the newest ones only, whatever the length of the span is.
 */
export async function sendSliced<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  sliced: Sliced<T>,
  { closedUntil, isFinal = () => true, rowsOf }: Rendering<T>,
): Promise<FastifyReply> {
  const { stretches, stretch_seconds, start, end, timeOf } = sliced;
  const { seconds } = stretches;
  const each = stretchesOfAPart(stretches.last - stretches.first + 1);
  const kept = request.freshness?.kept;
  const prefix = `${request.routeOptions.url} ${kept?.identity} ${each} ${digest(sliced.identity)} `;
  const textOf = (rows: readonly T[]): string => {
    const text = rows.length === 0 ? '[]' : String(reply.serializeInput(rowsOf(rows) as never, '200'));
    return text.slice(1, -1);
  };
  const closedMicros = closedUntil === null ? 0 : Math.min(microsOf(closedUntil), microsOf(end));
  const isClosed = (place: number): boolean => (place + 1) * each * seconds * SECOND_MICROS <= closedMicros;

  const places = placesOf(stretches, each);
  const parts = new Map<number, Part>();
  const missing: number[] = [];
  for (const place of places) {
    const known = isClosed(place) ? kept?.parts.get<Source>(prefix + place) : undefined;
    if (known !== undefined && (known.source.oldest ?? start) >= start) parts.set(place, known.part);
    else missing.push(place);
  }
  const read = await sliced.read(missing.flatMap((place) => slotsAt(place, each, stretches)));
  const byPlace = new Map<number, T[]>(missing.map((place) => [place, []]));
  for (const row of read) byPlace.get(Math.floor(slotOf(timeOf(row), seconds) / each))?.push(row);
  for (const [place, rows] of byPlace) {
    const inside = rows.filter((row) => timeOf(row) >= start);
    const part = partOf(textOf(inside));
    parts.set(place, part);
    const isWhole = inside.length === rows.length && place * each >= stretches.first;
    if (isClosed(place) && isWhole && rows.every(isFinal))
      kept?.parts.put<Source>(prefix + place, {
        part,
        source: { oldest: rows[0] === undefined ? null : timeOf(rows[0]) },
      });
  }
  if (stretch_seconds !== null) reply.header(THINNED, stretch_seconds);
  return sendParts(
    request,
    reply,
    places.map((place) => parts.get(place)!),
  );
}

/** Answers with an array of all rows, compressed part by part. */
export function sendParts(request: FastifyRequest, reply: FastifyReply, parts: readonly Part[]): FastifyReply {
  if (request.freshness !== undefined) request.freshness.parts = parts;
  return reply.type('application/json; charset=utf-8').send(arrayOf(parts));
}

/** How many stretches are kept together: a power of two, so that they stay together when there is one more. */
export function stretchesOfAPart(stretches: number): number {
  let each = 1;
  while (each * PARTS < stretches) each *= 2;
  return each;
}

interface Slots {
  readonly first: number;
  readonly last: number;
}

function placesOf({ first, last }: Slots, each: number): number[] {
  const from = Math.floor(first / each);
  return Array.from({ length: Math.floor(last / each) - from + 1 }, (_, i) => from + i);
}

/** The stretches of a part that lie within the span. */
function slotsAt(place: number, each: number, { first, last }: Slots): number[] {
  const slots: number[] = [];
  for (let slot = Math.max(first, place * each); slot <= Math.min(last, (place + 1) * each - 1); slot++)
    slots.push(slot);
  return slots;
}

/**
 * Until when every writer of a projection's stream has closed its cycles; null when not all of them have.
 * @param writers how many there are at least
 */
export function closedBy(positions: AppliedPositions | undefined, projection: string, writers = 1): Instant | null {
  const ends = Object.values(positions?.get(projection)?.closings ?? {});
  return ends.length < writers ? null : ends.reduce((least, end) => (end < least ? end : least));
}

/** Until when snapshots and their rankings are closed. */
export function rankedUntil({ freshness }: FastifyRequest): Instant | null {
  const taken = closedBy(freshness?.positions, 'snapshots');
  const ranked = closedBy(freshness?.positions, 'leaderboards');
  return taken === null || ranked === null ? null : (earlier(taken, ranked) ?? null);
}
