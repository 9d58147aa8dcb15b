export interface Program {
  readonly file: string;
  /** options of `node` it needs */
  readonly execArgv: readonly string[];
}

/** Set by `scripts/compiled-tests.mjs`: modules that are compiled of programs, by the path of their source. */
const COMPILED = Symbol.for('crunch-node.compiled-programs');

/** How a program that lies beside tests (`*.program.ts`) is started: compiled, where the test that starts it is. */
export function programAt(source: string): Program {
  const { [COMPILED]: compiled = {} } = globalThis as { [COMPILED]?: Readonly<Record<string, string>> };
  const file = compiled[source];
  return file === undefined
    ? { file: source, execArgv: ['--import', 'tsx'] }
    : { file, execArgv: ['--enable-source-maps'] };
}
