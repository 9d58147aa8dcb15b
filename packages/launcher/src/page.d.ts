/** What is served to browsers. */
export type PageKind = 'web' | 'docs';
export function pageFolder(kind: PageKind): string;
export function builtPages(): Partial<Record<PageKind, string>>;
