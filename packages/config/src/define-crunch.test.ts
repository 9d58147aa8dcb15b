import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from '@sinclair/typebox';
import { warningsOf } from './cross-checks.ts';
import { defineCrunch } from './define-crunch.ts';
import type { CrunchDefinition } from './definition.ts';
import { demoPack } from './packs/demo.ts';
import { realtimePack } from './packs/realtime.ts';
import { probeConfig } from './probe.ts';
import { configHash } from './serialise.ts';
import { faultsOf } from './testing/faults-of.ts';

const faulty = (definition: unknown, fault: RegExp) => assert.match(faultsOf(definition).join('\n'), fault);

const refuses = (definition: unknown, ...faults: string[]) => assert.deepEqual(faultsOf(definition), faults);

describe('defineCrunch', () => {
  it('fills in what is left out', () => {
    const config = defineCrunch();
    assert.equal(config.cycle_seconds, 60);
    assert.equal(config.partitions, 8);
    assert.equal(config.aggregation.ranking_key, 'score_recent');
    assert.equal(config.scheduled_predictions[0]?.scope_key, 'BTCUSDT-60');
  });

  it('keeps the defaults next to a part that is given', () => {
    const config = defineCrunch({
      feed: { granularity: '1m', window: 30 },
      scheduled_predictions: [{ scope_key: 'a' }],
    });
    assert.equal(config.feed.provider, 'binance');
    assert.equal(config.feed.window, 30);
    assert.equal(config.scheduled_predictions[0]?.prediction_interval_seconds, 60);
  });

  it('cannot be changed afterwards', () => {
    const config = defineCrunch(demoPack);
    assert.throws(() => Object.assign(config, { partitions: 3 }), TypeError);
    assert.throws(() => Object.assign(config.feed, { window: 3 }), TypeError);
    assert.throws(() => (config.metrics as string[]).push('x'), TypeError);
  });

  it('accepts its own result', () => assert.deepEqual(defineCrunch(defineCrunch(demoPack)), defineCrunch(demoPack)));

  it('accepts the packs without a warning', () => {
    assert.deepEqual(warningsOf(defineCrunch(demoPack)), []);
    assert.deepEqual(warningsOf(defineCrunch(realtimePack)), []);
  });

  it('reports all faults at once, each with its path', () =>
    refuses(
      {
        crunch_id: '',
        feed: { window: 0, granularity: '1 minute', colour: 'red' },
        aggregation: { ranking_direction: 'up' },
        call_method: { args: [{ name: 'subject', type: 'TEXT' }] },
        scoring_function: 'score.ts',
        output_type: { value: 0 },
        raw_input_type: 1,
      },
      'raw_input_type: unknown key, received 1',
      'crunch_id: expected a non-empty text, received ""',
      'feed.colour: unknown key, received "red"',
      'feed.granularity: expected a granularity such as 1s, 5m, 1h, 1d, or tick, received "1 minute"',
      'feed.window: expected a whole number, at least 1, received 0',
      'call_method.args[0].type: expected one of "STRING", "INT", "FLOAT", "JSON", received "TEXT"',
      'output_type: expected a TypeBox object schema, Type.Object({ … }), received an object with value',
      'scoring_function: expected a function, received "score.ts"',
      'aggregation.ranking_direction: expected one of "asc", "desc", received "up"',
    ));

  it('reports a part that is no object at all', () =>
    refuses(
      { feed: 'binance', scheduled_predictions: 'BTC' },
      'feed: expected object, received "binance"',
      'scheduled_predictions: expected array, received "BTC"',
    ));

  it('refuses scope keys that would share their ids', () =>
    refuses(
      { scheduled_predictions: [{ scope_key: 'btc.60' }, { scope_key: 'btc/60' }] },
      'scheduled_predictions[1].scope_key: expected a key that differs from scheduled_predictions[0] in letters, digits, - or _, received "btc/60"',
    ));

  it('refuses names that do not fit a subject or an id, each at its place', () => {
    refuses(
      {
        scheduled_predictions: [{ scope_key: 'é'.repeat(43) }],
        ensembles: [{ name: 'a'.repeat(256) }, { name: 'b'.repeat(257) }],
        aggregation: { windows: [{ name: 'c\ud800', hours: 1 }], ranking_key: 'ic' },
      },
      `scheduled_predictions[0].scope_key: expected a name of at most 256 bytes, percent-encoded, received 258: "${'é'.repeat(43)}"`,
      `ensembles[1].name: expected a name of at most 256 bytes, percent-encoded, received 257: "${'b'.repeat(56)}…`,
      'aggregation.windows[0].name: expected well-formed Unicode, received "c\\ud800"',
    );
    assert.deepEqual(
      faultsOf({ aggregation: { windows: [{ name: 'w'.repeat(5_000), hours: 1 }], ranking_key: 'ic' } }).map((fault) =>
        fault.slice(0, 70),
      ),
      ['aggregation.windows[0].name: expected a name of at most 256 bytes, per'],
    );
  });

  it('accepts a horizon of 0, and refuses one below the granularity', () => {
    const feed = { granularity: '1m' };
    assert.deepEqual(faultsOf({ feed, scheduled_predictions: [{ scope_key: 'a', resolve_horizon_seconds: 0 }] }), []);
    assert.match(
      faultsOf({ feed, scheduled_predictions: [{ scope_key: 'a', resolve_horizon_seconds: 60 }] })[0] ?? '',
      /^scheduled_predictions\[0\]\.resolve_horizon_seconds: expected 0 .* or more than 60/,
    );
    assert.deepEqual(
      faultsOf({ feed, scheduled_predictions: [{ scope_key: 'a', resolve_horizon_seconds: 60, active: false }] }),
      [],
    );
  });

  it('requires every argument in the scope, and convertible', () => {
    assert.match(
      faultsOf({ call_method: { args: [{ name: 'mood', type: 'STRING' }] } })[0] ?? '',
      /^call_method\.args\[0\]: expected a name in the scope .* received "mood"/,
    );
    assert.match(
      faultsOf({ call_method: { args: [{ name: 'subject', type: 'INT' }] } })[0] ?? '',
      /^call_method\.args\[0\]: expected subject .* to be INT, received "BTCUSDT"/,
    );
    assert.deepEqual(
      faultsOf({ scope: { mood: 'calm' }, call_method: { args: [{ name: 'mood', type: 'STRING' }] } }),
      [],
    );
  });

  it('accepts arguments by keyword, behind those by position, each once', () => {
    const args = (...keywords: readonly (string | undefined)[]) => ({
      call_method: {
        args: keywords.map((keyword) => ({ name: 'subject', type: 'STRING' as const, ...(keyword && { keyword }) })),
      },
    });
    assert.equal(defineCrunch(args(undefined, 'asset')).call_method.args[1]?.keyword, 'asset');
    faulty(args('asset', undefined), /call_method\.args\[1\]: expected a keyword/);
    faulty(args('asset', 'asset'), /call_method\.args\[1\]\.keyword: expected each keyword once/);
    for (const keyword of ['a b', '1a', 'a-b']) faulty(args(keyword), /keyword: expected the name of an argument/);
  });

  it('has arguments of tick and of constructors only where they are written', () => {
    const hash = configHash(defineCrunch(demoPack));
    assert.ok(!('feed_update_args' in defineCrunch()) && !('model_arguments' in defineCrunch()));
    assert.notEqual(configHash(defineCrunch({ ...demoPack, feed_update_args: [{}] })), hash);
    assert.deepEqual(defineCrunch({ model_arguments: { horizon: 3 } }).model_arguments, { horizon: 3 });
    faulty({ model_arguments: { 'a b': 1 } }, /model_arguments/);
    faulty({ feed_update_args: {} }, /feed_update_args: expected a list of JSON values/);
    for (const value of [Number.NaN, () => 1, [undefined], 1n]) {
      faulty({ feed_update_args: [value] }, /feed_update_args\[0\]: expected a JSON value/);
      faulty({ model_arguments: { horizon: value } }, /model_arguments\.horizon: expected a JSON value/);
    }
  });

  it('ranks by a window, an active metric or a number of the score', () => {
    const windows = [{ name: 'day', hours: 24 }];
    const rankedBy = (ranking_key: string, more: object = {}) =>
      faultsOf({ aggregation: { windows, ranking_key }, metrics: ['ic'], ...more });
    assert.deepEqual(rankedBy('day'), []);
    assert.deepEqual(rankedBy('ic'), []);
    assert.deepEqual(rankedBy('value'), []);
    assert.match(rankedBy('hit_rate')[0] ?? '', /^aggregation\.ranking_key: expected a window \(day\)/);
    assert.match(rankedBy('success')[0] ?? '', /^aggregation\.ranking_key/);
    assert.deepEqual(rankedBy('pnl', { score_type: Type.Object({ value: Type.Number(), pnl: Type.Number() }) }), []);
  });

  it('refuses unknown metrics', () =>
    assert.match(
      faultsOf({ metrics: ['ic', 'sharpness'] })[0] ?? '',
      /^metrics\[1\]: expected one of .*ic.*, received "sharpness"/,
    ));

  it('warns of a schedule that no record will ever start', () => {
    const config = defineCrunch({ scheduled_predictions: [{ scope_key: 'x', scope: { subject: 'DOGE' } }] });
    assert.match(warningsOf(config)[0] ?? '', /never asked, since its subject DOGE/);
  });
});

