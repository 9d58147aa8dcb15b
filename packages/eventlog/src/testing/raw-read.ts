import { connect, type JetStreamClient } from 'nats';

export interface RawRead {
  readonly messages: number;
  readonly bytes: number;
  readonly seconds: number;
}

const FETCH = 5_000;

/**
 * The minimal cost of reading: the client library's ordered consumer and `JSON.parse`, without checks or storage.
 * @param stream with the namespace
 */
export async function readRaw(url: string, stream: string, messages: number): Promise<RawRead> {
  const connection = await connect({ servers: url, noAsyncTraces: true });
  try {
    const client: JetStreamClient = connection.jetstream();
    const consumer = await client.consumers.get(stream);
    const startedAt = performance.now();
    let count = 0;
    let bytes = 0;
    while (count < messages) {
      for await (const message of await consumer.fetch({ max_messages: FETCH, expires: 5_000 })) {
        JSON.parse(message.string());
        bytes += message.data.length;
        if (++count === messages) break;
      }
    }
    return { messages: count, bytes, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await connection.close();
  }
}
