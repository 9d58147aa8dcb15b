/** Streams and a bench on which loops are tested. */
export { type Bench, openBench } from './bench.ts';
export { drawn, draws, drawsClosed } from './toys.ts';
