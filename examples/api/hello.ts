/** `/custom/hello`: the smallest there can be. */
import type { CustomRoutes } from '@crunch-node/report';

const routes: CustomRoutes = async (app, { config }) => {
  app.get('/hello', () => ({ message: `Hello from ${config.crunch_id}` }));
};
export default routes;
