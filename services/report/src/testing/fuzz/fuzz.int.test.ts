import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleLog } from '@crunch-node/projections/testing';
import { namedKeys } from '../../plugins/security/keys.ts';
import { defaultSecurity } from '../../plugins/security/options.ts';
import { recordedLogger } from '../recorded-logger.ts';
import { openScene } from '../scene.ts';
import { fuzz } from './fuzz.ts';

const REQUESTS = 2_000;
const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);
const KEYS = ['the-key-of-a-dashboard', 'the-key-of-the-operator'];
const keys = namedKeys([`dashboard:read:${KEYS[0]}`, `ops:admin:${KEYS[1]}`]);

describe('the API under random requests', () => {
  it(`breaks nothing and reveals no secret (FUZZ_SEED=${seed})`, async (t) => {
    const { logger, lines } = recordedLogger();
    const scene = await openScene(sampleLog(10), {
      now: '2026-11-21T19:09:00.000000Z',
      logger,
      security: { ...defaultSecurity, keys, readAuth: true },
    });
    try {
      const url = await scene.app.listen({ host: '127.0.0.1', port: 0 });
      const { requests, byStatus, faults } = await fuzz({ url, seed, keys: KEYS, goesOn: (made) => made < REQUESTS });
      t.diagnostic(`${requests} requests: ${JSON.stringify(byStatus)}`);
      assert.equal(faults.join('\n'), '');
      const failed = lines
        .filter(({ level }) => level === 'error')
        .map(({ facts, text }) => `${text} ${facts.url} ${facts.err}`);
      assert.equal(failed.join('\n'), '');
      assert.ok((byStatus[200] ?? 0) > REQUESTS / 10, 'hardly anything got through: the requests are too wrong');
    } finally {
      await scene.close();
    }
  });
});
