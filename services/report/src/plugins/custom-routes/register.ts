import type { FastifyInstance, RouteOptions } from 'fastify';
import type { CustomContext } from './context.ts';
import { CustomRoutesFault } from './fault.ts';
import type { LoadedRoutes } from './load.ts';
import { compileValidator, foreignPart } from './validate.ts';

const PREFIX = '/custom';
const READ_ONLY_TRANSACTION = '25006';

/**
 * Mounts custom routes below `/custom`, each file in a scope of its own: its hooks and handlers do not apply elsewhere.
 * @throws {CustomRoutesFault} naming the file, also for a path another one has
 */
export async function registerCustomRoutes(
  app: FastifyInstance,
  loaded: readonly LoadedRoutes[],
  context: CustomContext,
): Promise<void> {
  const owners = new Map<string, string>();
  for (const { source, plugin } of loaded) {
    let fault: CustomRoutesFault | undefined;
    try {
      await app.register(
        async (scope) => {
          scope.setValidatorCompiler(compileValidator);
          scope.setErrorHandler((error: Error & { code?: string }) => {
            // Passed on as it is: anything else would be taken for a response.
            if (!(error instanceof Error))
              throw new TypeError('a custom route threw what is no Error', { cause: error });
            if (error.code === READ_ONLY_TRANSACTION)
              throw new TypeError('a custom route may not write', { cause: error });
            throw error; // to the error handler of all routes
          });
          scope.addHook('onRoute', (route) => {
            fault ??= faultOf(source, route, owners);
            if (fault !== undefined) throw fault;
            route.schema = { ...route.schema, tags: route.schema?.tags ?? ['custom'] };
          });
          await scope.register(plugin, context);
        },
        { prefix: PREFIX },
      );
    } catch (error) {
      throw fault ?? new CustomRoutesFault(source, 'a plugin that registers', String(error), error);
    }
  }
}

function faultOf(source: string, route: RouteOptions, owners: Map<string, string>): CustomRoutesFault | undefined {
  for (const method of [route.method].flat()) {
    const key = `${method} ${route.url}`;
    const owner = owners.get(key);
    // HEAD is there with GET, unless a file has its own.
    if (owner === source && method === 'HEAD') continue;
    if (owner !== undefined) return new CustomRoutesFault(source, 'paths no other has', `${key}, which ${owner} has`);
    owners.set(key, source);
  }
  const part = foreignPart(route.schema ?? {});
  if (part === undefined) return undefined;
  return new CustomRoutesFault(source, 'schemas made with TypeBox', `another kind for the ${part} of ${route.url}`);
}
