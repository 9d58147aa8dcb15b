import * as prompts from '@clack/prompts';
import {
  type Answers,
  AnswersFault,
  answersFrom,
  defaultsFor,
  type Given,
  packs,
  rewardRules,
  secondsOf,
  sources,
} from './answers.ts';

const PACK_HINTS: Readonly<Record<(typeof packs)[number], string>> = {
  realtime: 'returns of assets, one number an answer',
  trading: 'orders, filled and charged on paper',
  density: 'densities of price changes, CRPS',
  interval: 'densities, with direction and central interval',
  bird: 'one density of where one thing will be',
  quantile: 'quantiles of returns, weighted interval score',
  tournament: 'rounds on demand, features in, no feed',
  custom: 'an answer and a score of your own',
};

/** Asks what is not given, each question with a default. */
export async function ask(given: Given): Promise<Given> {
  prompts.intro('A new competition');
  const answered: Record<string, unknown> = { ...given };
  /** What is wrong with an answer is shown below its question, not at the end when all the others would be lost. */
  const faultWith =
    (key: keyof Answers) =>
    (value: string | undefined): string | undefined => {
      if (value === undefined || value === '') return undefined;
      try {
        answersFrom({ ...answered, [key]: value });
      } catch (error) {
        if (!(error instanceof AnswersFault)) throw error;
        return error.faults.find((fault) => fault.startsWith(`${key}:`));
      }
      return undefined;
    };
  const put = async (key: keyof Answers, question: (key: keyof Answers) => Promise<unknown>): Promise<void> => {
    if (answered[key] !== undefined) return;
    const answer = await question(key);
    if (prompts.isCancel(answer)) {
      prompts.cancel('Nothing was written');
      process.exit(1);
    }
    answered[key] = answer;
  };
  const text = (message: string, fallback: string) => (key: keyof Answers) =>
    prompts.text({ message, placeholder: fallback, defaultValue: fallback, validate: faultWith(key) });
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
  const source = answered.source as Answers['source'];
  if (source !== 'synthetic') {
    await put('kind', choice('What has the source, and what do models see?', ['candle', 'tick'], 'candle'));
  }
  await put('granularity', text('Length of a candle, or resolution of ticks', answered.kind === 'tick' ? '1s' : '1m'));
  const defaults = defaultsFor({ pack, source, granularity: String(answered.granularity) });
  await put('subjects', text('What is predicted? Separated by commas', defaults.subjects.join(',')));
  if (pack === 'custom') await put('fields', text('Numbers of an answer, separated by commas', 'value'));
  if (pack !== 'trading') {
    const record = secondsOf(String(answered.granularity));
    // A bird is asked for at every record.
    if (pack !== 'bird') await put('interval', text('Seconds between two rounds', String(defaults.interval)));
    await put('horizon', text(`Seconds until the truth is known, more than ${record}`, String(defaults.horizon)));
    await put(
      'metric',
      text('Rank by an expression such as mean(scores) / std(scores), or a built-in metric; empty: the mean score', ''),
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
