import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { root } from '../house/repo.ts';
import type { Line } from './served.ts';

/** A server in a process of its own, as it is started for good. */
export interface Started extends AsyncDisposable {
  readonly base: string;
  readonly child: ChildProcess;
  readonly lines: readonly Line[];
  /** Resolves with the exit code, or the signal that has killed it. */
  readonly exit: Promise<number | string>;
}

/** Starts a script that prints where it listens, and JSON. */
export function start(script: string, env: NodeJS.ProcessEnv = {}, ...flags: string[]): Promise<Started> {
  return startNode([...flags, '--import', 'tsx', script], env);
}

/** Starts Node.js with these arguments; it has to find a free port if `PORT` is 0. */
export async function startNode(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Started> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...inherited, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill); // also when a test is given up
  child.once('exit', () => process.off('exit', kill));
  const exit = once(child, 'exit').then(([code, signal]) => code ?? signal);
  const lines: Line[] = [];
  const base = await new Promise<string>((resolve, reject) => {
    exit.then((code) => reject(new Error(`it ended with ${code} before it listened`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const [, address] = /^(?:Listens at|- Local:) +(http\S+)/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
      else if (line.startsWith('{')) lines.push(JSON.parse(line));
    });
  });
  const end = async () => {
    kill();
    await exit;
  };
  return { base, child, lines, exit, [Symbol.asyncDispose]: end };
}
