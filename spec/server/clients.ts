import { type ClientRequest, type IncomingMessage, request } from 'node:http';

/** An answer whose headers have come; its body is read at the client's pace, or not at all. */
export async function opened(url: string, headers: Record<string, string> = {}): Promise<Open> {
  const sent = request(url, { headers });
  sent.end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject);
  });
  sent.on('error', () => {});
  response.on('error', () => {});
  return { request: sent, response };
}

export interface Open {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
}

/** Resolves when the condition holds. It is asked again and again; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause();
}

/** Resolves when the number has stayed the same for many looks in a row. */
export async function steady(number: () => number, looks = 40): Promise<number> {
  for (let same = 0, seen = number(); ; ) {
    await pause();
    const now = number();
    same = now === seen ? same + 1 : 0;
    seen = now;
    if (same === looks) return now;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
}

/** Sends an order and hangs up: with half of it, or all of it, on its way. Resolves when the connection is gone. */
export function cutOff(port: number, path: string, body: string, isHalf: boolean): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request({ port, host: '127.0.0.1', path, method: 'POST', headers });
  return new Promise((resolve) => {
    sent.on('error', () => {}).once('close', resolve);
    sent.write(isHalf ? body.slice(0, body.length / 2) : body, () => setImmediate(() => sent.destroy()));
  });
}
