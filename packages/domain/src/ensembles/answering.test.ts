import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigActivated, type PredictionEvent, PredictionsCycleClosed } from '@crunch-node/streams';
import { cycleTo, minute, predicted } from '../testing/given-events.ts';
import { Answering } from './answering.ts';
import { type AnsweringEnsemble, configuredEnsembles } from './configured.ts';

const main = { name: 'main', output_field: 'value' };
const late = { name: 'late', output_field: 'value' };
const recorded = Object.entries({
  none: [],
  one: [main],
  two: [main, late],
  other: [{ name: 'main', output_field: 'price' }],
}).map(([config_hash, ensembles]) => ({
  data: { config_hash, ensembles: ensembles.map(({ name }) => name), config: { ensembles } },
})) as unknown as ConfigActivated[];

/** Rounds of one partition, a minute each, in cycles that close under these configurations. */
const log = (...hashes: readonly string[]): PredictionEvent[] =>
  hashes.flatMap((config_hash, i) => [
    predicted({ at: i + 1, answers: { a: 1 } }),
    PredictionsCycleClosed.at(minute(i + 1), {
      ...cycleTo(i + 1, i === 0 ? null : i),
      config_hash,
      partition: 0,
    }),
  ]);

interface Run {
  /** configuration of the process */
  readonly own?: readonly AnsweringEnsemble[] | null;
  readonly first?: string;
  /** minute */
  readonly closedTo?: number;
}

async function answering({ own = [main], first = 'none', closedTo }: Run) {
  const activations = [...recorded].sort(
    (a, b) => Number(b.data.config_hash === first) - Number(a.data.config_hash === first),
  );
  const configured = await configuredEnsembles(async () => activations);
  return { partitions: 1, configured, own, closedTo: closedTo === undefined ? null : minute(closedTo) };
}

/** Minute, ensemble, and whether its cycle had closed. */
async function answers(events: readonly PredictionEvent[], run: Run = {}): Promise<string[]> {
  let deciding = new Answering(await answering(run));
  return events.flatMap((event) => {
    const due = deciding.take(event);
    deciding = new Answering(deciding.rules, deciding.kept());
    return due.flatMap(({ round, ensembles }) =>
      (ensembles ?? [{ name: '?' }]).map(
        ({ name }) => `${round.performed_at.slice(14, 16)} ${name}${event.type === 'CycleClosed' ? ' late' : ''}`,
      ),
    );
  });
}

describe('the ensembles with a signal in a round', () => {
  it('are those configured from the beginning of the log, at once', async () =>
    assert.deepEqual(await answers(log('one', 'one', 'one'), { first: 'one' }), ['01 main', '02 main', '03 main']));

  it('do not include ensembles added later, in cycles that closed before', async () =>
    assert.deepEqual(await answers(log('none', 'none', 'one', 'one')), ['03 main late', '04 main']));

  it('do not wait for an ensemble that was just added', async () =>
    assert.deepEqual(await answers(log('one', 'two', 'two'), { own: [main, late], first: 'one' }), [
      '01 main',
      '02 main',
      '02 late late',
      '03 main',
      '03 late',
    ]));

  it('do not include a removed one in the cycles before it comes back', async () => {
    const events = log('one', 'none', 'none', 'one', 'one');
    assert.deepEqual(await answers(events, { first: 'one', closedTo: 4 }), ['01 main late', '04 main late', '05 main']);
  });

  it('combine the fields that were configured at the time', async () => {
    const rules = await answering({ own: null });
    const deciding = new Answering(rules);
    const fields = log('one', 'other')
      .flatMap((event) => deciding.take(event))
      .map(({ ensembles }) => ensembles?.[0]?.output_field);
    assert.deepEqual(fields, ['value', 'price']);
  });

  it('are looked up where a configuration is not known yet', async () => {
    assert.deepEqual(await answers(log('new')), ['01 ? late']);
    const activations = [...recorded];
    const configured = await configuredEnsembles(async () => activations);
    const cycle = { ...cycleTo(1), config_hash: 'new' };
    assert.deepEqual(await configured.find(cycle), []);
    activations.push({ data: { ...recorded[1]!.data, config_hash: 'new' } } as ConfigActivated);
    assert.deepEqual(await configured.find(cycle), [main]);
    assert.deepEqual(configured.of(cycle), [main]);
  });
});
