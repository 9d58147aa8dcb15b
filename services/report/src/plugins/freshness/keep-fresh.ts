import { type AppliedPositions, positionsReader, streamOfProjection } from '@crunch-node/projections';
import { allStreams } from '@crunch-node/streams';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { whenCaughtUp } from '../../caught-up.ts';
import { closingSignal } from '../../command-client.ts';
import type { RouteContext } from '../../route-context.ts';
import { HttpFault } from '../http/errors.ts';
import { THINNED } from '../http/thinned.ts';
import { type Asked, announce, forClient, notModified } from './answer.ts';
import { type Body, bodyCache, bodyOf } from './body-cache.ts';
import { currentPositions } from './current-positions.ts';
import { documented } from './documented.ts';
import { knownTags } from './entity-tag.ts';
import { isReached, spelt, type Wanted } from './min-seq.ts';
import type { Reads } from './reads.ts';
import { digest, type Standing, standings } from './standing.ts';

export interface FreshnessLimits {
  /** how long `min_seq` waits */
  readonly minSeqWaitMs: number;
  /** how much of answers is kept ready to be sent; 0: nothing */
  readonly cacheBytes: number;
}

export const freshnessLimits: FreshnessLimits = { minSeqWaitMs: 5_000, cacheBytes: 64 * 1024 * 1024 };

const RETRY_AFTER_SECONDS = 1;
const NOTHING: AppliedPositions = new Map();

type StandingIn = (positions: AppliedPositions) => Standing;

/**
 * The freshness contract of all GET routes that say what they read (`reads(…)`): positions in headers, `ETag` and 304,
 * `min_seq`. Positions are read before rows, so an answer shows at least what its headers say. Call it before routes
 * are registered.
 */
export function keepFresh(
  app: FastifyInstance,
  { db, version, config, minSeqWaitMs, cacheBytes }: RouteContext & FreshnessLimits,
): void {
  // Whatever answers depend on besides the read model, path and query.
  const salt = digest(JSON.stringify({ version, config }));
  const current = currentPositions(positionsReader(db));
  const cache = bodyCache(cacheBytes);
  const closing = closingSignal(app);
  const inTheMaking = new Map<string, Promise<Body | undefined>>();
  const knownStreams = new Set(allStreams.map(({ name }) => name));
  app.decorateRequest('freshness', undefined);

  app.addHook('onRoute', (route) => {
    const reads = route.config?.reads;
    const isHead = route.method === 'HEAD';
    if (reads === undefined || (route.method !== 'GET' && !isHead)) return;
    const streams = reads.projections.map((name) => streamOf(name, route.url));
    route.schema = documented(route.schema, streams, knownStreams);
    route.preHandler = [...[route.preHandler ?? []].flat(), before(reads)];
    const others = [route.onSend ?? []].flat();
    // Of a HEAD the framework takes the body away last, and gives 304 the length of none.
    route.onSend = isHead ? [afterHead, ...others, withoutLengthOfNothing] : [...others, after];
  });

  function before(reads: Reads) {
    const standingIn = standings(reads.projections, salt);
    return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
      announce(request, reply);
      const standing = await standingFor(request, reply, reads, standingIn);
      const validator = reads.isRelative(request.query) ? null : standing.validator;
      const known = knownTags(request.headers['if-none-match']);
      const asked: Asked = { resource: resourceOf(request), validator, known, isDone: false };
      request.freshness = asked;
      if (validator === null) return undefined;
      const tag = known.byValidator.get(validator);
      if (tag !== undefined) return notModified(asked, reply, tag);
      const ready = cache.get(asked.resource, validator) ?? (await madeByAnother(asked));
      if (ready === undefined) return undefined;
      asked.isDone = true;
      return reply
        .type(ready.contentType)
        .headers(ready.headers)
        .send(await forClient(request, reply, asked, ready));
    };
  }

  /** Reads the positions and says them. @throws {HttpFault} 503 when `min_seq` is not reached in time */
  async function standingFor(
    { query }: FastifyRequest,
    reply: FastifyReply,
    { projections }: Reads,
    standingIn: StandingIn,
  ): Promise<Standing> {
    if (projections.length === 0) return standingIn(NOTHING);
    const { min_seq: wanted } = query as { min_seq?: Wanted };
    const found = standingIn(await current());
    const isThere = ({ sequences }: Standing): boolean => wanted === undefined || isReached(wanted, sequences);
    const standing = isThere(found) ? found : await reaching(isThere, standingIn, reply);
    reply.headers(standing.headers);
    if (wanted === undefined || isThere(standing)) return standing;
    reply.header('retry-after', RETRY_AFTER_SECONDS);
    const applied = new Map([...standing.sequences].filter(([stream]) => wanted.has(stream)));
    throw new HttpFault(
      503,
      `expected ${spelt(wanted)} to be applied within ${minSeqWaitMs / 1_000} seconds, the read model is at ${spelt(applied)}: try again`,
    );
  }

  /** Waits until it is there, the client has left, or time is up. */
  function reaching(isThere: (standing: Standing) => boolean, standingIn: StandingIn, reply: FastifyReply) {
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    const signal = AbortSignal.any([closing, left.signal]);
    return whenCaughtUp(async () => standingIn(await current()), isThere, { waitMs: minSeqWaitMs, signal });
  }

  /** The answer somebody else is making out of the same positions; undefined: it has to be made here. */
  async function madeByAnother(asked: Asked): Promise<Body | undefined> {
    const name = `${asked.validator} ${asked.resource}`;
    const making = inTheMaking.get(name);
    if (making !== undefined) return making;
    const made = new Promise<Body | undefined>((resolve) => {
      asked.settle = (body) => {
        inTheMaking.delete(name);
        resolve(body);
      };
    });
    inTheMaking.set(name, made);
    return undefined;
  }

  /** What measures the body of a HEAD takes a text, not nothing. */
  const afterHead = async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> =>
    (await after(request, reply, payload)) ?? '';

  async function after(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
    const asked = request.freshness;
    if (asked === undefined || asked.isDone) return payload;
    asked.isDone = true;
    if (reply.statusCode !== 200 || !(typeof payload === 'string' || Buffer.isBuffer(payload))) {
      asked.settle?.(undefined);
      return payload;
    }
    const thinned = reply.getHeader(THINNED);
    const headers = thinned === undefined ? {} : { [THINNED]: String(thinned) };
    const body = bodyOf(Buffer.from(payload as string), String(reply.getHeader('content-type')), headers);
    if (asked.validator !== null) cache.put(asked.resource, asked.validator, body);
    asked.settle?.(body);
    return forClient(request, reply, asked, body);
  }
}

async function withoutLengthOfNothing(
  _request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  if (reply.statusCode === 304) reply.removeHeader('content-length');
  return payload;
}

function streamOf(projection: string, url: string): string {
  const stream = streamOfProjection.get(projection);
  if (stream !== undefined) return stream;
  const known = [...streamOfProjection.keys()].join(', ');
  throw new TypeError(`expected ${url} to read projections (${known}), received ${projection}`);
}

/** Parameters a route does not name change nothing, and keys are nobody's business: neither is part of it. */
function resourceOf({ routeOptions, params, query }: FastifyRequest): string {
  const parameters = routeOptions.schema?.querystring === undefined ? {} : (query as Record<string, unknown>);
  const { min_seq: _, ...named } = parameters;
  return `${routeOptions.url} ${JSON.stringify(params)} ${JSON.stringify(named)}`;
}
