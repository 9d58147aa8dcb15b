import type { FastifyRequest } from 'fastify';

type Asked = Pick<FastifyRequest, 'headers' | 'query'>;

/**
 * The key a request comes with: `X-API-Key`, else `Authorization: Bearer`, else `?api_key=`. The first one that is there
 * counts, also when it is wrong. Blank is not there.
 */
export function presentedKey(
  { headers, query }: Asked,
  { inQuery }: { readonly inQuery: boolean },
): string | undefined {
  const own = headers['x-api-key'];
  const header = (typeof own === 'string' ? own : own?.join(', '))?.trim();
  if (header) return header;
  const bearer = /^bearer\s+(.*)$/is.exec(headers.authorization?.trim() ?? '')?.[1]?.trim();
  if (bearer) return bearer;
  if (!inQuery) return undefined;
  const asked = (query as Readonly<Record<string, string | string[] | undefined>> | undefined)?.api_key;
  const last = (Array.isArray(asked) ? asked.at(-1) : asked)?.trim();
  return last === '' ? undefined : last;
}

/** A name under which a key is sent, misspelt ones included. */
const CALLED_A_KEY = /api[^a-z0-9]*key/i;

/** A URL for the log or for a response, without the parts that may contain a key. */
export function urlWithoutKey(url: string): string {
  const [path = '', ...rest] = url.split(/([?#&;])/);
  const isKey = (part: string, isPath: boolean): boolean =>
    CALLED_A_KEY.test(decoded(part) ?? (isPath ? '' : 'api_key'));
  const parts = rest.map((part, i) => (i % 2 === 1 && isKey(part, false) ? 'api_key=***' : part));
  return [isKey(path, true) ? '***' : path, ...parts].join('');
}

/** Undefined: the encoding is broken, so the name could be any. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
