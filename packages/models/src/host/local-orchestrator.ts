import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { pythonJson } from '../wire/tolerant-json.ts';
import type { RunningDeployment } from './model-host.ts';

/** A failure report as it came in. */
export interface ReceivedReport {
  readonly model_id: string;
  readonly failure_code: string;
  readonly failure_reason: string | null;
  readonly ip: string;
}

/** Stand-in for the orchestrator of production: announces running models, and stops those reported as failed. */
export interface LocalOrchestrator {
  /** without the crunch id */
  readonly url: string;
  /** reports that named a model of ours by id and ip */
  readonly reports: readonly ReceivedReport[];
  readonly connections: number;
  /** Announces a running model: a new one, a new deployment, a new name. */
  announce(model: RunningDeployment): void;
  /** Announces that a deployment has stopped; it is in no `init` any more. */
  withdraw(model: RunningDeployment, state?: 'STOPPED' | 'RECOVERING'): void;
  /** Sends any text to all clients, to test how they handle it. */
  print(text: string): void;
  /** Drops all connections, as a restart does. */
  disconnect(): void;
  stop(): Promise<void>;
}

/** Models of a host in this process, or of processes of their own. */
export interface AnnouncedModels {
  running(): readonly RunningDeployment[];
  /** Ends one that was reported. */
  stop(modelId: string, report: ReceivedReport): void;
}

export interface LocalOrchestratorOptions {
  /** null: announces its models for every crunch */
  readonly crunchId: string | null;
  /** whose models are announced at first, and stopped when reported */
  readonly models: AnnouncedModels;
  /** 0: any free port */
  readonly port?: number;
  readonly host?: string;
}

const element = ({ model, deployment_id, ip, port }: RunningDeployment, state: string) => ({
  deployment_id,
  model_id: model.model_id,
  infos: {
    model_name: model.model_name,
    cruncher_id: model.cruncher_id,
    cruncher_name: model.cruncher_name,
    cruncher_wallet_pubkey: model.cruncher_id,
    cruncher_hotkey: null,
  },
  state,
  ip,
  port,
});

/** @throws {Error} when the port is taken */
export async function startLocalOrchestrator(options: LocalOrchestratorOptions): Promise<LocalOrchestrator> {
  const { crunchId, models, port = 0, host = '127.0.0.1' } = options;
  /** by deployment, since two of one model run side by side during a replacement */
  const running = new Map(models.running().map((model) => [model.deployment_id, model]));
  const reports: ReceivedReport[] = [];
  const server = new WebSocketServer({ host, port, maxPayload: 1024 * 1024 });
  await once(server, 'listening');

  const print = (text: string): void => {
    for (const client of server.clients) if (client.readyState === WebSocket.OPEN) client.send(text);
  };
  function withdraw(model: RunningDeployment, state: 'STOPPED' | 'RECOVERING' = 'STOPPED'): void {
    running.delete(model.deployment_id);
    print(pythonJson({ event: 'update', data: [element(model, state)] }));
  }

  function receive(text: string): void {
    let message: { event?: unknown; data?: unknown };
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (message?.event !== 'report_failure' || !Array.isArray(message.data)) return;
    for (const report of message.data as ReceivedReport[]) {
      const meant = [...running.values()].filter(
        ({ model, ip }) => model.model_id === report?.model_id && ip === report.ip,
      );
      if (meant.length > 0) reports.push(report);
      for (const model of meant) {
        models.stop(model.model.model_id, report);
        withdraw(model);
      }
    }
  }

  server.on('connection', (client, request) => {
    const asked = decodeURIComponent((request.url ?? '').replace(/^\/+|\/+$/g, ''));
    if (asked === '') {
      client.send(pythonJson({ error: 'expected a crunch id as the path' }));
      return client.close();
    }
    const isOurs = crunchId === null || asked === crunchId;
    const ours = isOurs ? [...running.values()] : [];
    client.send(pythonJson({ event: 'init', data: ours.map((model) => element(model, 'RUNNING')) }));
    if (isOurs) client.on('message', (data) => receive(data.toString()));
  });

  return {
    url: `ws://${host}:${(server.address() as AddressInfo).port}`,
    reports,
    get connections() {
      return server.clients.size;
    },
    announce(model) {
      running.set(model.deployment_id, model);
      print(pythonJson({ event: 'update', data: [element(model, 'RUNNING')] }));
    },
    withdraw,
    print,
    disconnect: () => {
      for (const client of server.clients) client.terminate();
    },
    async stop() {
      for (const client of server.clients) client.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