describe('ensembles', () => {
  const ensemble = (given: object): CrunchDefinition => ({ ensembles: [{ name: 'main', ...given }] });

  it('weigh all models by their steadiness by default', () => {
    assert.deepEqual(defineCrunch(ensemble({})).ensembles, [
      { name: 'main', strategy: 'inverse_variance', filter: null, output_field: 'value', enabled: true },
    ]);
    assert.deepEqual(defineCrunch({}).ensembles, []);
    const own = defineCrunch(ensemble({ strategy: () => [], filter: () => true })).ensembles[0];
    assert.equal(typeof own?.strategy, 'function');
    assert.equal(typeof own?.filter, 'function');
  });

  it('are tried on sample predictions', () => {
    const quantiles = (fields: object) =>
      defineCrunch({
        output_type: Type.Object({ q10: Type.Number(), q90: Type.Number() }),
        scoring_function: ({ q10, q90 }, { profit }) => ({ value: q90 * q10 * profit, success: true }),
        ensembles: [{ name: 'wide', ...fields }],
      });
    assert.deepEqual(probeConfig(quantiles({ output_fields: ['q10', 'q90'] })).warnings, []);
    const [warning = ''] = probeConfig(quantiles({ output_field: 'q10' })).warnings;
    assert.match(warning, /^ensembles\[0\] \(wide\): .* q10 alone \(value is NaN\): name every field/);
    assert.deepEqual(probeConfig(quantiles({ output_field: 'q10', enabled: false })).warnings, []);
  });

  it('are refused with their path', () => {
    const wrong: [object, RegExp][] = [
      [{ name: '-x' }, /ensembles\[0\]\.name: expected a name of letters/],
      [{ name: 'a_b' }, /ensembles\[0\]\.name/],
      [{ strategy: 'best' }, /ensembles\[0\]\.strategy: expected "inverse_variance"/],
      [{ filter: { top_n: -1 } }, /ensembles\[0\]\.filter: expected \{ top_n/],
      [{ filter: { top_n: 3, worst: 1 } }, /ensembles\[0\]\.filter/],
      [{ weight: 1 }, /ensembles\[0\]\.weight: unknown key/],
      [{ output_fields: [] }, /ensembles\[0\]\.output_fields: expected a list of at least one field/],
      [{ output_fields: ['value', 'q90'] }, /output_fields: expected a field of output_type \(value\), received "q90"/],
      [{ output_field: 'price' }, /ensembles\[0\]\.output_field: expected a field of output_type \(value\)/],
    ];
    for (const [given, fault] of wrong) assert.throws(() => defineCrunch(ensemble(given)), fault);
    assert.throws(() => defineCrunch({ ensembles: [{ name: 'a' }, { name: 'a' }] }), /ensembles\[1\]\.name/);
  });

  it('has minimums of windows and decimals only where they are written', () => {
    const plain = defineCrunch({});
    assert.ok(!('decimals' in plain) && !('coverage' in plain.aggregation));
    const windows = [{ name: 'day', hours: 24, min_rounds: 5, min_share: 0.5 }];
    const { aggregation, decimals } = defineCrunch({
      aggregation: { windows, ranking_key: 'day', coverage: 'counted' },
      decimals: { day: 6 },
    });
    assert.deepEqual([aggregation.windows, aggregation.coverage, decimals], [windows, 'counted', { day: 6 }]);
    const wrong: [object, RegExp][] = [
      [{ decimals: { day: 1.5 } }, /decimals\.day: expected a whole number from 0 to 10/],
      [{ decimals: { dya: 3 } }, /decimals\.dya: expected a column of the leaderboard \(.*\), received "dya"/],
      [{ aggregation: { coverage: 'all' } }, /aggregation\.coverage: expected "ignored" or "counted"/],
      [
        { aggregation: { windows: [{ name: 'day', hours: 1, min_share: 2 }], ranking_key: 'day' } },
        /min_share: expected a share/,
      ],
    ];
    for (const [given, fault] of wrong) assert.throws(() => defineCrunch(given), fault);
  });
});
