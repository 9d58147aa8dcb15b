import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { lookUntil, type NatsServer, type Postgres, privateNats, privatePostgres } from '@crunch-node/embedded/testing';
import { type FakeMongo, type FakeRest, startFakeMongo, startFakeRest } from '@crunch-node/feeds/testing';
import { Client } from 'pg';
import { type IngestService, startIngest } from './index.ts';
import { openScene } from './testing/scene.ts';

/** A tick whose number is its identity; several share a millisecond. */
interface Tick {
  readonly n: number;
  readonly symbol: string;
  readonly ms: number;
}

const SUBJECTS = ['BTC', 'ETH'];

describe('ingest of sources that continue while it is away', () => {
  let nats: NatsServer;
  let postgres: Postgres;
  let owner: Client;
  let mongo: FakeMongo;
  let rest: FakeRest;
  before(async () => {
    [nats, postgres, mongo, rest] = await Promise.all([
      privateNats(),
      privatePostgres(),
      startFakeMongo(),
      startFakeRest(),
    ]);
    owner = new Client(postgres.url);
    await owner.connect();
    await owner.query('create table ticks (id bigint primary key, symbol text, at timestamptz, price numeric)');
  });
  after(async () => {
    await owner.end();
    await Promise.all([nats.stop(), postgres.stop(), mongo.stop(), rest.stop()]);
  });

  const sources = {
    'mongodb, change stream': {
      provider: 'mongodb',
      options: () => mongoOptions('changestream'),
      add: async (ticks: readonly Tick[]) => mongo.insert('market.changestream', ticks.map(documentOf)),
    },
    'mongodb, poll': {
      provider: 'mongodb',
      options: () => mongoOptions('poll'),
      add: async (ticks: readonly Tick[]) => mongo.insert('market.poll', ticks.map(documentOf)),
    },
    postgres: {
      provider: 'postgres',
      options: () => ({
        postgres_uri: postgres.url,
        table: 'ticks',
        subject_column: 'symbol',
        time_column: 'at',
        id_column: 'id',
      }),
      async add(ticks: readonly Tick[]) {
        for (const { n, symbol, ms } of ticks) {
          await owner.query('insert into ticks values ($1, $2, $3, $4)', [n, symbol, new Date(ms), n]);
        }
      },
    },
    rest: {
      provider: 'rest',
      options: () => ({
        url: `${rest.url}/rows?symbol={subject}&from={start_ms}&to={end_ms}&limit={limit}`,
        ...{ rows: 'data.rows', time_field: 't', time_unit: 'ms', id_field: 'id', value_fields: 'price', limit: '50' },
      }),
      add: async (ticks: readonly Tick[]) => {
        rest.rows.push(...ticks.map(({ n, symbol, ms }) => ({ symbol, t: ms, id: n, price: n })));
      },
    },
  };
  const mongoOptions = (mode: string) => ({
    mongodb_uri: mongo.uri,
    ...{ database: 'market', collection: mode, listen_mode: mode, subject_field: 'symbol', timestamp_field: 'ts' },
  });
  const documentOf = ({ n, symbol, ms }: Tick) => ({ symbol, ts: new Date(ms), insertedAt: new Date(), price: n });

  for (const [name, { provider, options, add }] of Object.entries(sources)) {
    it(`loses and doubles nothing over restarts: ${name}`, async () => {
      const scene = await openScene(
        nats.url,
        'live',
        {
          provider,
          subjects: SUBJECTS,
          kind: 'tick',
          granularity: 'tick',
          options: { poll_seconds: '0.5', ...options() },
        },
        { cycle_seconds: 1, lateness_seconds: 0 },
      );
      let ingest: IngestService | undefined;
      let total = 0;
      let lastMs = 0;
      /** Ten of the past second, by five in a millisecond, both subjects in turn. */
      const more = async (): Promise<void> => {
        const ms = Math.max(Date.now() - 500, lastMs + 1);
        lastMs = ms + 1;
        const ticks = Array.from({ length: 10 }, (_, i) => ({
          n: total + i + 1,
          symbol: SUBJECTS[i % 2]!,
          ms: ms + Math.floor(i / 5),
        }));
        total += ticks.length;
        await add(ticks);
      };
      const records = async (): Promise<string[]> => (await scene.published()).filter((id) => id.startsWith('feed:'));
      try {
        for (let run = 0; run < 4; run++) {
          await more();
          ingest = await startIngest(scene.context);
          await more();
          await lookUntil(records, (ids) => ids.length >= total);
          await more();
          await lookUntil(records, (ids) => ids.length >= total);
          // Further ticks come while it stops, or while it is away.
          await Promise.all([more(), ingest.stop()]);
        }
        ingest = await startIngest(scene.context);
        const ids = await lookUntil(records, (all) => all.length >= total);
        assert.equal(ids.length, total);
        assert.equal(new Set(ids).size, total);
        assert.equal(ingest.health().counts.rejected, undefined);
      } finally {
        await ingest?.stop();
        await scene.close();
      }
    });
  }
});
