import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadConfig, refuseStub, ScoringIsStub } from '@crunch-node/config';
import { type Answers, AnswersFault, answersFrom, type Given, packs, sources } from './answers.ts';
import { afterwards } from './program.ts';
import { projectFiles } from './project.ts';
import { checkoutNote, tools, vendored } from './versions.ts';
import { FolderNotEmpty, writeProject } from './write.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const context = { version: '1.2.3', specifiers: null, secret: () => 'secret' };
const faultsOf = (given: Given): readonly string[] => {
  try {
    answersFrom(given);
  } catch (error) {
    if (error instanceof AnswersFault) return error.faults;
    throw error;
  }
  return [];
};

describe('the text after a project is written', () => {
  it('has what is left to be written of a custom competition', () => {
    const [stub = '', where = ''] = afterwards({ pack: 'custom', fields: ['q10', 'q90'] }, 'mine');
    assert.match(stub, /The score is a stub.*before going live/);
    assert.match(where, /scoring_function in mine\/node\/config\/crunch\.config\.ts \(from q10, q90/);
    assert.deepEqual(afterwards({ pack: 'realtime', fields: ['value'] }, 'mine'), []);
  });
});

describe('answers', () => {
  it('have a default for every question', () => {
    assert.deepEqual(answersFrom({}), {
      name: 'my-challenge',
      pack: 'realtime',
      source: 'binance',
      subjects: ['BTCUSDT'],
      kind: 'candle',
      granularity: '1m',
      interval: 60,
      horizon: 120,
      fields: ['value'],
      direction: 'desc',
      window: 24,
      metric: null,
      rewards: 'tiers',
      payout: 7,
    } satisfies Answers);
    assert.equal(answersFrom({ pack: 'quantile' }).direction, 'asc');
    assert.deepEqual(answersFrom({ source: 'pyth', pack: 'trading' }).subjects, ['BTC', 'ETH']);
    assert.equal(answersFrom({ granularity: '1h' }).horizon, 7200);
  });

  it('are refused all at once, each by its name', () => {
    const faults = faultsOf({
      name: 'My Challenge',
      pack: 'lottery',
      window: 'a day',
      subjects: 'A,A',
      direction: 'up',
    });
    assert.deepEqual(
      faults.map((fault) => fault.split(':')[0]),
      ['name', 'pack', 'subjects', 'direction', 'window'],
    );
    assert.match(faults[1] ?? '', /expected realtime, .*, received "lottery"/);
  });

  const together: readonly [Given, RegExp][] = [
    [{ horizon: 60 }, /horizon: expected 0, or more than the 60 seconds/],
    [{ pack: 'quantile', horizon: 0 }, /more than 0/],
    [{ pack: 'density', horizon: 100 }, /whole records/],
    [{ pack: 'trading', metric: 'mean(scores)' }, /metric: expected none/],
    [{ pack: 'bird', subjects: 'A,B' }, /subjects: expected one for the bird pack/],
    [{ pack: 'bird', interval: 120 }, /interval: expected the 60 seconds of a record/],
    [{ pack: 'bird', horizon: 90 }, /horizon: expected whole records/],
    [{ pack: 'realtime', fields: 'a,b' }, /fields: expected none/],
    [{ source: 'synthetic', kind: 'tick' }, /kind: expected candle/],
    [{ window: '0' }, /window/],
    [{ window: '' }, /window/],
    [{ interval: '1.5' }, /interval/],
    [
      { metric: 'hit_rat' },
      /metric: expected an expression .* or one of ic, .*, received "hit_rat"; did you mean "hit_rate"\?/,
    ],
    [{ metric: 'zzz' }, /or one of ic, ic_sharpe, .*, received "zzz"$/],
    [{ metric: 'mean(scoress)' }, /metric: .*: line 1, column 6: there is no scoress; .*did you mean "scores"\?/],
    [{ metric: 'maen(scores)' }, /there is no function maen; .*did you mean "mean"\?/],
    [{ metric: 'mean(scores' }, /metric: expected an expression/],
    [{ pack: 'quantil' }, /pack: .*; did you mean "quantile"\?/],
    [{ fields: 'q10,Q50', pack: 'custom' }, /fields/],
    [{ name: 'a--b' }, /name/],
    [{ granularity: 'minute' }, /granularity/],
  ];
  for (const [given, expected] of together) {
    it(`are refused where they do not go together: ${JSON.stringify(given)}`, () =>
      assert.match(faultsOf(given).join('\n'), expected));
  }
});

describe('a new project', () => {
  let folder: string;
  before(() => {
    mkdirSync(join(root, '.cache'), { recursive: true });
    folder = mkdtempSync(join(root, '.cache', 'created-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const combinations: readonly Given[] = [
    ...packs.map((pack) => ({ pack })),
    { pack: 'quantile', metric: 'mean(scores) - 0.5 * std(scores)', direction: 'asc', rewards: 'contribution' },
    { pack: 'custom', fields: 'q10,q50,q90', direction: 'asc', window: 48 },
    { pack: 'realtime', metric: 'hit_rate' },
    { pack: 'realtime', source: 'pyth', kind: 'tick', horizon: 60, interval: 15 },
    { pack: 'density', granularity: '5m', horizon: 3600, subjects: 'BTCUSDT,SOLUSDT' },
    { pack: 'bird', granularity: '1s', subjects: 'DOVE', source: 'rest' },
    { pack: 'trading', source: 'rest', subjects: 'EURUSD' },
  ];
  for (const [index, given] of combinations.entries()) {
    it(`has a configuration that is in order: ${JSON.stringify(given)}`, async () => {
      const answers = answersFrom({ name: `project-${index}`, ...given });
      const files = projectFiles(answers, context);
      const path = join(folder, `${index}.ts`);
      writeFileSync(path, files.get('node/config/crunch.config.ts') ?? '');
      const { config } = await loadConfig({ env: {}, cwd: folder, module: path });
      assert.equal(config.crunch_id, answers.name);
      assert.equal(config.aggregation.ranking_direction, answers.direction);
      assert.equal(config.aggregation.windows[0]?.hours, answers.window);
      assert.equal(config.checkpoint_interval_seconds, 604_800);
      if (answers.pack !== 'tournament') assert.deepEqual(config.feed.subjects, answers.subjects);
      if (answers.metric !== null) {
        const key = answers.metric === 'hit_rate' ? 'hit_rate' : 'own_metric';
        assert.equal(config.aggregation.ranking_key, key);
        assert.equal(config.metrics_every, 1, 'models are ranked by what is up to date');
      }
      if (answers.pack === 'custom') {
        const sign = answers.direction === 'asc' ? '' : '-';
        assert.ok(readFileSync(path, 'utf8').includes(`({ value: ${sign}Math.abs(`), 'an example for the direction');
      }
      refuseStub(config, 'replay');
      if (answers.pack === 'custom') assert.throws(() => refuseStub(config, 'live'), ScoringIsStub);
      else refuseStub(config, 'live');
      JSON.parse(files.get(`challenge/python/project_${index}.ipynb`) ?? '');
      assert.match(files.get('node/.env') ?? '', /^API_KEY=secret$/m);
      assert.match(files.get('node/.env.example') ?? '', /^API_KEY=$/m);
    });
  }

  it('has variables that a shell reads as they are', () => {
    for (const source of sources) {
      const written = projectFiles(answersFrom({ source }), context).get('node/.env') ?? '';
      for (const line of written.split('\n')) assert.match(line, /^(#.*|\w+=([\w.:/@,-]*|'[^']*')|)$/, source);
    }
    const websocket = projectFiles(answersFrom({ source: 'websocket' }), context).get('node/.env') ?? '';
    assert.match(websocket, /^FEED_OPT_subscribe='\{"op":"subscribe"/m);
  });

  it('is written into an empty folder only', () => {
    const target = join(folder, 'target');
    writeProject(target, new Map([['a/b.txt', 'text\n']]));
    assert.equal(readFileSync(join(target, 'a/b.txt'), 'utf8'), 'text\n');
    assert.throws(() => writeProject(target, new Map()), FolderNotEmpty);
  });

  it('installs what the engine was tested with', () => {
    const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
    const known = {
      ...read('package.json').devDependencies,
      ...read('packages/domain/package.json').dependencies,
    };
    for (const [name, version] of Object.entries(tools)) assert.equal(version, known[name], name);
    assert.throws(() => vendored(['/x/crunch-node-9.9.9.tgz'], '1.2.3'), /expected crunch-node-1\.2\.3\.tgz/);
  });

  it('names where its packages come from, in a checkout of the engine alone', () => {
    assert.match(checkoutNote('mine').join('\n'), /scripts\/pack --to FOLDER[\s\S]*init mine --packages FOLDER/);
    assert.deepEqual(checkoutNote('mine', false), []);
  });
});
