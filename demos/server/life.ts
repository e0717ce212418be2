/** How long the work for one request may go on: until its client has gone, or its time is up. */
import type { ServerResponse } from 'node:http';

/**
 * Calls `abort` with the reason when the connection closes before the answer is out, or after `deadline` ms.
 *
 * It listens to the response: the request of a POST closes as soon as its body has been read.
 */
export function whenOver(
  response: ServerResponse,
  deadline: number | undefined,
  abort: (reason: DOMException) => void,
): void {
  const late = () => abort(new DOMException(`no answer within ${deadline} ms`, 'TimeoutError'));
  const timer = deadline === undefined ? undefined : setTimeout(late, deadline);
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) abort(new DOMException('the client has gone', 'AbortError'));
  });
}

/** The same as a signal. */
export function lifeOf(response: ServerResponse, deadline?: number): AbortSignal {
  const controller = new AbortController();
  whenOver(response, deadline, (reason) => controller.abort(reason));
  return controller.signal;
}
