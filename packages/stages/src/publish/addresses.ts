/**
 * Prefix of a writer's addresses, derived from the address of its closings: `feeds.` for `feeds.cycle`, which closes a
 * whole stream, and `predictions.3` for itself.
 */
export const prefixOf = (closingSubject: string): string => {
  const [noun = '', second = ''] = closingSubject.split('.');
  return second === 'cycle' ? `${noun}.` : closingSubject;
};

/**
 * Whether an address belongs to the writer: `predictions.3` covers itself and `predictions.3.BTC`, not
 * `predictions.31`.
 */
export const covers = (prefix: string, natsSubject: string): boolean =>
  prefix.endsWith('.')
    ? natsSubject.startsWith(prefix)
    : natsSubject === prefix || natsSubject.startsWith(`${prefix}.`);
