import { once } from 'node:events';
import type { Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { listen, type Served } from '../../lib/viewer/http.ts';

describe('an error of the server', () => {
  const open: Server[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) {
      server.close();
      await once(server, 'close');
    }
  });

  async function served(): Promise<Server> {
    const at = { port: 0, host: '127.0.0.1', token: undefined };
    const { server } = await listen(at, { assets: new Map() } as unknown as Served);
    open.push(server);
    return server;
  }

  const failure = (code: string) => Object.assign(new Error(`accept ${code}`), { code });

  it('ends nothing and is told as a warning, once for each code', async () => {
    const server = await served();
    const warnings: Error[] = [];
    const listener = (warning: Error) => warnings.push(warning);
    process.on('warning', listener);

    try {
      for (let n = 0; n < 5; n++) server.emit('error', failure('EMFILE'));
      server.emit('error', failure('ENFILE'));
      const last = once(process, 'warning');
      process.emitWarning('the last one');
      await last;
      while (warnings.at(-1)?.message !== 'the last one') await once(process, 'warning');
    } finally {
      process.off('warning', listener);
    }

    expect(warnings.slice(0, -1)).toMatchObject([
      { name: 'SluiceViewerWarning', message: expect.stringContaining('accept EMFILE') },
      { name: 'SluiceViewerWarning', message: expect.stringContaining('accept ENFILE') },
    ]);
    expect(server.listening).toBe(true);
  });
});
