import { type CrunchConfig, ranksAccounts, type ScoringFunction } from '@crunch-node/domain';
import { CrunchError } from '@crunch-node/streams/errors';

/** Stands in for the score of a new project, until its operator has written one: no prediction is scored. */
export const scoringStub: ScoringFunction = () => ({
  value: 0,
  success: false,
  failed_reason: 'scoring_function is the stub of a new project',
});

/** A competition whose score is not written yet was to go live. */
export class ScoringIsStub extends CrunchError {
  override readonly name = 'ScoringIsStub';
  override readonly code = 'scoring_is_stub';
  constructor(crunchId: string) {
    super(
      `expected ${crunchId} to have a score before it goes live, received the stub of a new project: ` +
        'write scoring_function in the configuration (prediction, ground_truth) => ({ value, success: true, failed_reason: null })',
    );
  }
}

/**
 * Recorded and generated data may be run with the stub, to see everything else work.
 * @throws {ScoringIsStub}
 */
export function refuseStub(config: CrunchConfig, pace: 'live' | 'replay'): void {
  if (pace === 'live' && !ranksAccounts(config) && config.scoring_function === scoringStub)
    throw new ScoringIsStub(config.crunch_id);
}
