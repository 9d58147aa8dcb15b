/** `/custom/models/summary`: from the read model, with a schema, so that it is checked and described. */
import type { CustomRoutes } from '@crunch-node/report';
import { Type } from '@sinclair/typebox';

const Summary = Type.Object({ total_models: Type.Integer(), model_ids: Type.Array(Type.String()) });

const routes: CustomRoutes = async (app, { db }) => {
  app.get('/models/summary', { schema: { response: { 200: Summary } } }, async () => {
    const models = await db.selectFrom('models').select('model_id').orderBy('model_id').execute();
    return { total_models: models.length, model_ids: models.map(({ model_id }) => model_id) };
  });
};
export default routes;
