import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const versions = '/usr/lib/postgresql'; // where Debian puts them

/** The folder of Postgres's programs, if it is installed. */
export function postgresBin(): string | undefined {
  if (!existsSync(versions)) return undefined;
  return readdirSync(versions)
    .map((version) => join(versions, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

export interface Postgres extends AsyncDisposable {
  readonly url: string;
}

/** A server of its own in a temporary folder, on a free port of the loopback. */
export async function startPostgres(bin: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const owner = ownerFor(folder);
  execFileSync(join(bin, 'initdb'), ['-D', folder, '-A', 'trust', '-U', 'tester'], {
    ...owner,
    stdio: 'ignore',
  });
  const port = await freePort();
  const args = ['-D', folder, '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-F'];
  const server = spawn(join(bin, 'postgres'), args, { ...owner, stdio: ['ignore', 'ignore', 'pipe'] });
  const end = async () => {
    if (server.exitCode === null && server.kill('SIGINT')) await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: server.stderr })) {
    if (line.includes('ready to accept connections')) break;
  }
  server.stderr.resume();
  return { url: `postgres://tester@127.0.0.1:${port}/postgres`, [Symbol.asyncDispose]: end };
}

/** Postgres refuses to run as root: then it runs as the user that its package has made. */
function ownerFor(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'])));
  if (uid === undefined || gid === undefined) return {};
  chownSync(folder, uid, gid);
  return { uid, gid };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
