import type { ProcessModel } from './asked-models.ts';
import type { HostReply, ModelProcess } from './model-process.ts';
import type { PlannedCall } from './planned-calls.ts';

interface Stretch {
  readonly process: ModelProcess;
  /** whether all its calls were answered; undefined until its reply is there */
  isWhole: boolean | undefined;
}

/**
 * Copies of a stateless model, each in a process of its own, as one: stretches of the history go to them in turn, and
 * before its stretch a copy gets the latest update of each feed, which is all that a stateless model knows.
 * A late call decides which calls come after it, so from then on one copy, the one that was late, has all of them.
 */
export function spreadOverTime(copies: readonly ModelProcess[], updateMethod: string): ModelProcess {
  const latest = new Map<string, PlannedCall>();
  let stretches: Stretch[] = [];
  let begun = 0;
  let only: ModelProcess | undefined;

  const lateOne = (): ModelProcess => stretches.find(({ isWhole }) => isWhole === false)?.process ?? copies[0]!;

  function remember(calls: readonly PlannedCall[]): void {
    for (const call of calls) {
      if (call[0] === 'update') latest.set(call[2], call);
      else if (call[1] === updateMethod) latest.set(symbolOf(call), call);
    }
  }

  return {
    async ask(request) {
      if (request.mode !== 'ahead') only ??= lateOne();
      if (only !== undefined) return only.ask(request);
      const process = copies[begun++ % copies.length]!;
      for (const other of copies) {
        // They need the items when it is their turn; one that fails reports it then.
        if (other !== process) other.ask({ ...request, calls: [] }).catch(() => undefined);
      }
      const known = [...latest.values()];
      remember(request.calls);
      const stretch: Stretch = { process, isWhole: undefined };
      stretches = [...stretches.filter(({ isWhole }) => isWhole !== true), stretch];
      const reply = await process.ask({ ...request, calls: [...known, ...request.calls] });
      const answers = reply.answers.slice(known.length);
      stretch.isWhole = answers.length === request.calls.length;
      return { ...reply, answers } satisfies HostReply;
    },
    async reset() {
      latest.clear();
      stretches = [];
      begun = 0;
      only = undefined;
      const [first] = await Promise.all(copies.map((copy) => copy.reset()));
      return first!;
    },
    async close() {
      for (const copy of copies) await copy.close();
    },
  };
}

/**
 * The model, with further copies of it if it is stateless.
 * @param again makes another one
 */
export async function withCopies(
  first: ProcessModel,
  again: () => Promise<ProcessModel>,
  { copies, updateMethod }: { readonly copies: number; readonly updateMethod: string },
): Promise<ProcessModel> {
  if (!first.isStateless || copies < 2) return first;
  const all = [first];
  try {
    while (all.length < copies) all.push(await again());
  } catch (error) {
    for (const { process } of all) await process.close();
    throw error;
  }
  const process = spreadOverTime(
    all.map(({ process }) => process),
    updateMethod,
  );
  return { ...first, process, copies };
}

/** The subject of an update that is given whole. */
function symbolOf([, , args]: Extract<PlannedCall, readonly ['call', ...unknown[]]>): string {
  const [input] = args;
  return typeof input === 'object' && input !== null && 'symbol' in input ? JSON.stringify(input.symbol) : '';
}
