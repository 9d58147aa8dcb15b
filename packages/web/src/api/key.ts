/** The API key of this tab: kept for the session only, sent as a header only. */
import { useSyncExternalStore } from 'react';

const NAME = 'crunch-node-api-key';
const listeners = new Set<() => void>();

export const currentKey = (): string => sessionStorage.getItem(NAME) ?? '';

export function setKey(key: string): void {
  if (key === '') sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, key);
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useCurrentKey = (): string => useSyncExternalStore(subscribe, currentKey);
