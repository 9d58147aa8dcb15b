/** The real coordinator's client in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type Typed = readonly [type: 'STRING' | 'INT' | 'DOUBLE' | 'JSON', value: unknown];

export interface CoordinatorAnswer {
  readonly status: 'SUCCESS' | 'FAILED' | 'TIMEOUT';
  readonly result: unknown;
  readonly detail: string | null;
}

export interface CoordinatorOptions {
  readonly crunch_id: string;
  readonly port: number;
  /** keyword arguments of the participant's class */
  readonly instance?: Readonly<Record<string, Typed>>;
  /** folder with ca.crt, tls.crt, tls.key */
  readonly secure?: string;
  /** RSA key in PEM */
  readonly gateway?: string;
}

export interface Call {
  readonly call: string;
  readonly args?: readonly Typed[];
  readonly kwargs?: Readonly<Record<string, Typed>>;
  /** seconds */
  readonly timeout?: number;
}

export interface Coordinator {
  /** by model */
  call(call: Call): Promise<Readonly<Record<string, CoordinatorAnswer>>>;
  /** models it is connected to */
  models(): Promise<Readonly<Record<string, { deployment: string; name: string; timeouts: number }>>>;
  /** what it has logged */
  log(): string;
  stop(): Promise<void>;
}

export async function startCoordinator(
  python: string,
  options: CoordinatorOptions,
  env: NodeJS.ProcessEnv = {},
): Promise<Coordinator> {
  const child: ChildProcess = spawn(
    python,
    [new URL('coordinator.py', import.meta.url).pathname, JSON.stringify(options)],
    { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env }, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let log = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => waiting.shift()?.(line));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the coordinator has ended:\n${log}`);
  });
  ended.catch(() => undefined);
  const next = (): Promise<string> => Promise.race([new Promise<string>((resolve) => waiting.push(resolve)), ended]);
  const ask = async <T>(request: object): Promise<T> => {
    const line = next();
    child.stdin!.write(`${JSON.stringify(request)}\n`);
    const answer = JSON.parse(await line) as T & { error?: string };
    if (answer.error !== undefined && typeof answer.error === 'string') throw new Error(answer.error);
    return answer;
  };
  await next();
  return {
    call: (call) => ask(call),
    models: () => ask({ models: true }),
    log: () => log,
    async stop() {
      child.kill('SIGKILL');
      await ended.catch(() => undefined);
    },
  };
}
