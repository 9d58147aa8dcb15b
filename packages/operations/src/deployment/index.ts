/** What an operator must know after any change: looked up, and judged with the layer and the remedy of each failure. */
export type { Facts } from './facts.ts';
export { type Finding, judgeDeployment } from './judge.ts';
export { type LookOptions, lookAtDeployment } from './look.ts';
