import type { Environment } from '@crunch-node/config';

/** How often stages save what they remember, where the operator says so. */
export const stateTermsOf = ({ values }: Environment): { readonly stateSeconds?: number } =>
  values.STATE_SECONDS === undefined ? {} : { stateSeconds: values.STATE_SECONDS };
