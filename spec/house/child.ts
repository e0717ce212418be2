import { type ExecFileOptions, execFile } from 'node:child_process';
import { join } from 'node:path';
import { root } from './repo.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** No child may hang the build; an installation may take longer than a program. */
const deadlines = { program: 40_000, installation: 110_000 };

/** Runs Node.js with the given arguments and resolves whatever the exit code is. */
export function node(args: readonly string[], cwd: string): Promise<Outcome> {
  return execute(process.execPath, args, { cwd, timeout: deadlines.program });
}

/** Type-checks and emits with one of the two compilers that the types have to hold on. */
export function tsc(compiler: 'typescript' | 'typescript-5.9', cwd: string): Promise<Outcome> {
  return node([join(root, 'node_modules', compiler, 'bin/tsc'), '--pretty', 'false'], cwd);
}

/** Runs npm: the very npm that runs these specs where there is one, else the one on the path. */
export function npm(args: readonly string[], cwd: string): Promise<Outcome> {
  const options = { cwd, timeout: deadlines.installation };
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) return execute(process.execPath, [cli, ...args], options);
  // A command file of Windows runs in a shell only.
  return process.platform === 'win32'
    ? execute('npm.cmd', args, { ...options, shell: true })
    : execute('npm', args, options);
}

function execute(file: string, args: readonly string[], options: ExecFileOptions): Promise<Outcome> {
  const settings = { ...options, env: environment(), maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' as const };
  return new Promise((resolve) => {
    execFile(file, args, settings, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      const late = error?.killed ? `\nkilled after ${options.timeout} ms` : '';
      resolve({ code, stdout, stderr: stderr + late });
    });
  });
}

/** What the test runner and `npm run` add for their own children would change what these children do. */
function environment(): NodeJS.ProcessEnv {
  const ours =
    /^(npm_(package|lifecycle|command|config_local_prefix)|INIT_CWD$|VITEST|NODE_OPTIONS$|NODE_V8_COVERAGE$|FORCE_COLOR$)/;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}
