import { byCodePoint, type Cycle, OrdersFilled, PortfolioMarked, type RoundPredicted } from '@crunch-node/streams';
import { type Account, markAll, openAccount, trade, worthOf } from './account.ts';
import { assetOf, priceSubjectOf, type TradingConfig } from './config.ts';
import { type PriceBook, priceAt } from './prices.ts';

interface Answers {
  readonly answers: number;
  readonly failed_answers: number;
}

/** One cycle of trading: the accounts as they change from round to round. */
export class TradingFloor {
  readonly #config: TradingConfig;
  readonly #prices: PriceBook;
  readonly #accounts: Map<string, Account>;
  readonly #answers = new Map<string, Answers>();

  constructor(config: TradingConfig, prices: PriceBook, accounts: readonly Account[]) {
    this.#config = config;
    this.#prices = prices;
    this.#accounts = new Map(accounts.map((account) => [account.model_id, account]));
  }

  fill({ data }: RoundPredicted, cycle: Cycle): OrdersFilled {
    const { round_id, partition, scope_key, scope, performed_at, input_id } = data;
    const subject = assetOf(this.#config, String(scope.subject ?? data.feed?.subject ?? ''));
    const price = priceAt(this.#prices, priceSubjectOf(this.#config, subject), performed_at);
    const market = { subject, price: price?.price ?? null, at: performed_at };
    const fills = data.predictions
      .filter(({ status }) => status === 'PENDING')
      .map((prediction) => {
        const { model_id } = prediction;
        const traded = trade(this.#config, this.#accounts.get(model_id) ?? openAccount(model_id), prediction, market);
        this.#accounts.set(model_id, traded.account);
        const { answers, failed_answers } = this.#answers.get(model_id) ?? { answers: 0, failed_answers: 0 };
        const failed = traded.fill.outcome === 'failed' || traded.fill.outcome === 'expired';
        this.#answers.set(model_id, {
          answers: answers + 1,
          failed_answers: failed_answers + (failed ? 1 : 0),
        });
        return traded.fill;
      });
    return OrdersFilled.at(cycle.end, {
      round_id,
      partition,
      scope_key,
      scope,
      performed_at,
      input_id,
      subject,
      price: market.price,
      price_record: price?.record_id ?? null,
      fills,
    });
  }

  /** A model with neither predictions nor a position has an unchanged value: no event is published for it. */
  mark(partition: number, { start, end }: Cycle): PortfolioMarked[] {
    return this.accounts().flatMap((account) => {
      const answered = this.#answers.get(account.model_id);
      if (answered === undefined && account.portfolio.positions.length === 0) return [];
      const marked = markAll(this.#config, account, this.#prices, end);
      this.#accounts.set(account.model_id, marked);
      const { answers, failed_answers } = answered ?? { answers: 0, failed_answers: 0 };
      return [
        PortfolioMarked.at(end, {
          partition,
          cycle_start: start,
          cycle_end: end,
          ...worthOf(marked),
          answers,
          failed_answers,
        }),
      ];
    });
  }

  accounts(): Account[] {
    return [...this.#accounts.values()].sort((a, b) => byCodePoint(a.model_id, b.model_id));
  }
}
