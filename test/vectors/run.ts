import { deviations } from './deviations.ts';
import { operationsOf } from './operations.ts';
import { difference, type Operation, type VectorCase, type VectorFile } from './vector.ts';

export interface CaseResult {
  readonly file: string;
  readonly name: string;
  readonly operation: string;
  /** `deviates`: an advisory case answered differently, on purpose */
  readonly verdict: 'passed' | 'failed' | 'deviates' | 'not built yet';
  readonly detail: string;
}

/** Every case of a file through our functions, in the reference's way. */
export function runVectors(vectors: VectorFile): CaseResult[] {
  const file = vectors.file.replace(/\.json$/, '');
  const operations = operationsOf(file);
  return vectors.cases.map((vectorCase) => {
    const operation = vectorCase.input.op ?? 'compute';
    const answer = operations[operation];
    const about = { file, name: vectorCase.name, operation };
    if (answer === undefined) return { ...about, verdict: 'not built yet', detail: '' };
    const detail = judge(answer, vectorCase, vectors.tolerance);
    if (detail === null) return { ...about, verdict: 'passed', detail: '' };
    if (vectorCase.advisory !== true) return { ...about, verdict: 'failed', detail };
    return { ...about, verdict: 'deviates', detail: deviations[vectorCase.name.replace(/_shared$/, '')] ?? detail };
  });
}

function judge(answer: Operation, { input, expected }: VectorCase, tolerance: VectorFile['tolerance']): string | null {
  const refusal = typeof expected === 'object' && expected !== null && 'error' in expected && expected.error === true;
  let actual: unknown;
  try {
    actual = answer(input, expected);
  } catch (error) {
    return refusal ? null : `threw ${error instanceof Error ? error.message : String(error)}`;
  }
  return refusal ? 'expected an error, received an answer' : difference(expected, actual, tolerance);
}
