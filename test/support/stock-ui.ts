import assert from 'node:assert/strict';

type Row = Readonly<Record<string, unknown>>;
interface Column {
  readonly type: string;
  readonly property: string;
  readonly displayName: string;
}
interface Widget {
  readonly displayName: string;
  readonly endpointUrl: string;
  readonly nativeConfiguration: {
    readonly xAxis: { readonly name: string };
    readonly yAxis: { readonly series: readonly { readonly name: string }[] };
    readonly filterConfig?: readonly { readonly property: string }[];
    readonly groupByProperty?: string;
    readonly alertConfig?: { readonly field: string; readonly reasonField: string };
  };
}

/** Columns and series the existing UI brings along, named after the reference's windows. */
const WINDOWS = ['score_recent', 'score_steady', 'score_anchor'];
const OWN_CHARTS = ['/reports/models/global', '/reports/predictions', '/reports/models/params'];
const MONTH_MS = 30 * 86_400_000;
const NAIVE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?$/;

const hasNumber = (rows: readonly Row[], name: string): boolean => rows.some((row) => Number.isFinite(row[name]));

/**
 * What the existing web UI reads of the API is there: no column of its leaderboard is empty, each of its charts has a
 * point, and what it filters and groups by is in the rows.
 * @param get the body of a GET with status 200
 * @param charts those expected to have rows; default all
 */
export async function fillsTheStockUi(
  get: (path: string) => Promise<unknown>,
  { isExpected = () => true }: { readonly isExpected?: (widget: { readonly endpointUrl: string }) => boolean } = {},
): Promise<void> {
  const { leaderboard_columns, metrics_widgets } = (await get('/reports/schema')) as {
    leaderboard_columns: Column[];
    metrics_widgets: Widget[];
  };
  const board = (await get('/reports/leaderboard')) as Row[];
  const models = (await get('/reports/models')) as Row[];
  assert.ok(board.length > 0 && models.length > 0);
  for (const { model_id, model_name, cruncher_name } of models)
    assert.ok([model_id, model_name, cruncher_name].every((text) => typeof text === 'string' && text !== ''));
  for (const { status, username } of board)
    assert.ok(['active', 'inactive'].includes(String(status)) && typeof username === 'string');
  for (const { type, property, displayName } of leaderboard_columns)
    if (type === 'VALUE') assert.ok(hasNumber(board, property), `the column ${displayName} (${property}) is empty`);
  for (const property of WINDOWS) assert.ok(hasNumber(board, property), `the UI's own column ${property} is empty`);

  const newest = Math.max(...board.map(({ created_at }) => Date.parse(String(created_at))));
  const span = `start=${new Date(newest - MONTH_MS).toISOString()}&end=${new Date(newest + 86_400_000).toISOString()}`;
  const query = `projectIds=${models.map(({ model_id }) => encodeURIComponent(String(model_id))).join(',')}&${span}`;
  const rowsOf = async (endpointUrl: string) => (await get(`${endpointUrl}?${query}`)) as Row[];

  for (const widget of metrics_widgets.filter(isExpected)) {
    const { displayName, endpointUrl, nativeConfiguration } = widget;
    const { xAxis, yAxis, filterConfig = [], groupByProperty, alertConfig } = nativeConfiguration;
    const rows = await rowsOf(endpointUrl);
    const series = yAxis.series.filter(({ name }) => hasNumber(rows, name));
    assert.ok(series.length > 0, `${displayName} has no point: ${rows.length} rows of ${endpointUrl}`);
    const drawn = rows.filter((row) => series.some(({ name }) => Number.isFinite(row[name])));
    for (const row of drawn) {
      assert.match(String(row[xAxis.name]), NAIVE, `${displayName}: ${xAxis.name}`);
      assert.ok(typeof row.model_id === 'string', displayName);
      for (const property of [
        ...filterConfig.map((filter) => filter.property),
        ...(groupByProperty ? [groupByProperty] : []),
      ])
        assert.ok(
          row[property] !== null && row[property] !== undefined,
          `${displayName}: ${property} of ${JSON.stringify(row)}`,
        );
      if (alertConfig) assert.ok(alertConfig.field in row && alertConfig.reasonField in row, displayName);
    }
    // It shows the first asset and the first horizon at its start.
    const first = drawn.filter((row) => filterConfig.every(({ property }) => row[property] === drawn[0]?.[property]));
    assert.ok(
      series.some(({ name }) => hasNumber(first, name)),
      `${displayName} is empty for its first filters`,
    );
  }
  for (const endpointUrl of OWN_CHARTS.filter((url) => isExpected({ endpointUrl: url }))) {
    const rows = await rowsOf(endpointUrl);
    const names = endpointUrl === '/reports/predictions' ? ['score_value'] : WINDOWS;
    for (const name of names) assert.ok(hasNumber(rows, name), `the UI's own chart of ${endpointUrl} lacks ${name}`);
  }
}
