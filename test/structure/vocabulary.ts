/** Words the code does not use, since the field has others: docs/glossary.md. */
import { type Token, tokensOf } from './tokens.ts';

const WORDS = new Set(
  'say says said saying tell tells told means anew whoever nobody tenancy tenancies tenure tenures pulse desk heard'.split(
    ' ',
  ),
);
const LEVELS = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
const HELP = new Set(['description', 'option', 'requiredOption', 'argument', 'addHelpText']);

const partsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);

const isForeign = (text: string): boolean => partsOf(text).some((part) => WORDS.has(part));

/** Such words in the identifiers of a source file, its log messages, and what `--help` shows of it. */
export function foreignWords(path: string, text: string): string[] {
  const tokens = tokensOf(text);
  const names = tokens.filter(({ kind }) => kind === 'name');
  const shown = tokens.flatMap((_, i) => textsOfCall(tokens, i));
  return [...names, ...shown]
    .filter(({ value }) => isForeign(value))
    .map(({ kind, value, line }) => `${path}:${line} ${kind === 'name' ? 'names' : 'shows'} ${value}`);
}

const SPOKEN = /\b(says|said|saying|tells?|told|anew|whoever|nobody)\b(?! (?:\w+ )?apart)/i;
/** A user of the system is called so, and such words are what the tests of this file are about. */
const PROSE_MAY = new Set([
  'packages/embedded/src/postgres-user.ts',
  'test/structure/words.test.ts',
  'test/structure/vocabulary.ts',
]);
const PROSE = /(?:^|\s)\/\/\s(.*)|^\s*\/?\*+\s(.*)|\b(?:it|describe)\((['`].*)/;

/** Lines of comments and titles of tests that speak the dialect instead of the field's words. */
export const foreignProse = (path: string, text: string): string[] =>
  PROSE_MAY.has(path)
    ? []
    : text.split('\n').flatMap((line, i) => {
        const prose =
          PROSE.exec(line)
            ?.slice(1)
            .find((part) => part !== undefined) ?? '';
        const word = SPOKEN.exec(prose.replaceAll(/`[^`]*`/g, ''))?.[0];
        return word === undefined ? [] : [`${path}:${i + 1} writes ${word}`];
      });

/** Lines of a document that do. The glossary names the words it replaces. */
export const foreignText = (path: string, text: string): string[] =>
  path === 'docs/glossary.md'
    ? []
    : text.split('\n').flatMap((line, i) => {
        const word = SPOKEN.exec(line.replaceAll(/`[^`]*`|\]\([^)]*\)/g, ''))?.[0];
        return word === undefined ? [] : [`${path}:${i + 1} writes ${word}`];
      });

/** Of a call that begins here with its dot: the message for a logger, the texts of an option. */
function textsOfCall(tokens: readonly Token[], i: number): readonly Token[] {
  const [of, dot, method, opening] = [tokens[i - 1], tokens[i], tokens[i + 1], tokens[i + 2]];
  if (dot?.value !== '.' || opening?.value !== '(' || method?.kind !== 'name') return [];
  const isLog = LEVELS.has(method.value) && /logger$/i.test(of?.value ?? '');
  if (!isLog && !HELP.has(method.value)) return [];
  const texts: Token[] = [];
  let depth = 0;
  for (const token of tokens.slice(i + 2)) {
    if (token.kind === 'sign' && /[({[]/.test(token.value)) depth++;
    else if (token.kind === 'sign' && /[)}\]]/.test(token.value)) depth--;
    else if (token.kind === 'text' && depth === 1) texts.push(token);
    if (depth === 0) break;
  }
  return texts;
}
