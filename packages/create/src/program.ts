/** The command: `create-crunch-node [folder]`, and `crunch-node init [folder]`. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Answers, Given } from './answers.ts';
import { packs, rewardRules, sources } from './choices.ts';
import { checkoutNote, vendored, versionOf } from './versions.ts';
import { writeProject } from './write.ts';

interface Options extends Given {
  readonly yes: boolean;
  readonly packages?: string;
}

/** A command of its own; the same as a part of another program. */
export const createProgram = (name: string): Command =>
  new Command(name)
    .description('Write a new competition: node, participants’ packages, deployment, Makefile')
    .argument('[folder]', 'New folder; its name is the name of the competition')
    .option('-y, --yes', 'Ask nothing: what is not given has its default', false)
    .option('--name <name>', 'Name of the competition (default: that of the folder)')
    .addOption(new Option('--pack <pack>', 'Kind of competition').choices([...packs]))
    .addOption(new Option('--source <source>', 'Where data comes from').choices([...sources]))
    .option('--subjects <names>', 'What is predicted, separated by commas: BTCUSDT,ETHUSDT')
    .addOption(new Option('--kind <kind>', 'What the source has').choices(['candle', 'tick']))
    .option('--granularity <time>', 'Length of a candle: 1s, 1m, 1h')
    .option('--interval <seconds>', 'Seconds between two rounds')
    .option('--horizon <seconds>', 'Seconds from a round to its ground truth')
    .option('--fields <names>', 'Numbers of an answer of a custom competition: q10,q50,q90')
    .addOption(new Option('--direction <direction>', 'asc: lower is better').choices(['asc', 'desc']))
    .option('--window <hours>', 'Hours of scores by which models are ranked')
    .option(
      '--metric <expression>',
      'Rank by an expression: mean(scores) / std(scores), or by a built-in metric: hit_rate',
    )
    .addOption(new Option('--rewards <rule>', 'How rewards are shared').choices([...rewardRules]))
    .option('--payout <days>', 'Days between two payments')
    .option('--packages <folder>', 'Install the packages of crunch-node from tarballs in this folder')
    .action(create);

async function create(folder: string | undefined, { yes, packages, ...given }: Options): Promise<void> {
  const named: Given = { ...given, name: given.name ?? (folder === undefined ? undefined : basename(resolve(folder))) };
  // Not before it is needed: this command is a part of a larger one, which starts without it.
  const [{ answersFrom }, { projectFiles }] = await Promise.all([import('./answers.ts'), import('./project.ts')]);
  const isAsked = !yes && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const answers = answersFrom(isAsked ? await (await import('./questions.ts')).ask(named) : named);
  const target = resolve(folder ?? answers.name);
  const tarballs = packages === undefined ? [] : tarballsIn(resolve(packages));
  const version = versionOf();
  const specifiers = packages === undefined ? null : vendored(tarballs, version);
  const secret = () => randomBytes(18).toString('base64url');
  const needed = tarballs.filter((path) => Object.values(specifiers ?? {}).some((one) => one.endsWith(basename(path))));
  writeProject(target, projectFiles(answers, { version, specifiers, secret }), { packages: needed });
  const way = relative(process.cwd(), target) || '.';
  process.stdout.write(
    [
      `${answers.name} is in ${way}: ${answers.pack} over ${answers.source}`,
      '',
      `  cd ${way}`,
      '  make test    # installs what is missing, checks types, runs the tests of node and challenge',
      '  make demo    # a short competition with the example models',
      '',
      ...afterwards(answers, way),
      ...(packages === undefined ? checkoutNote(way) : []),
      'README.md has the rest.',
      '',
    ].join('\n'),
  );
}

/** What has to be decided before the competition goes live. */
export const afterwards = ({ pack, fields }: Pick<Answers, 'pack' | 'fields'>, way: string): string[] =>
  pack === 'custom'
    ? [
        `The score is a stub, with which every score fails and ${'`make deploy`'} is refused: before going live, write`,
        `scoring_function in ${join(way, 'node', 'config', 'crunch.config.ts')} (from ${fields.join(', ')} and what really happened).`,
        '',
      ]
    : [];

/** @throws {Error} for a folder that is not there */
function tarballsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.tgz'))
      .map((name) => join(folder, name));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new Error(
      `--packages: expected a folder of tarballs as scripts/pack writes it, received ${folder} (${code})`,
    );
  }
}
