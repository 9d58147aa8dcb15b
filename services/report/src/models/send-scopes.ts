import { type ScopePoint, slotOf, type Thinnable } from '@crunch-node/projections';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { digest } from '../plugins/freshness/standing.ts';
import { rowsOf } from '../plugins/http/thinned.ts';
import { type Part, partOf } from '../plugins/parts/part.ts';
import { sendParts, stretchesOfAPart } from '../plugins/parts/send-sliced.ts';

const DAY_SECONDS = 86_400;

/**
 * Answers with points of rolling means. Scores come late, so a point may change at any time: a part is used again when
 * its points are the same.
 */
export function sendScopes(
  request: FastifyRequest,
  reply: FastifyReply,
  found: Thinnable<ScopePoint>,
  rowOf: (point: ScopePoint) => object,
): FastifyReply {
  const points = rowsOf(reply, found);
  const seconds = found.stretch_seconds ?? DAY_SECONDS;
  const slots = points.map(({ performed_at }) => slotOf(performed_at, seconds));
  const each = stretchesOfAPart((slots.at(-1) ?? 0) - (slots[0] ?? 0) + 1);
  const scopes = new Map(points.map(({ scope_key, scope }) => [scope_key, scope]));
  const { start: _start, end: _end, as_of: _asOf, ...named } = request.query as Record<string, unknown>;
  const shown = digest(JSON.stringify([named, [...scopes]]));
  const prefix = `${request.routeOptions.url} ${request.freshness?.kept.identity} ${each} ${seconds} ${shown} `;
  const parts: Part[] = [];
  for (let i = 0; i < points.length; ) {
    const place = Math.floor(slots[i]! / each);
    let next = i + 1;
    while (next < points.length && Math.floor(slots[next]! / each) === place) next++;
    parts.push(partFor(request, prefix + place, points.slice(i, next), rowOf));
    i = next;
  }
  return sendParts(request, reply, parts);
}

function partFor(
  { freshness }: FastifyRequest,
  name: string,
  points: readonly ScopePoint[],
  rowOf: (point: ScopePoint) => object,
): Part {
  const known = freshness?.kept.parts.get<readonly ScopePoint[]>(name);
  if (known !== undefined && areSame(known.source, points)) return known.part;
  const part = partOf(JSON.stringify(points.map(rowOf)).slice(1, -1));
  freshness?.kept.parts.put(name, { part, source: points });
  return part;
}

const areSame = (known: readonly ScopePoint[], points: readonly ScopePoint[]): boolean =>
  known.length === points.length && points.every((point, i) => isSame(known[i]!, point));

const isSame = (a: ScopePoint, b: ScopePoint): boolean =>
  a.performed_at === b.performed_at &&
  a.model_id === b.model_id &&
  a.scope_key === b.scope_key &&
  a.averages.every((average, i) => average === b.averages[i]);
