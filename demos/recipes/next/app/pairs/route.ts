/** A route handler of Next's app router: POST { "text": "stressed" } to /pairs. Run: npx next dev demos/recipes/next */
import { answerTo, HttpError } from '../../../../server/answers.ts';
import { pipeline } from '../../../graph.ts';

export async function POST(request: Request): Promise<Response> {
  try {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(2000)]);
    const input = await request.json().catch(() => Promise.reject(new HttpError(400, 'the body is no JSON')));
    const { pair } = await pipeline.call(input, { signal });
    return Response.json(pair[0]);
  } catch (error) {
    const { status, headers, body } = answerTo(error);
    return Response.json(body, { status, headers });
  }
}
