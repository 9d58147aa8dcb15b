/** What the parts of a project are written with. */
export interface ProjectContext {
  /** of the packages of crunch-node */
  readonly version: string;
  /** where these packages come from; null: the registry */
  readonly specifiers: Readonly<Record<string, string>> | null;
  /** a new secret at each call */
  secret(): string;
}

/** Text without the indentation of its first line, so that files can be written as they look. */
export function text(block: string): string {
  const lines = block.replace(/^\n/, '').split('\n');
  const indent = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0;
  return `${lines
    .map((line) => line.slice(Math.min(indent, line.length - line.trimStart().length)))
    .join('\n')
    .trimEnd()}\n`;
}

/** An import of a written file: not one of the file that writes it. */
export const importOf = (names: string, from: string): string => ['import {', names, '} from', `'${from}';`].join(' ');
