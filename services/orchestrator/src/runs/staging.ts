import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Submission } from './submission.ts';

/** Where the runner looks for the participant's class, and what the code may import besides. */
export interface Staged {
  readonly folder: string;
  readonly mainFile: string;
  /** further folders modules are found in */
  readonly modulePath: readonly string[];
}

/**
 * Runners import every module of the code's folder until one has the class, so a Python file among others is copied to
 * a folder of its own; neighbouring modules can still be imported. Folders and TypeScript files are served in place.
 */
export async function stage(submission: Submission, stagingFolder: string): Promise<Staged> {
  const { folder, mainFile, language } = submission;
  if (language !== 'python' || mainFile === 'main.py') return { folder, mainFile, modulePath: [] };
  await rm(stagingFolder, { recursive: true, force: true });
  await mkdir(stagingFolder, { recursive: true });
  await copyFile(join(folder, mainFile), join(stagingFolder, 'main.py'));
  return { folder: stagingFolder, mainFile: 'main.py', modulePath: [folder] };
}
