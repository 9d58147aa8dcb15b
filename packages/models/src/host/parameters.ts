export const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The arguments of a call in their places: first what came by position, then, for each further parameter, what came by
 * its name on the wire or in camel case. As with a Python runner, keywords that no parameter has are left out.
 */
export function placed(
  method: object,
  positional: readonly unknown[],
  keywords: ReadonlyMap<string, unknown>,
): unknown[] {
  if (keywords.size === 0) return [...positional];
  const named = new Map([...keywords].flatMap(([name, value]) => [[name, value] as const, [camelCase(name), value]]));
  const further = parametersOf(method)
    .slice(positional.length)
    .map((name) => named.get(name));
  while (further.length > 0 && further.at(-1) === undefined) further.pop();
  return [...positional, ...further];
}

const known = new WeakMap<object, readonly string[]>();

/** Names of a function's parameters, read from its source: the language keeps them nowhere else. */
function parametersOf(method: object): readonly string[] {
  const before = known.get(method);
  if (before !== undefined) return before;
  const names = splitParameters(parameterList(Function.prototype.toString.call(method))).map(
    (parameter) => /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(parameter.trim())?.[0] ?? '',
  );
  known.set(method, names);
  return names;
}

const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/** The text between the outermost parentheses; an arrow function may have one bare name instead. */
function parameterList(source: string): string {
  const whole = source.replace(COMMENTS, ' ');
  const text = /^class\b/.test(whole) ? constructorOf(whole) : whole;
  const bare = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(text);
  if (bare?.[1] !== undefined) return bare[1];
  const from = text.indexOf('(');
  let depth = 0;
  for (let i = from; i >= 0 && i < text.length; i++) {
    if ('([{'.includes(text[i]!)) depth += 1;
    else if (')]}'.includes(text[i]!) && --depth === 0) return text.slice(from + 1, i);
  }
  return '';
}

const constructorOf = (source: string): string => /\bconstructor\s*\([\s\S]*/.exec(source)?.[0] ?? '';

/** At the commas outside of brackets, so that a default value keeps its own. */
function splitParameters(list: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < list.length; i++) {
    if ('([{'.includes(list[i]!)) depth += 1;
    else if (')]}'.includes(list[i]!)) depth -= 1;
    else if (list[i] === ',' && depth === 0) {
      parts.push(list.slice(start, i));
      start = i + 1;
    }
  }
  const last = list.slice(start);
  return last.trim() === '' ? parts : [...parts, last];
}
