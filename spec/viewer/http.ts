import { type IncomingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Question {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks a viewer; of what never ends, only how it begins. */
export function ask(
  url: string,
  { path = '/', method = 'GET', headers = {}, body }: Question = {},
): Promise<Answer> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, path, method, headers }, (response) => {
      const { statusCode: status = 0, headers: told } = response;
      if (told['content-type'] === 'text/event-stream') {
        response.destroy();
        resolve({ status, headers: told, body: '' });
        return;
      }
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status, headers: told, body: text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
