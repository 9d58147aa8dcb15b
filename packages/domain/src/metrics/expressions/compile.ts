/** Metrics an operator writes as formulas over predictions, ground truths and scores. */
import { CrunchError } from '@crunch-node/streams/errors';
import { errorText } from '../../operators-code.ts';
import { isZero, type Metric, type MetricInput, unavailable } from '../metric.ts';
import { ALLOWED_TEXT_LENGTH, forbiddenParts, type VectorName, vectorsIn } from './allowed.ts';
import { expressionEngine } from './engine.ts';
import { expressionFunctions, zeroForConstants } from './functions.ts';
import { positionAt, type TextPosition } from './position.ts';

export interface ExpressionFault extends TextPosition {
  readonly text: string;
}

/** An expression that cannot be used, with everything that is wrong with it. */
export class InvalidExpression extends CrunchError {
  override readonly name = 'InvalidExpression';
  override readonly code = 'invalid_expression';
  readonly expression: string;
  readonly faults: readonly ExpressionFault[];
  constructor(expression: string, faults: readonly ExpressionFault[]) {
    super(faults.map(({ line, column, text }) => `line ${line}, column ${column}: ${text}`).join('; '));
    this.expression = expression;
    this.faults = faults;
  }
}

/**
 * A metric from an expression: `mean(scores) / std(scores)`. It knows the vectors `predictions`, `returns` (what
 * really happened) and `scores` over the rounds in which all those it uses have a number, in time order, and `n`, how
 * many these are; without a vector `n` counts predictions. It is compiled once and tried on sample rounds.
 * @throws {InvalidExpression}
 */
export function compileExpression(expression: string): Metric {
  const refuse = (index: number, text: string): never => {
    throw new InvalidExpression(expression, [{ ...positionAt(expression, index), text }]);
  };
  if (expression.trim() === '') refuse(0, 'expected an expression, received none');
  if (expression.length > ALLOWED_TEXT_LENGTH) {
    refuse(ALLOWED_TEXT_LENGTH, `expected at most ${ALLOWED_TEXT_LENGTH} characters, received ${expression.length}`);
  }
  const root = parsed(expression);
  const forbidden = forbiddenParts(root, expression);
  if (forbidden.length > 0) {
    throw new InvalidExpression(
      expression,
      forbidden
        .map(({ index, text }) => ({ ...positionAt(expression, index), text }))
        .sort((a, b) => a.index - b.index),
    );
  }
  const used = vectorsIn(root);
  const code = root.compile();
  const evaluate = (scope: ReadonlyMap<string, unknown>): unknown => code.evaluate(scope as Map<string, unknown>);
  const fault = faultOnSamples(evaluate, used);
  if (fault !== null) refuse(0, `tried on sample rounds: ${fault}`);
  return (input) => {
    const scope = scopeOf(input, used);
    if (scope.get('n') === 0) return unavailable(`no round with a number for ${used.join(', ') || 'predictions'}`);
    const value = evaluate(scope);
    return typeof value === 'number' && Number.isFinite(value) ? value : unavailable(`the result is ${shown(value)}`);
  };
}

function parsed(expression: string) {
  try {
    return expressionEngine().parse(expression);
  } catch (error) {
    const { message, char } = error as Error & { char?: number };
    const text = message.replace(/ \(char \d+\)$/, '');
    throw new InvalidExpression(expression, [{ ...positionAt(expression, (char ?? 1) - 1), text }]);
  }
}

function scopeOf(input: MetricInput, used: readonly VectorName[]): Map<string, unknown> {
  const series = { predictions: input.predictions, returns: input.actuals, scores: input.values };
  const aligned = used.length === 0 ? (['predictions'] as const) : used;
  const length = Math.min(...aligned.map((name) => series[name].length));
  const kept: number[] = [];
  for (let i = 0; i < length; i++) if (aligned.every((name) => Number.isFinite(series[name][i]))) kept.push(i);
  return new Map<string, unknown>([
    ...expressionFunctions,
    ...(isZero(input) ? zeroForConstants : []),
    ...used.map((name) => [name, kept.map((i) => series[name][i]!)] as const),
    ['n', kept.length],
  ]);
}

const SAMPLES = 24;

/** Tries sample values, so that a vector or condition in place of a number is refused at start rather than never computed. */
function faultOnSamples(
  evaluate: (scope: ReadonlyMap<string, unknown>) => unknown,
  used: readonly VectorName[],
): string | null {
  const samples = used.map((name, k) => [name, Array.from({ length: SAMPLES }, (_, i) => wave(i, k))] as const);
  try {
    const value = evaluate(new Map<string, unknown>([...expressionFunctions, ...samples, ['n', SAMPLES]]));
    return typeof value === 'number' ? null : `expected a number, the result is ${shown(value)}`;
  } catch (error) {
    return errorText(error);
  }
}

const wave = (i: number, k: number): number => (((7 + 4 * k) * i + 3) % 11) / 10 - 0.5;

const shown = (value: unknown): string =>
  Array.isArray(value) ? `a vector of ${value.length}` : typeof value === 'boolean' ? `${value}` : String(value);
