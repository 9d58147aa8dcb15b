import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { until } from '@crunch-node/embedded/testing';
import { Registry } from 'prom-client';
import { unconnectedApp } from '../../testing/unconnected-app.ts';

describe('the metrics of the API', () => {
  it('count requests by route and status, and those in progress', async () => {
    const metrics = new Registry();
    let leave = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const app = await unconnectedApp({ metrics });
    app.get('/held', () => held.then(() => 'late'));
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    try {
      for (const [path, method] of [
        ['/healthz', 'GET'],
        ['/healthz', 'HEAD'],
        ['/reports/models/alice/status', 'GET'],
        ['/reports/snapshots?limit=x', 'GET'],
        ['/of/nobody', 'GET'],
        ['/of/somebody', 'GET'],
      ] as const)
        await fetch(`${url}${path}`, { method }).then((answer) => answer.arrayBuffer());
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.write('GET /held HTTP/1.1\r\nHost: x\r\n\r\n');
      const text = () => metrics.metrics();
      await until('a request is held', async () =>
        (await text()).includes('crunch_report_requests_in_flight{route="/held"} 1') ? true : undefined,
      );
      socket.destroy();
      const expected = [
        'crunch_report_request_seconds_count{method="GET",route="/healthz",status="200"} 1',
        'crunch_report_request_seconds_count{method="HEAD",route="/healthz",status="200"} 1',
        'crunch_report_request_seconds_count{method="GET",route="/reports/models/:model_id/status",status="503"} 1',
        'crunch_report_request_seconds_count{method="GET",route="/reports/snapshots",status="422"} 1',
        'crunch_report_request_seconds_count{method="GET",route="none",status="404"} 2',
        'crunch_report_request_seconds_count{method="GET",route="/held",status="499"} 1',
        'crunch_report_requests_in_flight{route="/held"} 0',
      ];
      await until('all are counted', async () => {
        const found = await text();
        return expected.every((line) => found.includes(line)) ? true : undefined;
      });
    } finally {
      leave();
      await app.close();
    }
  });
});
