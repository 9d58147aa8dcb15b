import type { AppliedPositions } from '@crunch-node/projections';
import { negotiate } from '@fastify/accept-negotiator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeptParts } from '../parts/kept-parts.ts';
import type { Part } from '../parts/part.ts';
import { urlWithoutKey } from '../security/presented-key.ts';
import type { Body } from './body-cache.ts';
import { type Known, tagOf } from './entity-tag.ts';

/** Outcome of a response others wait for: nothing to be shared, or its client left before it was begun. */
export type Made = Body | undefined | 'abandoned';

/** A request on its way through the freshness contract. */
export interface Asked {
  readonly resource: string;
  /** null: the response is not determined by the positions alone */
  readonly validator: string | null;
  readonly known: Known;
  /** positions the response is made at */
  readonly positions: AppliedPositions;
  /** parts of earlier responses, and what they are a function of besides time and query */
  readonly kept: { readonly parts: KeptParts; readonly identity: string };
  /** of this response, when it is made of parts */
  parts?: readonly Part[];
  /** set when others wait for this response */
  settle?: (body: Made) => void;
  /** lets the next response be made */
  leave?: () => void;
  /** already the final response */
  isDone: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    freshness: Asked | undefined;
  }
}

const VARY = ['Accept-Encoding', 'Authorization', 'X-API-Key'];
const ENCODINGS = ['gzip', 'identity'];

/** Cache headers of every response, refusals included. */
export function announce(request: FastifyRequest, reply: FastifyReply): void {
  addTo(reply, 'vary', VARY);
  reply.header('cache-control', carriesKey(request) ? 'private, no-cache' : 'no-cache');
}

const carriesKey = ({ headers, url }: FastifyRequest): boolean =>
  headers.authorization !== undefined ||
  headers['x-api-key'] !== undefined ||
  (url.includes('?') && urlWithoutKey(url) !== url);

/** Adds names to a list header that may have values already. */
function addTo(reply: FastifyReply, header: string, names: readonly string[]): void {
  const before = reply.getHeader(header);
  reply.header(header, before === undefined ? names.join(', ') : [before, ...names].join(', '));
}

/** The client already has this response. @param tag the one it sent */
export function notModified(asked: Asked, reply: FastifyReply, tag: string): FastifyReply {
  asked.isDone = true;
  return reply.header('etag', tag).code(304).send();
}

/** The response in the form this client accepts: 304 when it has it, compressed when it can read that. */
export async function forClient(
  request: FastifyRequest,
  reply: FastifyReply,
  { known, validator }: Asked,
  body: Body,
): Promise<Buffer | null> {
  reply.header('etag', known.byContent.get(body.content) ?? tagOf(validator, body.content));
  if (known.any || known.byContent.has(body.content)) {
    reply.code(304).removeHeader('content-type');
    return null;
  }
  const accepted = negotiate(request.headers['accept-encoding']?.toLowerCase() ?? '', ENCODINGS);
  const compressed = accepted === 'gzip' ? await body.compressed() : undefined;
  if (compressed !== undefined) reply.header('content-encoding', 'gzip');
  return compressed ?? body.bytes;
}
