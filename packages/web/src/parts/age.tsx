import { ago, millis, utc } from './format.ts';
import { useNow } from './now.ts';

interface Props {
  /** the time of what is shown, in the competition */
  readonly eventTime: string | null;
  /** when it was received, unix milliseconds */
  readonly fetchedAt: number;
}

const OLD_DAYS_MS = 2 * 86_400_000;

/** How old a number is: its time in the competition, and when this page received it. A replay's time is of the past. */
export function Age({ eventTime, fetchedAt }: Props) {
  const now = useNow();
  const at = eventTime === null ? null : millis(eventTime);
  const received = ago(Math.max(0, (now - fetchedAt) / 1_000));
  const isLate = now - fetchedAt > 60_000;
  return (
    <span className={isLate ? 'age late' : 'age'}>
      {at !== null && (
        <>
          as of <time dateTime={new Date(at).toISOString()}>{utc(at)} UTC</time>
          {now - at < OLD_DAYS_MS && now >= at ? ` (${ago((now - at) / 1_000)})` : ''}
          {' · '}
        </>
      )}
      received {received}
    </span>
  );
}
