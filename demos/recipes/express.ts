/** Express 5: `npx tsx demos/recipes/express.ts`, then POST { "text": "stressed" } to /pairs. */
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { answerTo, HttpError } from '../server/answers.ts';
import { lifeOf } from '../server/life.ts';
import { endsWithGrace } from './ends.ts';
import { pipeline } from './graph.ts';

const app = express();
app.use(express.json({ limit: '16kb' }));

// Express 5 hands what an async handler rejects with to the error handler.
app.post('/pairs', async (request, response) => {
  const { pair } = await pipeline.call(request.body, { signal: lifeOf(response, 2000) });
  response.json(pair[0]);
});

app.use(() => {
  throw new HttpError(404, 'no such route');
});

const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
  const { status, headers, body } = answerTo(error);
  response.status(status).set(headers).json(body);
};
app.use(answerError);

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`Listens at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
endsWithGrace(server);
