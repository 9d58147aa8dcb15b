import type { EventLog } from '@crunch-node/eventlog';
import { feeds, isClosing } from '@crunch-node/streams';
import type { Screen } from '../screen.ts';
import { minute, shortHash } from '../show/text.ts';

export interface Beginning {
  readonly log: Pick<EventLog, 'last'>;
  readonly screen: Pick<Screen, 'print'>;
  /** hash of the configuration that was active; null: none was */
  readonly before: string | null;
  readonly configHash: string;
  /** whether this start has activated another one */
  readonly changed: boolean;
}

/** Announces what a start continues: an existing log, and whether the configuration is another one. */
export async function announceBeginning({ log, screen, before, configHash, changed }: Beginning): Promise<void> {
  if (before === null) return;
  const last = await log.last(feeds, feeds.closingSubject());
  const reached = last !== null && isClosing(last.event) ? `, which has reached ${minute(last.event.data.end)}` : '';
  screen.print(`resuming the competition of this log${reached}`);
  if (changed && before !== configHash) {
    screen.print(
      `configuration changed: ${shortHash(before)} → ${shortHash(configHash)}, in force from the next cycle on`,
    );
  }
}
