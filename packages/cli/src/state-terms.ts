import type { Environment } from '@crunch-node/config';

/** How often stages save their state, where the environment sets it. */
export const stateTermsOf = ({ values }: Environment): { readonly stateSeconds?: number } =>
  values.STATE_SECONDS === undefined ? {} : { stateSeconds: values.STATE_SECONDS };
