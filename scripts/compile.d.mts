import type { BuildOptions, Plugin } from 'esbuild';

interface Workspace {
  readonly folder: string;
  readonly manifest: {
    readonly name: string;
    readonly exports?: Readonly<Record<string, string>>;
    readonly dependencies?: Readonly<Record<string, string>>;
  };
}

export const root: string;
export const ours: Plugin;
export const shared: BuildOptions;
export function workspaces(): Workspace[];
export function exportedSources(): ReadonlyMap<string, string>;
export function entryPoints(): Record<string, string>;
export function placeOfSources(outdir: string, sources?: string): Plugin;
