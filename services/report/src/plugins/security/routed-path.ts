import type { FastifyRequest } from 'fastify';
import type { RoutedSegments } from './tiers.ts';

/**
 * The path as the router understood it, not as it was spelt: the literal segments of the matched route, and the decoded
 * values of its parameters, each as one segment whatever it contains. So no spelling is read in two ways. A path
 * without a route is taken literally: nothing is behind it.
 */
export function routedPath({ routeOptions, params, url, is404 }: FastifyRequest): RoutedSegments {
  if (is404 || routeOptions.url === undefined) return unroutedPath(url);
  return segmentsOf(routeOptions.url).flatMap((segment) => {
    if (segment === '*') return restOf((params as Readonly<Record<string, string>>)['*']);
    if (!segment.includes(':')) return [segment];
    const name = /^:(\w+)$/.exec(segment)?.[1];
    const value = name === undefined ? undefined : (params as Readonly<Record<string, string>>)[name];
    return [value ?? null]; // a parameter with a pattern of its own, or several in one segment
  });
}

/** Of a route at registration: the values of its parameters are not known. A wildcard is one segment here. */
export const patternSegments = (pattern: string): RoutedSegments =>
  segmentsOf(pattern).map((segment) => (/[:*{]/.test(segment) ? null : segment));

/** As many unknown segments as a wildcard may match: handlers decide what they are. */
const restOf = (value: string | undefined): null[] =>
  value === undefined || value === '' ? [] : value.split(/[/\\]/).map(() => null);

function unroutedPath(url: string): RoutedSegments {
  const [path = ''] = url.split(/[?#]/);
  return segmentsOf(path.replace(/(?<=.)\/+$/, '')).map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return null;
    }
  });
}

const segmentsOf = (path: string): string[] => (path === '/' ? [] : path.slice(1).split('/'));
