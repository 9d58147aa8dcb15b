/** Streams and a bench for testing loops. */
export { type Bench, openBench } from './bench.ts';
export { drawn, draws, drawsClosed } from './toys.ts';
