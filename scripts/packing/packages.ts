/** What people install: each package, its public modules, and what is in it besides. */
export interface Packed {
  readonly name: string;
  readonly description: string;
  /** for its README */
  readonly usage: string;
  /** subpath of `exports` → source */
  readonly exports: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  /** programs to compile besides: name → source */
  readonly programs?: Readonly<Record<string, string>>;
  /** the workspace it is made of, without the scope; `*` is all of them */
  readonly workspace: string;
  /** the folder of parts, mirrored: what the code finds beside its own files */
  readonly parts?: readonly string[];
  /** further packages at run time, at the version that is installed here */
  readonly needs?: readonly string[];
}

export const packages: readonly Packed[] = [
  {
    name: 'crunch-node',
    description: 'Runs prediction competitions: engine and command',
    usage:
      'npx crunch-node up --demo --once    # a competition of a day, its leaderboard shown\nnpx crunch-node --help',
    exports: {
      './routes': 'services/report/src/routes.ts',
      './feeds': 'packages/feeds/src/index.ts',
      './domain': 'packages/domain/src/index.ts',
    },
    bin: { 'crunch-node': 'parts/packages/cli/bin/crunch-node.js' },
    workspace: '*',
    // Newer ones bring packages that refuse Node 20; overrides of this repository do not reach those who install.
    needs: ['light-my-request'],
    parts: [
      'deploy',
      'packages/backtest/bin',
      'packages/challenge-python/src',
      'packages/cli/bin',
      'packages/cli/package.json',
      'packages/create/package.json',
      'packages/launcher/src',
      'proto',
      'services/orchestrator/bin',
      'services/orchestrator/python',
    ],
  },
  {
    name: '@crunch-node/config',
    description: 'The typed configuration of a competition: defineCrunch, ready-made packs, scores',
    usage:
      "import { defineCrunch, realtimePack } from '@crunch-node/config';\n\nexport default defineCrunch({ ...realtimePack, crunch_id: 'my-competition' });",
    exports: { '.': 'packages/config/src/public.ts' },
    workspace: 'config',
  },
  {
    name: '@crunch-node/challenge',
    description: 'What a participant starts from: the base class of a model, example models',
    usage:
      "import { ModelBase } from '@crunch-node/challenge';\n\nexport default class MyModel extends ModelBase {\n  predict(subject: string) {\n    return { value: this.closes(subject).length > 9 ? 0.5 : 0 };\n  }\n}",
    exports: { '.': 'packages/challenge/src/index.ts' },
    workspace: 'challenge',
  },
  {
    name: '@crunch-node/client',
    description: 'Reads signals of ensembles over NATS, live and from history; no part of the engine',
    usage:
      "import { connectSignals } from '@crunch-node/client';\n\nconst client = await connectSignals({ url: 'nats://signals:password@host:4222' });\nfor await (const { data } of client.signals({ since: 'start' })) console.log(data.scope_key, data.value);",
    exports: { '.': 'packages/client/src/index.ts' },
    workspace: 'client',
  },
  {
    name: 'create-crunch-node',
    description: 'Writes a new prediction competition',
    usage: 'npm create crunch-node my-challenge',
    exports: {},
    bin: { 'create-crunch-node': 'dist/create-crunch-node.js' },
    programs: { 'create-crunch-node': 'packages/create/src/main.ts' },
    workspace: 'create',
    parts: [
      'deploy/certificates.sh',
      'deploy/nats.conf',
      'deploy/nats.secure.conf',
      'deploy/pg_hba.conf',
      'packages/create/package.json',
    ],
  },
];
