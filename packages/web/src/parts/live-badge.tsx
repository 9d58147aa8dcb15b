import type { LiveState } from '../api/use-live.ts';

const TEXTS: Readonly<Record<LiveState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  away: 'Not live: connecting again',
};

export const LiveBadge = ({ state }: { state: LiveState }) => (
  <span className={`live ${state}`} role="status">
    {TEXTS[state]}
  </span>
);
