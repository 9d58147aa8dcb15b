import { CrunchError } from '@crunch-node/streams/errors';

/** Example of an address, for error messages. */
export const ADDRESS_SHAPE =
  'postgres://user:password@host:5432/database (several hosts: host1:5432,host2:5432; a socket: ' +
  'postgresql:///database?host=/var/run/postgresql) or host=… port=… dbname=… user=… password=…';

/** An invalid address of Postgres. The message contains no password. */
export class BadPostgresAddress extends CrunchError {
  override readonly name = 'BadPostgresAddress';
  override readonly code = 'bad_postgres_address';
  /** what is wrong with it */
  readonly reason: string;
  constructor(reason: string, received: string, where = 'the address of Postgres') {
    super(`expected ${where} to be ${ADDRESS_SHAPE}, received ${masked(received)}: ${reason}`);
    this.reason = reason;
  }
}

const SECRET_IN_QUERY = /\b((?:ssl)?(?:password|key)|options|passfile)=[^&\s]*/gi;
const SECRET_IN_PAIRS = /\b((?:ssl)?password|passfile|options)(\s*=\s*)(?:'(?:\\.|[^'\\])*'|.*?)(?=\s+\w+\s*=|$)/gi;

/** An address for display: whatever may be a password is `***`, also when the address is invalid. */
export function masked(address: string): string {
  const text = address.trim().replace(/[\r\n\t]+/g, ' ');
  const [, scheme = '', whole = text] = /^(['"]?[a-z][\w+.:-]*:\/\/)(.*)$/i.exec(text) ?? [];
  if (scheme === '' && /^\s*\w+\s*=/.test(text)) return text.replace(SECRET_IN_PAIRS, '$1$2***');
  const rest = whole.replace(SECRET_IN_QUERY, '$1=***');
  const end = rest.lastIndexOf('@');
  // A password without an `@` after it would follow the first colon without a port.
  const colon = end === -1 ? rest.search(/:(?!\d{1,5}(?:[/?,]|$))/) : rest.indexOf(':');
  if (end === -1) return `${scheme}${colon === -1 ? rest : `${rest.slice(0, colon)}:***`}`;
  return `${scheme}${colon === -1 || colon > end ? rest.slice(0, end) : `${rest.slice(0, colon)}:***`}${rest.slice(end)}`;
}
