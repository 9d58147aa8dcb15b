import type { Environment } from '@crunch-node/config';
import type { CustomRoutesOptions } from '@crunch-node/report';

/** The folder of an operator's own routes, from the environment. */
export const customRoutesOf = ({ values }: Environment): CustomRoutesOptions => ({
  ...(values.API_ROUTES_DIR !== undefined && { dir: values.API_ROUTES_DIR }),
  ...(values.API_ROUTES !== undefined && { modules: values.API_ROUTES }),
});
