/** `/custom/metrics/available`: from the configuration in force. */
import type { CustomRoutes } from '@crunch-node/report';

const routes: CustomRoutes = async (app, { config }) => {
  app.get('/metrics/available', () => ({ metrics: config.metrics }));
};
export default routes;
