import type { Answers } from './answers.ts';
import { challengeFiles } from './parts/challenge.ts';
import { configFile } from './parts/config.ts';
import { containerFiles } from './parts/containers.ts';
import { nodeFiles } from './parts/node.ts';
import { rootFiles } from './parts/root.ts';
import type { ProjectContext } from './written.ts';

/** Path → text of every file of a new project. */
export const projectFiles = (answers: Answers, context: ProjectContext): ReadonlyMap<string, string> =>
  new Map([
    ...rootFiles(answers),
    ['node/config/crunch.config.ts', configFile(answers)],
    ...nodeFiles(answers, context),
    ...containerFiles(answers, context),
    ...challengeFiles(answers, context),
  ]);
