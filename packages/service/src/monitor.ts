import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Service, ServiceHealth } from './service.ts';

export interface MonitorOptions {
  readonly services: readonly Service[];
  readonly registry: Registry;
  /** whether the log is reachable */
  connected(): boolean;
  readonly host: string;
  /** 0 takes a free one */
  readonly port: number;
}

/** HTTP endpoint of a process of services. */
export interface Monitor {
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  close(): Promise<void>;
}

const STATES: readonly ServiceHealth['state'][] = ['starting', 'waiting', 'running', 'stopped', 'failed'];

/**
 * Serves `/healthz` (503 once a service has failed), `/readyz` (503 until all of them run and the log is reachable) and
 * `/metrics` until it is closed.
 * @throws when the port is taken
 */
export async function startMonitor({ services, registry, connected, host, port }: MonitorOptions): Promise<Monitor> {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'crunch_service_state',
    help: '1 for the state a service is in',
    labelNames: ['service', 'state'],
    registers: [registry],
    collect() {
      for (const service of services) {
        const { state: current } = service.health();
        for (const name of STATES) this.set({ service: service.name, state: name }, name === current ? 1 : 0);
      }
    },
  });

  const answers: Readonly<Record<string, (response: ServerResponse) => Promise<void> | void>> = {
    '/healthz': (response) => {
      const failed = services.some((service) => service.health().state === 'failed');
      sendJson(response, failed ? 503 : 200, { status: failed ? 'failed' : 'ok', services: healthOf() });
    },
    '/readyz': (response) => {
      const ready = connected() && services.every((service) => service.health().state === 'running');
      const status = ready ? 'ready' : 'not ready';
      sendJson(response, ready ? 200 : 503, { status, log: connected() ? 'connected' : 'away', services: healthOf() });
    },
    '/metrics': async (response) => {
      response.writeHead(200, { 'content-type': registry.contentType });
      response.end(await registry.metrics());
    },
  };
  const healthOf = () => Object.fromEntries(services.map((service) => [service.name, service.health()]));

  const server = createServer((request, response) => {
    const answer = request.method === 'GET' ? answers[new URL(request.url ?? '/', 'http://any').pathname] : undefined;
    if (answer === undefined) return sendJson(response, 404, { paths: Object.keys(answers) });
    Promise.resolve(answer(response)).catch((error: Error) => {
      if (!response.headersSent) sendJson(response, 500, { error: error.message });
      else response.destroy();
    });
  });
  await listening(server, host, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async close() {
      registry.removeSingleMetric('crunch_service_state');
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  const failed = once(server, 'error').then(([error]) => {
    throw error;
  });
  failed.catch(() => undefined);
  server.listen(port, host);
  await Promise.race([once(server, 'listening'), failed]);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
