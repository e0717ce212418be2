/** How long the work for one request may go on: until its client has gone, or its time is up. */
import type { ServerResponse } from 'node:http';

/**
 * A signal that is aborted when the connection closes before the answer is out, or after `deadline` ms.
 *
 * It listens to the response: the request closes as soon as its body has been read, so a signal made from that one is
 * aborted at once for every POST.
 */
export function lifeOf(response: ServerResponse, deadline?: number): AbortSignal {
  const controller = new AbortController();
  const late = () => controller.abort(new DOMException(`no answer within ${deadline} ms`, 'TimeoutError'));
  const timer = deadline === undefined ? undefined : setTimeout(late, deadline);
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) controller.abort(new DOMException('the client has gone', 'AbortError'));
  });
  return controller.signal;
}
