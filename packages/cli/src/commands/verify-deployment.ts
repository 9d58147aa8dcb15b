import { readEnvironment } from '@crunch-node/config';
import { type Finding, judgeDeployment, lookAtDeployment } from '@crunch-node/operations/deployment';
import { SILENCE_MS } from '@crunch-node/operations/status';
import { openReadModel } from '@crunch-node/projections';
import { createClosers } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { knownEndpoints } from '../endpoints.ts';
import { openLog } from '../open-log.ts';
import { createScreen } from '../screen.ts';
import { green, red, yellow } from '../show/colour.ts';
import { configurationOf, demoOptionsOf } from '../up/configuration.ts';
import type { UpOptions } from '../up/options.ts';

export interface VerifyDeploymentOptions extends Omit<UpOptions, 'once' | 'logLevel' | 'port' | 'models'> {
  readonly api?: string;
  /** how far back causes of failures are counted */
  readonly minutes: number;
  readonly over: number;
  readonly frozenAfter: number;
  readonly json?: boolean;
  readonly dataDir: string;
}

const CLOSE_DEADLINE_MS = 10_000;

/** Shows whether a deployment does what it should. Starts nothing; ends with code 1 when something has failed. */
export async function runVerifyDeployment(options: VerifyDeploymentOptions): Promise<void> {
  const screen = createScreen();
  const closers = createClosers(CLOSE_DEADLINE_MS);
  try {
    const findings = await findingsOf(options, closers);
    const failed = findings.filter(({ state }) => state === 'failed');
    if (options.json) screen.result(JSON.stringify(findings));
    else {
      for (const found of findings) screen.result(lineOf(found));
      const [first] = failed;
      screen.result(
        first === undefined
          ? '\nEverything runs.'
          : `\n${failed.length} failed; begin with ${first.check} (${first.layer}).`,
      );
    }
    if (failed.length > 0) process.exitCode = 1;
  } finally {
    for (const fault of await closers.close()) screen.print(fault);
  }
}

async function findingsOf(
  { api, minutes, over, frozenAfter, dataDir, ...expected }: VerifyDeploymentOptions,
  closers: ReturnType<typeof createClosers>,
): Promise<readonly Finding[]> {
  const environment = readEnvironment(process.env);
  const { values } = environment;
  const namespace = namespaceOf(values.CRUNCH_NAMESPACE);
  try {
    const folder = values.CRUNCH_STATE_DIR ?? dataDir;
    const { natsUrl, databaseUrl, apiUrl } = await knownEndpoints(environment, folder, false);
    const log = await openLog(natsUrl, environment);
    closers.push('connection to the log', () => log.close());
    const readModel = async () => {
      if (databaseUrl === '') throw new Error('its address is not known: set DATABASE_URL');
      const model = openReadModel({ url: databaseUrl, schema: namespace.schema, connectTimeoutMs: SILENCE_MS });
      closers.push('connection to Postgres', () => model.close());
      return model;
    };
    const own = await configurationOf(
      { ...expected, once: false, logLevel: 'silent' },
      process.env,
      process.cwd(),
    ).then(
      ({ hash }) => ({ hash }),
      (error: Error) => ({ fault: error.message }),
    );
    const facts = await lookAtDeployment(log, readModel, {
      own,
      optionsOf: (running) => demoOptionsOf(running, process.env, process.cwd()),
      minutes,
      apiUrl: api ?? apiUrl ?? null,
      apiKey: values.API_KEY,
      overMs: over * 1000,
      frozenMs: frozenAfter * 1000,
    });
    return judgeDeployment(facts);
  } catch (error) {
    const remedy = 'start nats-server or up, or mend NATS_URL; nothing else can be known without the log';
    return [{ check: 'log', layer: 'log', state: 'failed', detail: (error as Error).message, remedy }];
  }
}

const MARKS = {
  ok: green('ok     '),
  waiting: yellow('waiting'),
  noted: yellow('noted  '),
  failed: red('FAILED '),
} as const;

function lineOf({ check, layer, state, detail, remedy }: Finding): string {
  const line = `${MARKS[state]}  ${check}: ${detail}`;
  return remedy === null ? line : `${line}\n         ${layer}: ${remedy}`;
}
