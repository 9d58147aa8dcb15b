/** How ids of virtual models begin. */
export const ENSEMBLE_PREFIX = '__ensemble_';

/** Id of the virtual model an ensemble answers as. */
export const ensembleModelId = (name: string): string => `${ENSEMBLE_PREFIX}${name}__`;

export const isEnsemble = (modelId: string): boolean => modelId.startsWith(ENSEMBLE_PREFIX);
