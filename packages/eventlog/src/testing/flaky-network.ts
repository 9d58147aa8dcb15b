import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server, with injected faults. */
export interface FlakyNetwork {
  readonly url: string;
  /** Data from the server is lost until the next cut. */
  loseAnswers(): void;
  /** Data from the client is lost until the next cut. */
  loseQuestions(): void;
  /** Bytes the client has sent so far. */
  readonly asked: number;
  /** Bytes the server has sent so far, lost ones included. */
  readonly answered: number;
  /** Breaks every connection; new ones work. */
  cut(): void;
  close(): Promise<void>;
}

export async function flakyNetwork(serverPort: number): Promise<FlakyNetwork> {
  const sockets = new Set<Socket>();
  const lost = { answers: false, questions: false };
  const count = { asked: 0, answered: 0 };
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      count.asked += bytes.length;
      if (!lost.questions) upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      count.answered += bytes.length;
      if (!lost.answers) client.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    lost.answers = false;
    lost.questions = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswers: () => {
      lost.answers = true;
    },
    loseQuestions: () => {
      lost.questions = true;
    },
    get asked() {
      return count.asked;
    },
    get answered() {
      return count.answered;
    },
    cut,
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
