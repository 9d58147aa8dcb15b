import type { FastifyInstance } from 'fastify';
import { sendFault } from './errors.ts';

export interface KnownRoute {
  readonly method: string;
  /** the pattern: `/reports/checkpoints/:id` */
  readonly url: string;
  /** part of a page rather than of the API */
  readonly isHidden: boolean;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** every route, in the order of registration */
    readonly knownRoutes: readonly KnownRoute[];
  }
}

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/**
 * Responds to requests no route matches: a known path with a slash at its end is redirected, one with another method is
 * refused naming those it has, anything else is not found. Call it before routes are registered.
 */
export function handleUnknownPaths(app: FastifyInstance): void {
  const known = new Map<string, KnownPath>();
  const routes: KnownRoute[] = [];
  app.decorate('knownRoutes', routes);
  app.addHook('onRoute', ({ url, method, schema }) => {
    const isHidden = schema?.hide === true; // files of the documentation
    for (const name of [method].flat()) routes.push({ method: name, url, isHidden });
    if (isHidden) return;
    const path = known.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const name of [method].flat()) path.methods.add(name);
    known.set(url, path);
  });
  const find = (path: string): KnownPath | undefined => [...known.values()].find(({ pattern }) => pattern.test(path));

  app.setNotFoundHandler((request, reply) => {
    const [path = '', ...query] = request.url.split('?');
    const found = find(path);
    if (found !== undefined) {
      reply.header('allow', [...found.methods].sort().join(', '));
      return sendFault(reply, 405, 'Method Not Allowed');
    }
    const bare = path.replace(/\/+$/, '');
    if (bare !== path && find(bare) !== undefined) return reply.redirect([bare, ...query].join('?'), 307);
    return sendFault(reply, 404, 'Not Found');
  });
}

const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.replaceAll(/[.+?^$()|[\]\\]/g, '\\$&').replaceAll(/:[^/]+/g, '[^/]+')}$`);
