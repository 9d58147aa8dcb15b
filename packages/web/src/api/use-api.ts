import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ApiError, client, failed } from './client.ts';
import { eventTimeOf } from './event-time.ts';
import { currentKey, useCurrentKey } from './key.ts';
import type { paths } from './openapi.gen.ts';

interface Json<T> {
  responses: { 200: { content: { 'application/json': T } } };
}
/** Paths that answer JSON. */
export type GetPath = { [P in keyof paths]: paths[P] extends { get: Json<unknown> } ? P : never }[keyof paths];
export type Answer<P extends GetPath> = paths[P] extends { get: Json<infer T> } ? T : never;
/** Parameters of a path, as its description has them. */
export type Parameters<P extends GetPath> = paths[P] extends { get: { parameters: infer Q } }
  ? { [K in 'query' | 'path' as K extends keyof Q ? (undefined extends Q[K] ? never : K) : never]: Q[K & keyof Q] } & {
      [K in 'query' as K extends keyof Q ? (undefined extends Q[K] ? K : never) : never]?: Q[K & keyof Q];
    }
  : object;

/** What an answer holds, and how old that is. */
export interface Fetched<T> {
  readonly rows: T;
  /** the time of the newest event in it, where the API states one */
  readonly eventTime: string | null;
  /** unix milliseconds on this machine */
  readonly fetchedAt: number;
}

/** One of a panel. */
export interface Loaded<T> {
  readonly data: Fetched<T> | undefined;
  readonly error: ApiError | null;
  readonly isWaiting: boolean;
  retry(): void;
}

export interface Often {
  /** milliseconds between two requests; 0: only once */
  readonly every?: number;
  readonly isOff?: boolean;
}

export const REFRESH_MS = 15_000;

/** What a path answers, again every few seconds. While the API is away the last answer stays, with its age. */
export function useApi<P extends GetPath>(
  path: P,
  params: Parameters<P>,
  { every = REFRESH_MS, isOff = false }: Often = {},
): Loaded<Answer<P>> {
  const key = useCurrentKey();
  const query = useQuery<Fetched<Answer<P>>, ApiError>({
    queryKey: [path, params, key],
    enabled: !isOff,
    queryFn: ({ signal }) => get(path, params, signal),
    refetchInterval: every === 0 ? false : every,
    placeholderData: keepPreviousData,
    retry: (count, error) => error.status === 0 && count < 1,
    staleTime: every === 0 ? Number.POSITIVE_INFINITY : every / 2,
  });
  return {
    data: query.data,
    error: query.error,
    isWaiting: query.isPending && !isOff,
    retry: () => void query.refetch(),
  };
}

interface Response200 {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}
type AnyGet = (path: string, options: object) => Promise<Response200>;

/** @throws {ApiError} */
export async function get<P extends GetPath>(
  path: P,
  params: Parameters<P>,
  signal?: AbortSignal,
): Promise<Fetched<Answer<P>>> {
  // The types of the parameters were checked against the path above; the client's own need each path by itself.
  const request = client.GET as unknown as AnyGet;
  const { data, error, response } = await request(path, { params, ...(signal && { signal }) }).catch(
    (fault: unknown) => {
      throw failed(fault);
    },
  );
  if (!response.ok) throw failed(error, response);
  return { rows: data as Answer<P>, eventTime: eventTimeOf(response.headers), fetchedAt: Date.now() };
}

/** What changes something, with the key. @throws {ApiError} */
export async function send(method: 'POST' | 'PATCH', path: string, body?: object): Promise<unknown> {
  const key = currentKey();
  const response = await fetch(path, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(key !== '' && { 'X-API-Key': key }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  }).catch((error: unknown) => {
    throw failed(error);
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw failed(answer, response);
  return answer;
}
