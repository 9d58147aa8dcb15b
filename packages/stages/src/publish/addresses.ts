/**
 * What a writer's addresses begin with, by the one of its closings: `feeds.` for `feeds.cycle`, which closes a whole
 * stream, and `predictions.3` for itself.
 */
export const prefixOf = (closingSubject: string): string => {
  const [noun = '', second = ''] = closingSubject.split('.');
  return second === 'cycle' ? `${noun}.` : closingSubject;
};

/** Whether an address is the writer's: `predictions.3` covers itself and `predictions.3.BTC`, not `predictions.31`. */
export const covers = (prefix: string, natsSubject: string): boolean =>
  prefix.endsWith('.')
    ? natsSubject.startsWith(prefix)
    : natsSubject === prefix || natsSubject.startsWith(`${prefix}.`);
