import { connect } from 'node:net';

/** A request to the API of the server, as the `nats` command sends it; returns the reply as JSON. */
export async function askServer<T>(url: string, natsSubject: string, body: object | null = null): Promise<T> {
  const { hostname, port } = new URL(url);
  const payload = body === null ? '' : JSON.stringify(body);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${natsSubject}`)));
  socket.write('CONNECT {"verbose":false}\r\nSUB answer 1\r\n');
  socket.write(`PUB ${natsSubject} answer ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
  let output = '';
  try {
    for await (const chunk of socket.setEncoding('utf8')) {
      output += chunk as string;
      const found = /MSG answer 1 (\d+)\r\n/.exec(output);
      const text = found && Buffer.from(output.slice(found.index + found[0].length));
      if (!text || text.length < Number(found[1]) + 2) continue;
      return JSON.parse(text.subarray(0, Number(found[1])).toString('utf8')) as T;
    }
  } finally {
    socket.destroy();
  }
  throw new Error(`the server hung up before it answered ${natsSubject}`);
}

/** Gives a stream more room, as an operator does. @param stream with the namespace */
export async function raiseLimit(url: string, stream: string, maxBytes: number): Promise<void> {
  const { config } = await askServer<{ config: object }>(url, `$JS.API.STREAM.INFO.${stream}`);
  const answer = await askServer<{ error?: object }>(url, `$JS.API.STREAM.UPDATE.${stream}`, {
    ...config,
    max_bytes: maxBytes,
  });
  if (answer.error !== undefined) throw new Error(`the server refused: ${JSON.stringify(answer.error)}`);
}
