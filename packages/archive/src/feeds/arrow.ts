import type { DuckDBDataChunk, DuckDBTimestampTZValue } from '@duckdb/node-api';
import { type ArchiveColumn, typeOfColumn } from './columns.ts';

/**
 * An Arrow IPC stream: the schema, a batch per chunk, the end. Times are timestamp[us, UTC], numbers float64, the rest
 * utf8. The library is loaded on first use.
 */
export async function* arrowBytes(
  columns: readonly ArchiveColumn[],
  chunks: AsyncIterable<DuckDBDataChunk>,
): AsyncGenerator<Uint8Array> {
  const arrow = await import('apache-arrow');
  const typeOf = (column: ArchiveColumn) => {
    if (typeOfColumn(column) === 'timestamptz') return new arrow.TimestampMicrosecond('UTC');
    return typeOfColumn(column) === 'double' ? new arrow.Float64() : new arrow.Utf8();
  };
  const schema = new arrow.Schema(columns.map((name) => new arrow.Field(name, typeOf(name), true)));

  const dataOf = (column: ArchiveColumn, chunk: DuckDBDataChunk, place: number) => {
    const values = chunk.getColumnValues(place);
    if (typeOfColumn(column) !== 'timestamptz') return arrow.vectorFromArray(values, typeOf(column) as never).data[0];
    const micros = BigInt64Array.from(values as DuckDBTimestampTZValue[], (value) => value.micros);
    return arrow.makeData({ type: new arrow.TimestampMicrosecond('UTC'), length: micros.length, data: micros });
  };

  // The writer of the library has no backpressure, so it is called for one batch at a time.
  let written: Uint8Array[] = [];
  const sink = new arrow.AsyncByteQueue<Uint8Array>();
  sink.write = (bytes) => void written.push(Uint8Array.from(bytes as Uint8Array));
  const taken = (): Uint8Array => {
    const bytes = Buffer.concat(written);
    written = [];
    return bytes;
  };
  const writer = new arrow.RecordBatchStreamWriter({ autoDestroy: false });
  writer.reset(sink, schema);
  for await (const chunk of chunks) {
    const children = columns.map((name, i) => dataOf(name, chunk, i));
    const type = new arrow.Struct(schema.fields);
    const data = arrow.makeData({ type, length: chunk.rowCount, nullCount: 0, children: children as never });
    writer.write(new arrow.RecordBatch(schema, data));
    yield taken();
  }
  writer.finish();
  yield taken();
}
