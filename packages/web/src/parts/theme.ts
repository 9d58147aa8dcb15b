/** Light or dark: as the system has it, or as chosen here. */
import { useMemo, useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';
const NAME = 'crunch-node-theme';
const listeners = new Set<() => void>();
const prefersDark = matchMedia('(prefers-color-scheme: dark)');

export const currentTheme = (): Theme => (localStorage.getItem(NAME) as Theme | null) ?? 'system';
const isDark = (): boolean => (currentTheme() === 'system' ? prefersDark.matches : currentTheme() === 'dark');

export function setTheme(theme: Theme): void {
  localStorage.setItem(NAME, theme);
  applyTheme();
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
  for (const listener of listeners) listener();
}
prefersDark.addEventListener('change', applyTheme);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, currentTheme);

export interface Colours {
  readonly text: string;
  readonly line: string;
  readonly series: readonly string[];
}

/** Of charts, which draw on a canvas and know no stylesheet. */
export function useColours(): Colours {
  const dark = useSyncExternalStore(subscribe, isDark);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the values of the stylesheet change with it
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const of = (name: string): string => style.getPropertyValue(name).trim();
    return {
      text: of('--quiet'),
      line: of('--line'),
      series: [1, 2, 3, 4, 5, 6, 7, 8].map((i) => of(`--series-${i}`)),
    };
  }, [dark]);
}
