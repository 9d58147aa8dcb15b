/** Another owner is at work: drop everything in memory, release, reload. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
  readonly natsSubject: string;
  readonly eventId: string;
  constructor(natsSubject: string, eventId: string, reason: string) {
    super(`another owner is writing ${natsSubject}: ${reason} for ${eventId}`);
    this.natsSubject = natsSubject;
    this.eventId = eventId;
  }
}
