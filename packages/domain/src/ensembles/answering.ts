import type { Instant, PredictionEvent } from '@crunch-node/streams';
import { type AnsweringEnsemble, answersAlike, type ConfiguredEnsembles } from './configured.ts';
import { type GatheredRound, Gathering, type KeptGathering } from './gathering.ts';

/** A round, and the ensembles that have to answer it now. */
export interface RoundToAnswer {
  readonly round: GatheredRound;
  /** null: those of the configuration its cycle closed under, which has to be looked up */
  readonly ensembles: readonly AnsweringEnsemble[] | null;
}

interface HeldRound {
  readonly round: GatheredRound;
  /** ensembles that answered it before its cycle closed */
  readonly answered: readonly string[];
}

/** State of {@link Answering}, for saving. */
export interface KeptAnswering {
  readonly gathering: KeptGathering;
  readonly held: ReadonlyMap<string, readonly HeldRound[]>;
}

export interface AnsweringRules {
  readonly partitions: number;
  readonly configured: ConfiguredEnsembles;
  /** of the configuration this process runs with; null: nothing is answered before its cycle has closed */
  readonly own: readonly AnsweringEnsemble[] | null;
  /** end of the last cycle that is known to be closed: up to it the configuration of every cycle is decided */
  readonly closedTo: Instant | null;
}

/**
 * Decides which ensembles answer which round. A round belongs to a cycle, and a cycle is closed under a configuration:
 * the enabled ensembles of that one answer it, no others. In an open cycle those that were there when the cycle before
 * closed answer at once; for the others the round is held until its cycle closes, which happens only while a change of
 * configuration takes effect.
 */
export class Answering {
  readonly rules: AnsweringRules;
  readonly #gathering: Gathering;
  /** by start of the cycle */
  readonly #held: Map<string, HeldRound[]>;

  /** @param kept saved state to continue from; absent: the beginning of the log */
  constructor(rules: AnsweringRules, kept?: KeptAnswering) {
    this.rules = rules;
    this.#gathering = new Gathering(rules.partitions, kept?.gathering);
    this.#held = new Map([...(kept?.held ?? [])].map(([start, rounds]) => [start, [...rounds]]));
  }

  kept(): KeptAnswering {
    return {
      gathering: this.#gathering.kept(),
      held: new Map([...this.#held].map(([start, rounds]) => [start, [...rounds]])),
    };
  }

  /** @returns rounds to answer now, in canonical order */
  take(event: PredictionEvent): readonly RoundToAnswer[] {
    const answerable = this.#gathering.take(event).flatMap((round) => this.#decide(round));
    if (event.type !== 'CycleClosed') return answerable;
    const { start, end, config_hash } = event.data;
    const held = this.#held.get(start ?? '') ?? [];
    this.#held.delete(start ?? '');
    const closed = { start, end, config_hash };
    return [
      ...held.map(({ round, answered }) => ({
        round: { ...round, closed },
        ensembles: this.rules.configured.of(closed)?.filter(({ name }) => !answered.includes(name)) ?? null,
      })),
      ...answerable,
    ];
  }

  #decide(round: GatheredRound): readonly RoundToAnswer[] {
    const { before, closed, cycle_start } = round;
    if (closed !== null) return [{ round, ensembles: this.rules.configured.of(closed) ?? null }];
    const were = (before === null ? this.rules.configured.first : this.rules.configured.of(before)) ?? [];
    const { own: configuredHere, closedTo } = this.rules;
    const isDecided = configuredHere === null || (closedTo !== null && round.performed_at <= closedTo);
    const own = configuredHere ?? [];
    const prompt = isDecided ? [] : own.filter((ensemble) => were.some((one) => answersAlike(one, ensemble)));
    if (isDecided || prompt.length < own.length) {
      const held = this.#held.get(cycle_start ?? '') ?? [];
      this.#held.set(cycle_start ?? '', [...held, { round, answered: prompt.map(({ name }) => name) }]);
    }
    return prompt.length === 0 ? [] : [{ round, ensembles: prompt }];
  }
}
