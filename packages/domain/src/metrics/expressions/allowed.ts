import type { FunctionNode, MathNode, OperatorNode, SymbolNode } from 'mathjs';
import { didYouMean } from '../../nearest.ts';
import { expressionFunctions, operandCounts } from './functions.ts';
import { indexOfName, indexOfPattern, indexOfRange } from './position.ts';

export const VECTORS = ['predictions', 'returns', 'scores'] as const;
export type VectorName = (typeof VECTORS)[number];

const CONSTANTS = ['n', 'pi', 'e'];
const OPERATORS = new Set(
  '+ - * / .* ./ ^ .^ % == != < <= > >= and or xor not'.split(' '), // neither units, nor transposing, nor bits
);

/** Enough for any formula one can read. */
export const ALLOWED_TEXT_LENGTH = 1_000;
const ALLOWED_NODE_COUNT = 200;

export interface ForbiddenPart {
  readonly index: number;
  readonly text: string;
}

/** Every part of a parsed expression that is not on the list of allowed ones, with its position. */
export function forbiddenParts(root: MathNode, text: string): ForbiddenPart[] {
  const parts: ForbiddenPart[] = [];
  let count = 0;
  root.traverse((node, path, parent) => {
    count += 1;
    const isCallee = path === 'fn' && parent.type === 'FunctionNode';
    const part = isCallee ? null : forbiddenPart(node, text);
    if (part !== null && !parts.some(({ text: known }) => known === part.text)) parts.push(part);
  });
  if (count > ALLOWED_NODE_COUNT) {
    parts.push({ index: 0, text: `expected at most ${ALLOWED_NODE_COUNT} parts, received ${count}` });
  }
  return parts;
}

function forbiddenPart(node: MathNode, text: string): ForbiddenPart | null {
  switch (node.type) {
    case 'ParenthesisNode':
    case 'ConditionalNode':
    case 'RelationalNode':
      return null;
    case 'ConstantNode':
      return constantFault((node as unknown as { value: unknown }).value, text);
    case 'SymbolNode':
      return symbolFault((node as SymbolNode).name, text);
    case 'OperatorNode':
      return operatorFault(node as OperatorNode, text);
    case 'FunctionNode':
      return callFault(node as FunctionNode, text);
    default: {
      const [what, at] = FORBIDDEN_KINDS[node.type] ?? [node.type, () => 0];
      return { index: at(text), text: `${what} cannot be used` };
    }
  }
}

const FORBIDDEN_KINDS: Readonly<Record<string, readonly [what: string, at: (text: string) => number]>> = {
  AssignmentNode: ['an assignment', (text) => indexOfPattern(text, /(?<![<>=!])=(?!=)/)],
  FunctionAssignmentNode: ['the definition of a function', (text) => indexOfPattern(text, /(?<![<>=!])=(?!=)/)],
  RangeNode: ['a range', indexOfRange],
  ArrayNode: ['a matrix', (text) => indexOfPattern(text, /\[/)],
  IndexNode: ['an index or a property', (text) => indexOfPattern(text, /\[|\.\s*[\p{L}_]/u)],
  AccessorNode: ['an index or a property', (text) => indexOfPattern(text, /\[|\.\s*[\p{L}_]/u)],
  ObjectNode: ['an object', (text) => indexOfPattern(text, /\{/)],
  BlockNode: ['more than one expression', (text) => indexOfPattern(text, /[;\n]/)],
};

function constantFault(value: unknown, text: string): ForbiddenPart | null {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return null;
  if (typeof value === 'string') return { index: indexOfPattern(text, /["']/), text: 'a text cannot be used' };
  return { index: Math.max(0, text.indexOf(String(value))), text: `${String(value)} cannot be used` };
}

function symbolFault(name: string, text: string): ForbiddenPart | null {
  const known = [...VECTORS, ...CONSTANTS];
  if (known.includes(name)) return null;
  const what = expressionFunctions.has(name) ? `${name} is a function, write ${name}(…)` : `there is no ${name}`;
  return {
    index: indexOfName(text, name, 'symbol'),
    text: `${what}; there are ${known.join(', ')}${didYouMean(name, known)}`,
  };
}

function operatorFault({ op }: OperatorNode, text: string): ForbiddenPart | null {
  if (OPERATORS.has(op)) return null;
  return { index: Math.max(0, text.indexOf(op)), text: `the operator ${op} cannot be used` };
}

function callFault({ fn, args }: FunctionNode, text: string): ForbiddenPart | null {
  const name = fn.type === 'SymbolNode' ? (fn as SymbolNode).name : null;
  if (name === null) return { index: indexOfPattern(text, /\(/), text: 'only a function can be called by its name' };
  const index = indexOfName(text, name, 'function');
  if (!expressionFunctions.has(name)) {
    const known = [...expressionFunctions.keys()];
    return {
      index,
      text: `there is no function ${name}; there are ${known.join(', ')}${didYouMean(name, known)}`,
    };
  }
  const [least, most] = (Object.hasOwn(operandCounts, name) ? operandCounts[name] : undefined) ?? [1, 1];
  if (args.length >= least && args.length <= most) return null;
  const expected = least === most ? least : `${least} to ${most}`;
  return { index, text: `expected ${expected} operands for ${name}, received ${args.length}` };
}

/** Vectors an expression reads. */
export function vectorsIn(root: MathNode): VectorName[] {
  const names = new Set<string>();
  root.traverse((node) => {
    if (node.type === 'SymbolNode') names.add((node as SymbolNode).name);
  });
  return VECTORS.filter((name) => names.has(name));
}
