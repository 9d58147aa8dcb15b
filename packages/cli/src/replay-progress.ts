import type { ReplayProgress } from '@crunch-node/projector';
import type { Screen } from './screen.ts';
import { count } from './show/text.ts';

/** So much of the past decides how long the rest will take. */
const WINDOW_MS = 10_000;

/** Shows the progress, speed and remaining time of a replay; the steps after building, line by line. */
export function replayProgress(screen: Screen): { show(at: ReplayProgress): void; end(): void } {
  const bar = screen.progress('{phase} {done}/{total} messages, {rate}/s, {left} left');
  const past: { readonly ms: number; readonly done: number }[] = [];
  let shown = '';
  return {
    show({ phase, detail, done, total }) {
      const ms = performance.now();
      past.push({ ms, done });
      while (past.length > 2 && ms - past[0]!.ms > WINDOW_MS) past.shift();
      const [first] = past;
      const perSecond = first === undefined || ms === first.ms ? 0 : ((done - first.done) / (ms - first.ms)) * 1000;
      if (total > 0 && phase === 'building')
        bar.update(done, total, {
          phase: detail.padEnd(14),
          done: count(done),
          total: count(total),
          rate: count(perSecond),
          left: perSecond > 0 ? durationOf((total - done) / perSecond) : '–',
        });
      const line = [phase, detail].filter((part) => part !== '').join(' ');
      if (phase !== 'building' && line !== shown) screen.print(line);
      shown = line;
    },
    end: () => bar.end(),
  };
}

function durationOf(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
