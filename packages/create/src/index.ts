/** Writes the project of a new competition. */
export { type Answers, AnswersFault, answersFrom, type Given, packs, sources } from './answers.ts';
export { projectFiles } from './project.ts';
export { FolderNotEmpty, type WriteOptions, writeProject } from './write.ts';
