import { createRequire } from 'node:module';
import type { ConfigOptions, FactoryFunctionMap, MathJsInstance } from 'mathjs';

/** Besides the parser: the operators of `allowed.ts`, and two constants. What can be called is ours. */
const LOADED = [
  ...['Parse', 'Pi', 'E', 'UnaryMinus', 'UnaryPlus'],
  ...['Add', 'Subtract', 'Multiply', 'Divide', 'DotMultiply', 'DotDivide', 'Pow', 'DotPow', 'Mod'],
  ...['Equal', 'Unequal', 'Smaller', 'SmallerEq', 'Larger', 'LargerEq'],
  // With the rule that their second operand is left alone where the first one decides
  ...['And', 'AndTransform', 'Or', 'OrTransform', 'Xor', 'Not'],
];

let engine: MathJsInstance | undefined;

/**
 * The parser and the operators, made when the first expression is, and without the hundreds of other functions: loading
 * those takes longer than starting a service. Settings are fixed here, since results may depend on them; `predictable`
 * makes roots of negative numbers not finite instead of complex.
 */
export function expressionEngine(): MathJsInstance {
  if (engine === undefined) {
    // By files, since the name of the package loads all of it. Its version is pinned.
    const ofPackage = createRequire(createRequire(import.meta.url).resolve('mathjs'));
    const { create } = ofPackage('./core/create.js') as {
      create: (factories: FactoryFunctionMap, config: ConfigOptions) => MathJsInstance;
    };
    const factories = LOADED.map(
      (name) => ofPackage(`./entry/dependenciesAny/dependencies${name}.generated.js`) as object,
    );
    engine = create(Object.assign({}, ...factories), {
      number: 'number',
      matrix: 'Array',
      predictable: true,
      relTol: 1e-12,
      absTol: 1e-15,
    });
  }
  return engine;
}
