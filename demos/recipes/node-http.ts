/** Plain `node:http`: `npx tsx demos/recipes/node-http.ts`, then POST { "text": "stressed" } to /pairs. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { answerTo, HttpError } from '../server/answers.ts';
import { lifeOf } from '../server/life.ts';
import { endsWithGrace } from './ends.ts';
import { pipeline } from './graph.ts';

const server = createServer(async (request, response) => {
  try {
    const body = await handle(request, response);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  } catch (error) {
    const { status, headers, body } = answerTo(error);
    response.writeHead(status, headers).end(JSON.stringify(body));
  }
});

async function handle(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if (request.method !== 'POST' || request.url !== '/pairs') throw new HttpError(404, 'no such route');
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (!(length <= 16_384)) throw new HttpError(413, 'too large, or of unknown length');
  const signal = lifeOf(response, 2000);
  const input = await json(request).catch(() => {
    throw new HttpError(400, 'the body is no JSON');
  });
  return (await pipeline.call(input as never, { signal })).pair[0]; // the inlet checks what it is
}

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`Listens at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
endsWithGrace(server);
