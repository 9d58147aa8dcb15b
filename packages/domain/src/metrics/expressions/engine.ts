import { createRequire } from 'node:module';
import type { ConfigOptions, FactoryFunctionMap, MathJsInstance } from 'mathjs';

let engine: MathJsInstance | undefined;

/**
 * The parser and the operators, made when the first expression is: loading them takes longer than starting a service.
 * Settings are fixed here, since results may depend on them; `predictable` makes roots of negative numbers not finite
 * instead of complex.
 */
export function expressionEngine(): MathJsInstance {
  if (engine === undefined) {
    const { create, all } = createRequire(import.meta.url)('mathjs') as {
      create: (factories: FactoryFunctionMap, config: ConfigOptions) => MathJsInstance;
      all: FactoryFunctionMap;
    };
    engine = create(all, {
      number: 'number',
      matrix: 'Array',
      predictable: true,
      relTol: 1e-12,
      absTol: 1e-15,
    });
  }
  return engine;
}
