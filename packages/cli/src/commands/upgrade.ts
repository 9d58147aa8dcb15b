import { loadConfig } from '@crunch-node/config';
import { SILENCE_MS } from '@crunch-node/operations/status';
import { lookForUpgrade, type Step, upgradePlan } from '@crunch-node/operations/upgrade';
import { withDeployment } from '../deployment.ts';
import { green, red, yellow } from '../show/colour.ts';
import { UsageError } from '../up/options.ts';
import { version } from '../version.ts';

export interface UpgradeOptions {
  readonly check?: boolean;
  readonly config?: string;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** Shows what this release needs of a running competition; ends with code 1 when it cannot take it over. */
export const runUpgrade = ({ check, config: module, json, dataDir }: UpgradeOptions) => {
  if (!check) {
    throw new UsageError(
      'expected --check: packages are upgraded by npm, and `crunch-node upgrade --check` shows what a running competition needs',
    );
  }
  return withDeployment(dataDir, async ({ screen, log: open, readModel }) => {
    const { hash, config } = await loadConfig({
      env: process.env,
      cwd: process.cwd(),
      ...(module !== undefined && { module }),
    });
    const facts = await lookForUpgrade(await open(), () => readModel({ connectTimeoutMs: SILENCE_MS }), {
      version: version(),
      own: { hash, partitions: config.partitions },
    });
    const steps = upgradePlan(facts);
    screen.result(json ? JSON.stringify(steps) : steps.map(lineOf).join('\n'));
    if (steps.some(({ state }) => state === 'blocked')) process.exitCode = 1;
  });
};

const MARKS = { ok: green('ok     '), todo: yellow('to do  '), blocked: red('BLOCKED') } as const;

const lineOf = ({ state, about, detail }: Step): string => `${MARKS[state]}  ${about}: ${detail}`;
