import type { FastifyRequest } from 'fastify';

type Asked = Pick<FastifyRequest, 'headers'> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
  /** the request target as it was received */
  readonly originalUrl?: string;
};

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i;
const LOOPBACK_HOST = /^(localhost\.?|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Header names by which proxies, load balancers, tunnels and content networks describe the client they forward for.
 * Whatever their values are, the request did not begin at this connection.
 */
const FORWARDING: readonly RegExp[] = [
  /^(x-|z-)?forward(ed|er|ing)?(-|$)/, // Forwarded, X-Forwarded-For, -Host, -Proto, -Port, -Server, -Prefix, …
  /^(via|max-forwards|front-end-https|surrogate-capability|x-iinfo|x-host|x-scheme|x-url-scheme|x-request-start)$/,
  /^(x-)?(original|proxied|rewrite|http-host|backend)-/, // X-Original-Host, X-Original-URL, X-Rewrite-URL, …
  /^(x-|wl-)?proxy/,
  /(^|-)(client|real|remote|connecting|source|originating|user|viewer)-?(ip|ipv6|addr|address|host|port)(-|$)/,
  /^(cf|cdn|fly|fastly|tailscale|ngrok|akamai|cloudfront|incap|ali|do)-/,
  /^x-(akamai|amz|amzn|appengine|arr|azure|bluecoat|cdn|cloud-trace|envoy|gfe|goog|google|heroku|kong|nf|nginx|ngrok|render|sucuri|traefik|varnish|vercel)(-|$)/,
];
const isForwarding = (name: string): boolean => FORWARDING.some((pattern) => pattern.test(name.replaceAll('_', '-')));

/** Where a request comes from, as far as proxies are trusted; a client that has left meanwhile has no address. */
export const addressOf = ({ ip }: Pick<FastifyRequest, 'ip'>): string => (ip as string | undefined) ?? 'unknown';

/** The connection comes from this machine, and nothing shows that a proxy forwards it for somebody else. */
export const isConnectedHere = (asked: Asked): boolean => reasonNotConnectedHere(asked) === null;

/**
 * Why a request cannot be attributed to a person or program on this machine; null when it can. It has to come over a
 * loopback connection without a sign of forwarding, for a local name (a foreign name whose DNS points here is not), and
 * not be sent by a page of another site.
 */
export function reasonNotLocal(asked: Asked): string | null {
  return reasonNotConnectedHere(asked) ?? reasonForeignName(asked) ?? reasonForeignPage(asked);
}

function reasonNotConnectedHere({ socket, headers }: Asked): string | null {
  if (!LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '')) return 'it comes from another machine';
  const sign = Object.keys(headers).find(isForwarding);
  return sign === undefined ? null : `its header ${sign} shows that a proxy forwards it`;
}

function reasonForeignName({ headers, originalUrl = '/' }: Asked): string | null {
  const { host = '' } = headers;
  if (!LOOPBACK_HOST.test(host)) return 'its header host has no local name';
  // A target that names a host takes the place of the header (RFC 9112, 3.2.2); clients send it to proxies.
  return originalUrl.startsWith('/') || isLocalPage(originalUrl) ? null : 'its target names another host';
}

/** `Origin` cannot be set by a page; older browsers send `Referer` alone, newer ones also send `Sec-Fetch-Site`. */
function reasonForeignPage({ headers }: Asked): string | null {
  const { origin, referer, 'sec-fetch-site': site } = headers;
  const isForeign = (page: string | undefined): boolean => page !== undefined && !isLocalPage(page);
  if (isForeign(origin)) return 'its header origin names a page of another site';
  if (isForeign(referer)) return 'its header referer names a page of another site';
  // Pages of localhost and of 127.0.0.1 are of different sites, and both are local.
  const isNear = site === undefined || NEAR.has(String(site)) || (site === 'cross-site' && origin !== undefined);
  return isNear ? null : 'its header sec-fetch-site shows a page of another site';
}

const NEAR: ReadonlySet<string> = new Set(['same-origin', 'same-site', 'none']);

function isLocalPage(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  return LOOPBACK_HOST.test(new URL(text).host);
}
