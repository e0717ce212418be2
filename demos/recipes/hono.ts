/** Hono on Node.js: `npx tsx demos/recipes/hono.ts`, then POST { "text": "stressed" } to /pairs. */
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { answerTo, HttpError } from '../server/answers.ts';
import { endsWithGrace } from './ends.ts';
import { pipeline } from './graph.ts';

const app = new Hono();

app.use(bodyLimit({ maxSize: 16_384, onError: () => Promise.reject(new HttpError(413, 'too large')) }));

app.post('/pairs', async ({ req, json }) => {
  // The signal of a web request is aborted when its client goes.
  const signal = AbortSignal.any([req.raw.signal, AbortSignal.timeout(2000)]);
  const input = await req.json().catch(() => Promise.reject(new HttpError(400, 'the body is no JSON')));
  const { pair } = await pipeline.call(input, { signal });
  return json(pair[0]);
});

app.notFound(() => Promise.reject(new HttpError(404, 'no such route')));
app.onError((error) => {
  const { status, headers, body } = answerTo(error);
  return Response.json(body, { status, headers });
});

const server = serve(
  { fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) },
  ({ port }) => console.log(`Listens at http://127.0.0.1:${port}`),
);
endsWithGrace(server as Server); // over HTTP/1, as long as it is not told otherwise
