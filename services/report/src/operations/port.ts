import type { DeadLetter, DeadLetterDetail, OperationsStatus } from './schemas.ts';

/**
 * What an operator sees and does, as this API needs it. Looking at leases and stages is not for `report` to know: who
 * starts it brings this along.
 */
export interface OperationsPort {
  /** the same as `crunch-node status`; requests at one time share one look */
  status(): Promise<OperationsStatus>;
  letters(options: { readonly all: boolean }): Promise<readonly DeadLetter[]>;
  /** @throws {CommandRefused} 404 */
  letter(id: string): Promise<DeadLetterDetail>;
  /**
   * With a corrected payload at the end of the stream; without, read in its place by rebuilding what skipped it. What
   * takes longer than a request goes on, and the letter shows it.
   * @throws {CommandRefused} 404, 409, 503
   */
  redrive(id: string, payload: string | undefined, by: string): Promise<DeadLetterDetail>;
  /** @throws {CommandRefused} 404, 409 */
  discard(id: string, reason: string, by: string): Promise<DeadLetterDetail>;
}
