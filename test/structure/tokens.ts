/** Source text as far as looking for words needs it: its names, texts and punctuation, without comments. */
export interface Token {
  readonly kind: 'name' | 'text' | 'sign';
  readonly value: string;
  readonly line: number;
}

const NAME = /#?[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const COMMENT = /\/\/.*|\/\*[\s\S]*?\*\//y;
const QUOTED = /'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"/y;
const PATTERN = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
/** text of a template up to where an expression begins, or to its end */
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;
const BEFORE_PATTERN = new Set(['return', 'typeof', 'case', 'of', 'in']);

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  /** open braces; true: of an expression in a template */
  const braces: boolean[] = [];
  let at = 0;
  let line = 1;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) skip(match[0]);
    return match;
  };
  const skip = (taken: string): void => {
    at += taken.length;
    line += taken.split('\n').length - 1;
  };
  const add = (kind: Token['kind'], value: string): void => void tokens.push({ kind, value, line });
  const template = (): void => {
    add('text', take(TEMPLATE)?.[0] ?? '');
    if (text[at] === '$') {
      skip('${');
      braces.push(true);
      add('sign', '{');
    } else skip('`');
  };
  const mayBePattern = (): boolean => {
    const last = tokens.at(-1);
    if (last === undefined || last.kind === 'text') return last === undefined;
    return last.kind === 'name' ? BEFORE_PATTERN.has(last.value) : !/[)\]}\d]/.test(last.value);
  };
  while (at < text.length) {
    if (take(COMMENT) !== null) continue;
    const quoted = take(QUOTED);
    if (quoted !== null) {
      add('text', quoted[1] ?? quoted[2] ?? '');
      continue;
    }
    if (mayBePattern() && take(PATTERN) !== null) continue;
    const name = take(NAME);
    if (name !== null) {
      add('name', name[0]);
      continue;
    }
    const sign = text[at] ?? '';
    skip(sign);
    if (sign === '`') template();
    else if (sign === '}' && braces.pop() === true) {
      add('sign', '}');
      template();
    } else if (sign.trim() !== '') {
      if (sign === '{') braces.push(false);
      add('sign', sign);
    }
  }
  return tokens;
}
