const PREFIX = '__ensemble_';

/** Id of the virtual model an ensemble answers as. */
export const ensembleModelId = (name: string): string => `${PREFIX}${name}__`;

export const isEnsemble = (modelId: string): boolean => modelId.startsWith(PREFIX);
