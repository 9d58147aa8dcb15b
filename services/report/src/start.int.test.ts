import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { privatePostgres } from '@crunch-node/embedded/testing';
import { createLogger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { PortTaken, startReport } from './start.ts';
import { reportConfig } from './testing/report-config.ts';

const logger = createLogger('silent');

describe('the report service', () => {
  const options = {
    config: reportConfig,
    version: '0.1.0',
    logger,
    namespace: namespaceOf('empty'),
    host: '127.0.0.1',
    port: 0,
  };

  it('listens on a free port, responds 503 while its tables or Postgres are away, and stops', async () => {
    const postgres = await privatePostgres();
    const report = await startReport({ ...options, databaseUrl: postgres.url });
    try {
      const noTables = await fetch(`${report.url}/reports/models`);
      assert.equal(noTables.status, 503);
      await postgres.stop();
      const away = await fetch(`${report.url}/reports/leaderboard`);
      assert.equal(away.status, 503);
      assert.equal(away.headers.get('retry-after'), '5');
      assert.equal((await fetch(`${report.url}/readyz`)).status, 503);
      assert.equal((await fetch(`${report.url}/healthz`)).status, 200);
      assert.deepEqual(report.health().counts, { requests: 4, failures: 3 });
      const { port } = new URL(report.url);
      await assert.rejects(startReport({ ...options, port: Number(port), databaseUrl: postgres.url }), PortTaken);
    } finally {
      await report.stop();
    }
    assert.equal(report.health().state, 'stopped');
    await assert.rejects(fetch(`${report.url}/healthz`));
  });
});
