import { CrunchError } from '@crunch-node/streams/errors';

/** The parts of an address, in whichever form it was written. Only its grammar is checked here. */
export interface AddressParts {
  readonly user?: string;
  readonly password?: string;
  /** `host` or `host:port`; a socket's folder begins with `/` */
  readonly hosts: readonly HostPart[];
  readonly database?: string;
  /** all other parameters, by their `libpq` names */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface HostPart {
  /** absent: from the environment (`PGHOST`) or the default */
  readonly host?: string;
  /** as written */
  readonly port?: string;
}

/** Why a text is no address. The caller adds the masked text. */
export class NotAnAddress extends CrunchError {
  override readonly name = 'NotAnAddress';
  override readonly code = 'not_an_address';
}

/** `jdbc:` and drivers (`postgresql+psycopg2://`) are prefixes that other programs add to the same address. */
const SCHEME = /^(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?:\/\//i;
const SOCKET = /^(?:socket:(?:\/\/)?)?(\/[^\s?]*)(?:\s+(\S+))?(?:\?(.*))?$/i;

/** @throws {NotAnAddress} */
export function partsOf(text: string): AddressParts {
  const scheme = SCHEME.exec(text)?.[0];
  if (scheme !== undefined) return ofUrl(text.slice(scheme.length));
  const socket = SOCKET.exec(text);
  if (socket !== null) return ofSocket(socket);
  if (/^\w+\s*=/.test(text)) return ofPairs(text);
  const other = /^([a-z][\w+.:-]*):\/\//i.exec(text)?.[1];
  throw new NotAnAddress(
    other === undefined ? 'it does not begin with postgres://' : `it begins with ${other}://, which is not Postgres`,
  );
}

const HOST = /(?:\[[0-9a-f:.]+(?:%[\w.]+)?\]|[^\s@/?#[\]:,]*)(?::[^\s@/?#[\]:,]*)?/;
const HOSTS = `${HOST.source}(?:,${HOST.source})*`;
const TAIL = `(?<hosts>${HOSTS})(?:/(?<database>[^?#@]*))?(?:\\?(?<query>[^#]*))?$`;
/** The standard form: reserved characters are percent-encoded. */
const STRICT = new RegExp(`^(?:(?<user>[^\\s@/?#[\\]:]*)(?::(?<password>[^\\s@/?#[\\]]*))?@)?${TAIL}`, 'i');
/** The common form: everything up to the last `@` that a host may follow. */
const LENIENT = new RegExp(`^(?<user>[^:]*)(?::(?<password>.*))?@${TAIL}`, 'is');

/** The query of an address, as opposed to a `?` in a password. */
const PARAMETERS = /^[\w.-]+=[^&]*(?:&[\w.-]+=[^&]*)*$/;

function ofUrl(rest: string): AddressParts {
  const strict = STRICT.exec(rest)?.groups;
  // `user:1?x@host` would otherwise be a host `user`, and `user:x@?y@host` one without a host.
  const query = strict?.query ?? '';
  const isDoubtful = query.includes('@') && (strict?.user === undefined || !PARAMETERS.test(query));
  const groups = (isDoubtful ? (LENIENT.exec(rest)?.groups ?? strict) : strict) ?? LENIENT.exec(rest)?.groups;
  if (groups === undefined) {
    throw new NotAnAddress(
      'user, password, host, port and database cannot be told apart; in a password, write @ as %40, / as %2F, ' +
        '# as %23, ? as %3F and % as %25',
    );
  }
  const parameters = parametersOf(groups.query ?? '');
  const listed = (groups.hosts ?? '').split(',').map(hostOf);
  return merged(
    {
      ...(groups.user && { user: decoded(groups.user) }),
      ...(groups.password && { password: decoded(groups.password) }),
      ...(groups.database && { database: decoded(groups.database) }),
    },
    listed,
    parameters,
  );
}

function hostOf(text: string): HostPart {
  const [, name = '', port] = /^(\[.*\]|[^:]*)(?::(.*))?$/.exec(text) ?? [];
  const host = decoded(name.replace(/^\[(.*)\]$/, '$1'));
  return { ...(host !== '' && { host }), ...(port && { port }) };
}

const parametersOf = (query: string): Map<string, string> =>
  new Map([...new URLSearchParams(query)].filter(([, value]) => value !== ''));

function ofSocket([, path = '', database, query = '']: readonly (string | undefined)[]): AddressParts {
  const parameters = parametersOf(query);
  const named = parameters.get('db');
  const encoding = parameters.get('encoding');
  parameters.delete('db');
  parameters.delete('encoding');
  if (encoding !== undefined) parameters.set('client_encoding', encoding);
  const known = database ?? named;
  return merged({ ...(known !== undefined && { database: known }) }, [{ host: decoded(path) }], parameters);
}

const PAIR = /\s*([a-z_]\w*)\s*=\s*(?:'((?:\\.|[^'\\])*)'|((?:\\.|[^\s'\\])*))(?=\s|$)/iy;

/** `host=localhost dbname=crunch`, with `'` around values and `\` before characters as `libpq` has it. */
function ofPairs(text: string): AddressParts {
  const parameters = new Map<string, string>();
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const pair = PAIR.exec(text);
    if (pair === null) {
      const last = [...parameters.keys()].at(-1);
      const place = last === undefined ? '' : `, which what stands behind ${last} is not`;
      throw new NotAnAddress(`expected name=value, each value one word or in '…' with \\' and \\\\ inside it${place}`);
    }
    const value = (pair[2] ?? pair[3] ?? '').replace(/\\(.)/gs, '$1');
    if (value !== '') parameters.set((pair[1] ?? '').toLowerCase(), value);
  }
  return merged({}, [{}], parameters);
}

/** Parameters take precedence over the part before them. */
function merged(
  given: Pick<AddressParts, 'user' | 'password' | 'database'>,
  listed: readonly HostPart[],
  parameters: Map<string, string>,
): AddressParts {
  const take = (...names: string[]): string | undefined => {
    const [found] = names.flatMap((name) => parameters.get(name) ?? []);
    for (const name of names) parameters.delete(name);
    return found;
  };
  const user = take('user') ?? given.user;
  const password = take('password') ?? given.password;
  const database = take('dbname', 'database') ?? given.database;
  const names = take('hostaddr', 'host')?.split(',');
  const ports = take('port')?.split(',');
  const hosts = (names ?? listed).map((one, index): HostPart => {
    const { host, port }: HostPart = typeof one === 'string' ? { host: one.trim() } : one;
    // A single port applies to every host; a host given as a parameter keeps the port it was written with.
    const own = ports === undefined ? (port ?? listed[index]?.port ?? listed[0]?.port) : (ports[index] ?? ports[0]);
    const kept = names === undefined && ports === undefined ? port : own;
    return { ...(host && { host }), ...(kept && { port: kept.trim() }) };
  });
  if (ports !== undefined && ports.length > 1 && ports.length !== hosts.length)
    throw new NotAnAddress(`it names ${hosts.length} hosts and ${ports.length} ports`);
  return {
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    hosts,
    parameters,
  };
}

/** A text with an invalid percent-encoding is used as written. */
function decoded(text: string): string {
  if (/%(?![0-9a-f]{2})/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
