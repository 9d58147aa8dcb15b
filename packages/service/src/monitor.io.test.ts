import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Registry } from 'prom-client';
import { type Monitor, startMonitor } from './monitor.ts';
import type { Service, ServiceHealth } from './service.ts';

describe('the monitor of a process', () => {
  let state: ServiceHealth['state'];
  let connected: boolean;
  let monitor: Monitor;
  beforeEach(async () => {
    state = 'running';
    connected = true;
    const score: Service = {
      name: 'score',
      health: () => ({ state, detail: 'why', counts: { cycles: 3 } }),
      stop: async () => undefined,
      ended: new Promise(() => undefined),
    };
    monitor = await startMonitor({
      services: [score],
      registry: new Registry(),
      connected: () => connected,
      host: '127.0.0.1',
      port: 0,
    });
  });
  afterEach(() => monitor.close());

  const get = (path: string) => fetch(`${monitor.url}${path}`);

  it('is ready while its services run and the log is reachable', async () => {
    const response = await get('/readyz');
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), {
      status: 'ready',
      log: 'connected',
      services: { score: { state: 'running', detail: 'why', counts: { cycles: 3 } } },
    });
    connected = false;
    assert.equal((await get('/readyz')).status, 503);
    connected = true;
    state = 'waiting';
    assert.equal((await get('/readyz')).status, 503);
    assert.equal((await get('/healthz')).status, 200);
  });

  it('is healthy until a service has failed', async () => {
    state = 'failed';
    assert.equal((await get('/healthz')).status, 503);
  });

  it('serves metrics, including its own', async () => {
    const text = await (await get('/metrics')).text();
    assert.match(text, /crunch_service_state\{service="score",state="running"\} 1/);
    assert.match(text, /process_cpu_seconds_total/);
  });

  it('responds 404 to other paths, and reports a port that is taken', async () => {
    assert.equal((await get('/')).status, 404);
    const port = Number(new URL(monitor.url).port);
    const again = { services: [], registry: new Registry(), connected: () => true, host: '127.0.0.1', port };
    await assert.rejects(startMonitor(again), { code: 'EADDRINUSE' });
  });
});
