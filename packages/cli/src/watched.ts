import type { Environment } from '@crunch-node/config';
import type { EventLog } from '@crunch-node/eventlog';
import { type Closers, type Service, startMonitor } from '@crunch-node/service';
import type { Registry } from 'prom-client';

export interface WatchedFrom {
  readonly registry: Registry;
  readonly log: EventLog;
  readonly environment: Environment;
  readonly closers: Closers;
}

/** Starts a service that is alone in its process, with a server for its health. @returns it, and that server's address */
export async function watched<S extends Service>(
  { registry, log, environment: { values }, closers }: WatchedFrom,
  start: () => Promise<S>,
): Promise<{ readonly service: S; readonly url: string }> {
  const services: Service[] = [];
  const monitor = await startMonitor({
    services,
    registry,
    connected: () => log.connected,
    host: values.SERVICE_HOST ?? '127.0.0.1',
    port: values.SERVICE_PORT ?? 0,
  });
  // Pushed first, closed last: a service that is stopping can be watched.
  closers.push('monitor', () => monitor.close());
  const service = await start();
  closers.push(service.name, () => service.stop());
  services.push(service);
  return { service, url: monitor.url };
}
