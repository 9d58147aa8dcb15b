/** The report APIs of both systems, each on the first core where the system can pin it. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@crunch-node/embedded';
import { until } from '@crunch-node/embedded/testing';
import { cpuOfTree, peakMemory } from '../support/process-tree.ts';
import { disconnected, environmentOf, pin, type ReferenceOptions } from './reference.ts';

export interface WebServer {
  readonly url: string;
  /** of its process, so far */
  cpuSeconds(): number;
  peakMb(): number;
  stop(): Promise<void>;
}

export async function referenceServer(options: ReferenceOptions): Promise<WebServer> {
  const port = await freePort();
  const log = openSync(join(options.folder, 'report.log'), 'w');
  const app = ['-m', 'uvicorn', 'crunch_node.workers.report_worker:app', '--host', '127.0.0.1', '--port', String(port)];
  const child = spawn(options.installed.python, app, { env: environmentOf(options), stdio: ['ignore', log, log] });
  closeSync(log);
  const url = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`the reference's report worker ended with ${child.exitCode}`);
    return fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await until('the report worker of the reference', answers, { everyMs: 200, deadlineMs: 120_000 });
  return serverOf(child, url, async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL'); // it may be waiting for connections that hang
    await exited;
  });
}

export async function ownServer(databaseUrl: string): Promise<WebServer> {
  const child = fork(new URL('./report-process.ts', import.meta.url), [databaseUrl], { execArgv: ['--import', 'tsx'] });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return serverOf(child, url, () => disconnected(child));
}

function serverOf(child: ChildProcess, url: string, stop: () => Promise<void>): WebServer {
  pin(child.pid, 0);
  return {
    url,
    cpuSeconds: () => cpuOfTree(child.pid!).engine,
    peakMb: () => peakMemory(child.pid!),
    stop,
  };
}
