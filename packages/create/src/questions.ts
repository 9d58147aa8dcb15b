import * as prompts from '@clack/prompts';
import { type Answers, defaultsFor, type Given, packs, rewardRules, secondsOf, sources } from './answers.ts';
import { metricFaults } from './metric.ts';

const PACK_HINTS: Readonly<Record<(typeof packs)[number], string>> = {
  realtime: 'returns of assets, one number an answer',
  trading: 'orders, filled and charged on paper',
  density: 'densities of price changes, CRPS',
  interval: 'densities, with direction and central interval',
  quantile: 'quantiles of returns, weighted interval score',
  tournament: 'rounds on demand, features in, no feed',
  custom: 'an answer and a score of your own',
};

/** Asks what is not given, each question with a default. */
export async function ask(given: Given): Promise<Given> {
  prompts.intro('A new competition');
  const answered: Record<string, unknown> = { ...given };
  const put = async (key: keyof Answers, question: () => Promise<unknown>): Promise<void> => {
    if (answered[key] !== undefined) return;
    const answer = await question();
    if (prompts.isCancel(answer)) {
      prompts.cancel('Nothing was written');
      process.exit(1);
    }
    answered[key] = answer;
  };
  const text = (message: string, fallback: string) => () =>
    prompts.text({ message, placeholder: fallback, defaultValue: fallback });
  const choice =
    (message: string, values: readonly string[], initialValue: string, hints: object = {}) =>
    () =>
      prompts.select({
        message,
        initialValue,
        options: values.map((value) => ({ value, label: value, hint: (hints as Record<string, string>)[value] ?? '' })),
      });

  await put('name', text('Its name', 'my-challenge'));
  await put('pack', choice('What do models answer?', packs, 'realtime', PACK_HINTS));
  const pack = answered.pack as Answers['pack'];
  if (pack === 'tournament') return answered;
  await put('source', choice('Where does data come from?', sources, 'binance', { custom: 'a file of your own' }));
  await put('kind', choice('What has the source, and what do models see?', ['candle', 'tick'], 'candle'));
  await put('granularity', text('Length of a candle, or resolution of ticks', answered.kind === 'tick' ? '1s' : '1m'));
  const source = answered.source as Answers['source'];
  const defaults = defaultsFor({ pack, source, granularity: String(answered.granularity) });
  await put('subjects', text('What is predicted? Separated by commas', defaults.subjects.join(',')));
  if (pack === 'custom') await put('fields', text('Numbers of an answer, separated by commas', 'value'));
  if (pack !== 'trading') {
    const record = secondsOf(String(answered.granularity));
    await put('interval', text('Seconds between two rounds', String(defaults.interval)));
    await put('horizon', text(`Seconds until the truth is known, more than ${record}`, String(defaults.horizon)));
    await put('metric', () =>
      prompts.text({
        message:
          'Rank by an expression such as mean(scores) / std(scores), or a built-in metric; empty: the mean score',
        defaultValue: '',
        validate: (metric) => (metric?.trim() ? metricFaults(metric.trim())[0] : undefined),
      }),
    );
  }
  await put(
    'direction',
    choice('Which is better?', ['desc', 'asc'], defaults.direction, { desc: 'higher', asc: 'lower' }),
  );
  await put('window', text('Hours of scores by which models are ranked', '24'));
  await put(
    'rewards',
    choice('How are rewards shared?', rewardRules, 'tiers', { contribution: 'rank, contribution, diversity' }),
  );
  await put('payout', text('Days between two payments', '7'));
  return answered;
}
