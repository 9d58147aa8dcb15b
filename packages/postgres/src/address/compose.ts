/**
 * Composes an address from its parts, as given by `POSTGRES_HOST` and others. Supports several hosts, socket folders
 * and IPv6.
 */
export function composeAddress(parts: {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string | undefined;
  readonly database: string;
}): string {
  const hosts = parts.host
    .split(',')
    .map((name) => hostText(name.trim(), parts.port))
    .join(',');
  const password = parts.password === undefined ? '' : `:${encodeURIComponent(parts.password)}`;
  return `postgres://${encodeURIComponent(parts.user)}${password}@${hosts}/${encodeURIComponent(parts.database)}`;
}

function hostText(name: string, port: number): string {
  if (name.startsWith('/')) return `${encodeURIComponent(name)}:${port}`;
  if (/^\[.*\]$/.test(name)) return `${name}:${port}`;
  if (name.split(':').length > 2) return `[${name}]:${port}`;
  return name.includes(':') ? name : `${name}:${port}`;
}
