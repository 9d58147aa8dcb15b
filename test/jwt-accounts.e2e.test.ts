/**
 * The accounts that `crunch-node accounts` describes for nsc, on a real server with JWTs and a memory resolver. nsc itself
 * is not run: its commands in the script are read, and become the claims that nsc makes of them.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { connectLog } from '@crunch-node/eventlog';
import { type NatsUser, natsUsers } from '@crunch-node/pipeline';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { connect, credsAuthenticator, type NatsConnection, nkeys } from 'nats';
import { accountsScript } from '../packages/cli/src/accounts/render.ts';

type KeyPair = ReturnType<typeof nkeys.createAccount>;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(issuer: KeyPair, sub: string, name: string, nats: object): string {
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { jti: `${name}-${iat}`, iat, iss: issuer.getPublicKey(), name, sub, nats: { ...nats, version: 2 } };
  const body = `${base64({ typ: 'JWT', alg: 'ed25519-nkey' })}.${base64(claims)}`;
  return `${body}.${Buffer.from(issuer.sign(new TextEncoder().encode(body))).toString('base64url')}`;
}

interface Command {
  readonly words: readonly string[];
  of(flag: string): readonly string[];
}

/** Commands of nsc in the script: words, and flags with their values. */
function commandsIn(script: string): readonly Command[] {
  return [...script.matchAll(/^nsc (.*)$/gm)].map(([, line = '']) => {
    const words = [...line.matchAll(/'([^']*)'|([^\s']+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    const of = (flag: string) => words.flatMap((word, i) => (word === flag ? [words[i + 1] ?? ''] : []));
    return { words, of };
  });
}

const UNLIMITED = { subs: -1, data: -1, payload: -1 };
const LIMITS = { ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
const STORAGE = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

for (const name of ['', 'acme']) {
  describe(`the accounts for nsc, namespace "${name}"`, () => {
    const namespace = namespaceOf(name);
    const commands = commandsIn(accountsScript('my-challenge', namespace));
    const creds = new Map<string, string>();
    let server: NatsServer;

    before(async () => {
      const operator = nkeys.createOperator();
      const accounts = new Map(['CRUNCH', 'SIGNALS', 'SYS'].map((one) => [one, nkeys.createAccount()]));
      const keyOf = (account: string): KeyPair => accounts.get(account)!;
      const idOf = (account: string): string => keyOf(account).getPublicKey();
      const partsOf = (verb: string, account: string) =>
        commands
          .filter((one) => one.words.slice(0, 2).join(' ') === `add ${verb}` && one.of('--account')[0] === account)
          .map((one) => ({ ...one, type: one.words.includes('--service') ? 'service' : 'stream' }));
      const jwts = [...accounts.keys()].map((account) => {
        const exports = partsOf('export', account).map((one) => ({
          name: one.of('--name')[0],
          subject: one.of('--subject')[0],
          type: one.type,
        }));
        const imports = partsOf('import', account).map((one) => ({
          name: one.of('--remote-subject')[0],
          subject: one.of('--remote-subject')[0],
          account: idOf(one.of('--src-account')[0] ?? ''),
          type: one.type,
        }));
        const hasStreams = commands.some(
          (one) => one.words.slice(0, 2).join(' ') === 'edit account' && one.of('--name')[0] === account,
        );
        const limits = { ...LIMITS, ...(hasStreams && STORAGE) };
        for (const user of partsOf('user', account)) {
          const pair = nkeys.createUser();
          const responses = user.words.some((word) => word === '--allow-pub-response=1');
          const jwt = signed(keyOf(account), pair.getPublicKey(), user.of('--name')[0] ?? '', {
            ...UNLIMITED,
            pub: { allow: user.of('--allow-pub') },
            sub: { allow: user.of('--allow-sub') },
            ...(responses && { resp: { max: 1, ttl: 0 } }),
            type: 'user',
          });
          const seed = text(pair.getSeed());
          creds.set(
            user.of('--name')[0] ?? '',
            `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
          );
        }
        return [
          idOf(account),
          signed(operator, idOf(account), account, { type: 'account', limits, exports, imports }),
        ] as const;
      });
      const operatorJwt = signed(operator, operator.getPublicKey(), 'my-challenge', {
        type: 'operator',
        system_account: idOf('SYS'),
      });
      server = await privateNats({
        moreConfig: [
          `operator: ${operatorJwt}`,
          `system_account: ${idOf('SYS')}`,
          'resolver: MEMORY',
          `resolver_preload: {\n${jwts.map(([id, jwt]) => `  ${id}: ${jwt}`).join('\n')}\n}`,
        ].join('\n'),
      });
      const log = await connectLog({ url: server.url, namespace, creds: creds.get('operator')! });
      await log.ensureStreams(allStreams);
      await log.close();
    });
    after(() => server?.stop());

    const as = (user: string): Promise<NatsConnection> =>
      connect({
        servers: server.url,
        authenticator: credsAuthenticator(new TextEncoder().encode(creds.get(user))),
        inboxPrefix: `_INBOX_${user}`,
      });

    it('let every service use the log with credentials of its own', async () => {
      assert.deepEqual([...creds.keys()].sort(), [...natsUsers, 'signals'].sort());
      for (const user of natsUsers) {
        const log = await connectLog({
          url: server.url,
          namespace,
          creds: creds.get(user)!,
          inboxPrefix: `_INBOX_${user}`,
        });
        await log.ensureStreams(allStreams);
        await log.close();
      }
    });

    it('let a stage append to its own stream and no other', async () => {
      const own: Partial<Record<NatsUser, string>> = {
        score: 'scores.0',
        snapshot: 'snapshots.cycle',
        rank: 'leaderboards.cycle',
      };
      for (const [user, address] of Object.entries(own)) {
        const connection = await as(user);
        const answer = await connection.request(namespace.natsSubject(address), '{}');
        assert.match(answer.string(), /"seq":/, user);
        await assert.rejects(
          connection.request(namespace.natsSubject('checkpoints.cycle'), '{}'),
          /permissions violation/i,
        );
        await connection.close();
      }
    });

    it('let a subscriber look up signals and nothing else', async () => {
      const signals = await as('signals');
      const lookUp = (stream: string) =>
        signals.request(`$JS.API.DIRECT.GET.${namespace.streamName(stream)}`, '{"seq":1}');
      assert.equal((await lookUp('SIGNALS')).headers?.code, 404);
      await assert.rejects(lookUp('SCORES'), /permissions violation/i);
      await signals.close();
    });
  });
}
