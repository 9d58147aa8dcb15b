/** The challenge packages of the field: an example model of each, and a configuration that calls it as it expects. */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CrunchDefinition } from '@crunch-node/config';
import type { ModelToRun } from '@crunch-node/orchestrator';
import { submissionAt } from '@crunch-node/orchestrator';
import type { JsonObject } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';

interface Candles extends JsonObject {
  readonly symbol: string;
  readonly candles_1m: readonly { readonly ts: number; readonly close: number }[];
}

export interface Challenge {
  readonly name: string;
  /** the example, as it lies in the installed package */
  readonly example: string;
  readonly baseClassname: string;
  readonly config: CrunchDefinition;
}

/** `tick({"BTC": [[seconds, price], …]})` */
const prices = (input: JsonObject): JsonObject => {
  const { symbol, candles_1m } = input as Candles;
  return { [symbol]: candles_1m.map(({ ts, close }) => [ts + 60, close]) };
};

const densities = Type.Object({ result: Type.Array(Type.Object({ step: Type.Integer(), type: Type.String() })) });
const synthCall = (keyword: boolean): CrunchDefinition => ({
  feed_update_method: 'tick',
  pre_feed_update_hook: prices,
  call_method: {
    method: 'predict',
    args: [
      { name: 'subject', type: 'STRING' },
      { name: 'resolve_horizon_seconds', type: 'INT', ...(keyword && { keyword: 'horizon' }) },
      { name: 'step_seconds', type: 'INT', ...(keyword && { keyword: 'step' }) },
    ],
  },
  output_type: densities,
});

export const challenges: readonly Challenge[] = [
  {
    name: 'crunch-synth',
    example: 'crunch_synth/examples/exampletracker.py',
    baseClassname: 'crunch_synth.tracker.TrackerBase',
    config: synthCall(false),
  },
  {
    name: 'condorgame',
    example: 'condorgame/examples/benchmarktracker.py',
    baseClassname: 'condorgame.tracker.TrackerBase',
    // the name that this package's base class does not have: the other one is called
    config: { ...synthCall(true), feed_update_method: 'feed_update' },
  },
  {
    name: 'birdgame',
    example: 'birdgame/model_benchmark/emwavartracker.py',
    baseClassname: 'birdgame.trackers.trackerbase.TrackerBase',
    config: {
      model_arguments: { horizon: 120 },
      feed_update_method: 'tick',
      feed_update_args: [{}],
      pre_feed_update_hook: (input) => {
        const { ts, close } = (input as Candles).candles_1m.at(-1)!;
        return { time: ts, dove_location: close };
      },
      call_method: { method: 'predict', args: [] },
      output_type: Type.Object({ type: Type.Literal('mixture'), components: Type.Array(Type.Unknown()) }),
    },
  },
];

/** As a participant submits it: the code in a folder, as `main.py`. */
export async function exampleOf({ name, example }: Challenge, python: string, folder: string): Promise<ModelToRun> {
  const code = join(folder, name);
  await mkdir(code);
  const sitePackages = join(python, '..', '..', 'lib');
  const [version = ''] = (await import('node:fs')).readdirSync(sitePackages);
  await copyFile(join(sitePackages, version, 'site-packages', example), join(code, 'main.py'));
  return modelAt(name, code);
}

export const modelAt = async (name: string, path: string): Promise<ModelToRun> => ({
  model_id: name,
  model_name: name,
  cruncher_id: 'local-0001',
  cruncher_name: 'local-dev',
  submission: await submissionAt(path),
});
