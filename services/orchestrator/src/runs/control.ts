import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { CrunchError } from '@crunch-node/streams/errors';
import type { ModelRuns } from './model-runs.ts';
import { type ModelState, UnknownModel } from './supervisor.ts';

/** Where the models of a running process are controlled: written to a file that its owner alone can read. */
export interface ControlAddress {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  /** of the orchestrator's WebSocket */
  readonly orchestrator_url: string;
}

/** A model as the orchestrator of the existing platform lists it, with what is known besides. */
export interface ListedModel {
  readonly id: string;
  readonly model_name: string;
  readonly deployment_id: string;
  readonly desired_state: 'RUNNING' | 'STOPPED';
  readonly status: ModelState['status'];
  readonly statusMessage: string | null;
  readonly crunch_id: string | null;
  readonly cruncher_id: string;
  readonly cruncher_name: string;
  readonly builder_log_uri: null;
  readonly runner_log_uri: string;
  readonly about: string | null;
  readonly pid: number | null;
  readonly restarts: number;
  readonly path: string;
}

export interface ControlOptions {
  readonly runs: ModelRuns;
  readonly crunchId: string | null;
  /** the address is written there */
  readonly file: string;
}

export interface Control {
  readonly address: ControlAddress;
  close(): Promise<void>;
}

/** A request that cannot be carried out, with the status it is answered with. */
class Refused extends CrunchError {
  override readonly code = 'control_request_refused';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Two processes would write the same logs, and only the later one could be controlled. */
export class ModelsRunThere extends CrunchError {
  override readonly name = 'ModelsRunThere';
  override readonly code = 'models_run_in_folder';
}

async function refuseSecond(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return;
  try {
    const { url, token, pid } = JSON.parse(text) as ControlAddress;
    const response = await fetch(`${url}/models`, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) return; // another program has the port now
    throw new ModelsRunThere(`process ${pid} runs models in ${dirname(file)}: name another folder with --data-dir`);
  } catch (error) {
    if (error instanceof ModelsRunThere) throw error; // else the file is what a killed process left behind
  }
}

const LONGEST_BODY = 64 * 1024;

/**
 * `GET /models`, `PATCH /models/{id}` with a `desired_state`, `POST /models/{id}/restart` and `GET
 * /models/{id}/logs/runner`, on this machine, for clients with the token.
 * @throws {ModelsRunThere}
 */
export async function startControl({ runs, crunchId, file }: ControlOptions): Promise<Control> {
  await refuseSecond(file);
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const status = error instanceof Refused ? error.status : error instanceof UnknownModel ? 404 : 500;
      if (!response.headersSent) response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ detail: (error as Error).message }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: ControlAddress = {
    pid: process.pid,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    orchestrator_url: runs.url,
  };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(address), { mode: 0o600 });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Bearer ${token}`) throw new Refused(401, 'expected the token of this run');
    const { pathname } = new URL(request.url ?? '/', address.url);
    const [, id = '', action = ''] = /^\/models(?:\/([^/]+)(?:\/(restart|logs\/runner))?)?$/.exec(pathname) ?? [];
    if (!pathname.startsWith('/models')) throw new Refused(404, `expected /models, received ${pathname}`);
    if (id === '')
      return json(
        response,
        runs.states().map((state) => listed(state, crunchId)),
      );
    const model = stateOf(decodeURIComponent(id));
    if (action === 'logs/runner') return sendLog(response, model.log_file);
    if (action === 'restart' && request.method === 'POST') await runs.restart(model.model_id);
    else if (action === '' && request.method === 'PATCH') await desire(model.model_id, await bodyOf(request));
    else if (request.method !== 'GET')
      throw new Refused(405, `expected GET, PATCH or POST, received ${request.method}`);
    return json(response, listed(stateOf(model.model_id), crunchId));
  }

  function stateOf(modelId: string): ModelState {
    const found = runs.states().find(({ model_id }) => model_id === modelId);
    if (found === undefined)
      throw new UnknownModel(
        modelId,
        runs.states().map(({ model_id }) => model_id),
      );
    return found;
  }

  async function desire(modelId: string, body: string): Promise<void> {
    let desired: unknown;
    try {
      desired = (JSON.parse(body) as { desired_state?: unknown }).desired_state;
    } catch {
      throw new Refused(400, 'expected JSON with a desired_state');
    }
    if (desired === 'STOPPED') await runs.stop(modelId);
    else if (desired === 'RUNNING') await runs.restart(modelId);
    else throw new Refused(400, `expected desired_state RUNNING or STOPPED, received ${JSON.stringify(desired)}`);
  }

  return {
    address,
    async close() {
      server.closeAllConnections();
      server.close();
      const written = await readFile(file, 'utf8').catch(() => '');
      if (written.includes(token)) await rm(file, { force: true });
    },
  };
}

const listed = (state: ModelState, crunch_id: string | null): ListedModel => ({
  id: state.model_id,
  model_name: state.model_name,
  deployment_id: state.deployment_id,
  desired_state: state.desired_state,
  status: state.status,
  statusMessage: state.status_message,
  crunch_id,
  cruncher_id: state.cruncher_id,
  cruncher_name: state.cruncher_name,
  builder_log_uri: null,
  runner_log_uri: `/models/${encodeURIComponent(state.model_id)}/logs/runner`,
  about: state.about,
  pid: state.pid,
  restarts: state.restarts,
  path: `${state.submission.folder}/${state.submission.mainFile}`,
});

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

async function sendLog(response: ServerResponse, file: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  if ((await stat(file).catch(() => null)) === null) return void response.end();
  createReadStream(file)
    .on('error', () => response.end())
    .pipe(response);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) {
    body += part;
    if (body.length > LONGEST_BODY) throw new Refused(413, `expected at most ${LONGEST_BODY} characters`);
  }
  return body;
}
