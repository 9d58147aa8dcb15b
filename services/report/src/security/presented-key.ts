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

/** A URL for the log: whatever a key may stand in is left out. */
export function urlWithoutKey(url: string): string {
  const at = url.search(/[?#]/);
  if (at === -1) return url;
  const parts = url.slice(at + 1).split('&');
  return `${url.slice(0, at + 1)}${parts.map((part) => (/^api_key$/i.test(nameOf(part)) ? 'api_key=***' : part)).join('&')}`;
}

/** Of `name=value`, however it is spelt; what cannot be decoded could be anything. */
function nameOf(part: string): string {
  const [name = ''] = part.split('=');
  try {
    return decodeURIComponent(name.replaceAll('+', ' ')).trim();
  } catch {
    return 'api_key';
  }
}
