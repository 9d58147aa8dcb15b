import type { FastifyRequest } from 'fastify';

type Asked = Pick<FastifyRequest, 'headers'> & { readonly socket: { readonly remoteAddress?: string | undefined } };

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i;
const LOOPBACK_HOST = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d+)?$/i;

/** Where a request comes from, as far as proxies are trusted; a client that has left meanwhile has no address. */
export const addressOf = ({ ip }: Pick<FastifyRequest, 'ip'>): string => (ip as string | undefined) ?? 'unknown';

/** The connection comes from this machine, and nobody says that it is passed on for somebody elsewhere. */
export function isConnectedHere({ socket, headers }: Asked): boolean {
  if (!LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '')) return false;
  if ([headers.forwarded, headers.via, headers['x-real-ip']].some((said) => said !== undefined)) return false;
  return [headers['x-forwarded-for'] ?? []]
    .flat()
    .flatMap((some) => some.split(','))
    .every((address) => LOOPBACK_ADDRESS.test(address.trim()));
}

/**
 * Asked by a person or program on this machine: the connection is from here, it is us by a local name (a name that
 * somebody else's DNS points here is not), and no page of another site asked for it.
 */
export function isAskedHere(asked: Asked): boolean {
  const { host = '', origin } = asked.headers;
  return isConnectedHere(asked) && LOOPBACK_HOST.test(host) && (origin === undefined || isLocalPage(origin));
}

const isLocalPage = (origin: string): boolean => LOOPBACK_HOST.test(origin.replace(/^https?:\/\//i, ''));
