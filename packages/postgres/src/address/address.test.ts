import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { composeAddress, masked, parseAddress } from '../index.ts';

const read = (text: string) => {
  const { hosts, config, target } = parseAddress(text);
  const names = hosts.map(({ host = '', port = '' }) => `${host}:${port}`).join(',');
  return [config.user, config.password, names, config.database, ...(target === 'any' ? [] : [target])];
};

describe('an address of Postgres', () => {
  const forms: readonly (readonly [string, ...unknown[]])[] = [
    ['postgres://u:p@h:6543/d', 'u', 'p', 'h:6543', 'd'],
    ['postgresql://u:p@h/d', 'u', 'p', 'h:', 'd'],
    ['POSTGRES://u:p@h/d', 'u', 'p', 'h:', 'd'],
    ['postgresql+psycopg2://u:p@h/d', 'u', 'p', 'h:', 'd'],
    ['jdbc:postgresql://h:5432/d?user=u&password=p', 'u', 'p', 'h:5432', 'd'],
    [' "postgres://u:p@h/d"\n', 'u', 'p', 'h:', 'd'],
    ['postgres://h', undefined, undefined, 'h:', undefined],
    ['postgres://', undefined, undefined, ':', undefined],
    ['postgres://u@/d', 'u', undefined, ':', 'd'],
    ['postgres://u:p%40s%2Fs@h/my%40db', 'u', 'p@s/s', 'h:', 'my@db'],
    ['postgres://u:p@ss/w#rd@h:5432/d', 'u', 'p@ss/w#rd', 'h:5432', 'd'],
    ['postgres://u:p:a?b=c&d [x]%zz@h/d?sslmode=disable', 'u', 'p:a?b=c&d [x]%zz', 'h:', 'd'],
    ['postgres://u:1/2@h/d', 'u', '1/2', 'h:', 'd'],
    ['postgres://u:12?x=1@h/d', 'u', '12?x=1', 'h:', 'd'],
    ['postgres://u:%ff@h/d', 'u', '%ff', 'h:', 'd'],
    [
      'postgres://u@server:p@ss@server.postgres.database.azure.com/d',
      'u@server',
      'p@ss',
      'server.postgres.database.azure.com:',
      'd',
    ],
    ['postgres://u:p@h/d?application_name=a@b', 'u', 'p', 'h:', 'd'],
    ['postgres://u:p@[::1]:5433/d', 'u', 'p', '::1:5433', 'd'],
    [
      'postgres://u:p@h1:5432,h2:5433/d?target_session_attrs=read-write',
      'u',
      'p',
      'h1:5432,h2:5433',
      'd',
      'read-write',
    ],
    ['postgres://u:p@ss@h1,[::1]:5433,h3/d', 'u', 'p@ss', 'h1:,::1:5433,h3:', 'd'],
    ['postgres:///d?host=h1,h2&port=5432,5433', undefined, undefined, 'h1:5432,h2:5433', 'd'],
    ['postgres:///d?host=h1,h2&port=5433', undefined, undefined, 'h1:5433,h2:5433', 'd'],
    ['postgresql:///d?host=/var/run/postgresql', undefined, undefined, '/var/run/postgresql:', 'd'],
    ['postgresql://u:p@/d?host=/var/run/postgresql&port=5433', 'u', 'p', '/var/run/postgresql:5433', 'd'],
    ['postgresql://u:p@:5433/d?host=/tmp', 'u', 'p', '/tmp:5433', 'd'],
    ['postgresql://%2Fvar%2Frun%2Fpostgresql/d', undefined, undefined, '/var/run/postgresql:', 'd'],
    ['postgresql://u@%2fvar%2frun:5433/d', 'u', undefined, '/var/run:5433', 'd'],
    ['/var/run/postgresql d', undefined, undefined, '/var/run/postgresql:', 'd'],
    ['socket:/var/run/postgresql?db=d', undefined, undefined, '/var/run/postgresql:', 'd'],
    ['host=h port=5433 dbname=d user=u password=p', 'u', 'p', 'h:5433', 'd'],
    [`host = h1,h2 dbname='my db' user=u password='it\\'s \\\\ @/#'`, 'u', `it's \\ @/#`, 'h1:,h2:', 'my db'],
    ['dbname=d host=/var/run/postgresql', undefined, undefined, '/var/run/postgresql:', 'd'],
    ['hostaddr=10.0.0.1 host=ignored dbname=d', undefined, undefined, '10.0.0.1:', 'd'],
  ];
  for (const [text, ...expected] of forms)
    it(`is parsed: ${text.trim()}`, () => assert.deepEqual(read(text), expected));

  it('sets TLS as its parameters require, without a warning of a library', () => {
    const warned: unknown[] = [];
    const listen = (warning: unknown): number => warned.push(warning);
    process.on('warning', listen);
    const tls = (query: string) => parseAddress(`postgres://h/d?${query}`).ssl;
    assert.deepEqual(tls('x=1'), ['environment']);
    assert.deepEqual(tls('sslmode=disable'), [false]);
    assert.deepEqual(tls('sslmode=allow'), [false, {}]);
    assert.deepEqual(tls('sslmode=prefer'), [{}, false]);
    for (const mode of ['require', 'verify-ca', 'verify-full', 'REQUIRE'])
      assert.deepEqual(tls(`sslmode=${mode}`), [{}]);
    assert.deepEqual(tls('sslmode=no-verify'), [{ rejectUnauthorized: false }]);
    assert.deepEqual(tls('sslmode=require&uselibpqcompat=true'), [{ rejectUnauthorized: false }]);
    assert.deepEqual(tls('sslmode=verify-full&sslrootcert=system'), [{}]);
    assert.deepEqual(tls('ssl=true'), [true]);
    process.off('warning', listen);
    assert.deepEqual(warned, []);
  });

  it('keeps its other parameters', () => {
    const text = 'postgres://h/d?connect_timeout=7&application_name=mine&options=-c%20work_mem%3D1MB&pgbouncer=true';
    const { config, connectTimeoutMs } = parseAddress(text);
    assert.deepEqual(
      [config, connectTimeoutMs],
      [{ application_name: 'mine', options: '-c work_mem=1MB', database: 'd' }, 7000],
    );
  });

  const faults: readonly (readonly [string, RegExp])[] = [
    ['', /does not begin with postgres:\/\//],
    ['mysql://root:s3cret@h/d', /begins with mysql:\/\/, which is not Postgres/],
    ['u:s3cret@h/d', /does not begin with/],
    ['localhost:5432/d', /does not begin with/],
    ['postgres://u:s3cret', /cannot be told apart|port/],
    ['postgres://u:p@s3cret@h:5x/d', /port/],
    ['postgres://u:s3cret@h:99999/d', /port from 1 to 65535/],
    ['postgres://u:s3cret@::1/d', /cannot be told apart|IPv6/],
    ['postgres://u:s3cret@h/d?sslmode=requre', /sslmode to be disable, .*received requre/],
    ['postgres://u:s3cret@h/d?sslrootcert=/nowhere/ca.pem', /certificate file \/nowhere\/ca\.pem cannot be read/],
    ['postgres://u:s3cret@h1,h2/d?target_session_attrs=master', /target_session_attrs to be any, /],
    ['postgres://u:s3cret@h/d?connect_timeout=5s', /connect_timeout to be whole seconds/],
    ['postgres:///d?host=h1,h2,h3&port=1,2&password=s3cret', /3 hosts and 2 ports/],
    ['host=h password=s3cret s3cret dbname', /each value one word or in '…'/],
    [`host=h password='s3cret`, /each value one word or in '…'/],
  ];
  for (const [text, reason] of faults) {
    it(`is rejected with an example, without a password: ${text}`, () => {
      assert.throws(
        () => parseAddress(text, 'DATABASE_URL'),
        ({ name, message }: Error) => {
          assert.equal(name, 'BadPostgresAddress');
          assert.match(message, /^expected DATABASE_URL to be postgres:\/\/user:password@host:5432\/database/);
          assert.match(message, reason);
          assert.doesNotMatch(message, /s3cret/);
          return true;
        },
      );
    });
  }

  it('accepts a question mark and an @ in its password', () => {
    const { config } = parseAddress('postgres://u:x@?~~~x@host/d');
    assert.deepEqual([config.password, config.database], ['x@?~~~x', 'd']);
    assert.equal(parseAddress('postgres://u:x@host/d?application_name=a@b').config.password, 'x');
  });

  it('is shown without its password, whatever its characters and form', () => {
    const password = fc.string({ minLength: 4 }).map((text) => `x${text.replace(/[\s'\\]/g, '~')}x`);
    fc.assert(
      fc.property(password, (secret) => {
        for (const text of [`postgres://u:${secret}@host/d`, `postgres://u:${encodeURIComponent(secret)}@host/d`]) {
          assert.equal(masked(text), 'postgres://u:***@host/d');
          const { config } = parseAddress(text);
          if (!/%[0-9a-f]{2}/i.test(secret)) assert.deepEqual([config.user, config.password], ['u', secret]);
        }
        const pairs = `host=h user=u password='${secret}' dbname=d`;
        assert.equal(masked(pairs), 'host=h user=u password=*** dbname=d');
        assert.equal(parseAddress(pairs).config.password, secret);
      }),
    );
  });

  it('is composed from POSTGRES_*, whatever their values', () => {
    const parts = { port: 6432, user: 'u:@', password: 'p@/#?%', database: 'a/b@c' };
    for (const [host, names] of [
      ['h', 'h:6432'],
      ['h1,h2', 'h1:6432,h2:6432'],
      ['/var/run/postgresql', '/var/run/postgresql:6432'],
      ['::1', '::1:6432'],
      ['[::1]', '::1:6432'],
    ])
      assert.deepEqual(read(composeAddress({ ...parts, host: host! })), ['u:@', 'p@/#?%', names, 'a/b@c']);
  });
});
