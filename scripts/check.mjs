/**
 * Runs the package scripts named on the command line, one after the other, and stops at the first that fails.
 * `a && b && c` would do, but then the name of what failed stands hundreds of lines above the end.
 */
import { spawnSync } from 'node:child_process';

const names = process.argv.slice(2);
const npm = process.env.npm_execpath;
if (npm === undefined) {
  console.error('Run this through npm: npm test');
  process.exit(2);
}

const passed = [];
for (const name of names) {
  console.log(`\n=== ${name} (${passed.length + 1} of ${names.length}) ===`);
  const start = performance.now();
  // npm's own JavaScript file rather than the `npm` command, which on Windows needs a shell.
  const { status, signal, error } = spawnSync(process.execPath, [npm, 'run', '--silent', name], {
    stdio: 'inherit',
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(
      `\nFAILED: ${name} after ${seconds} s (${error?.message ?? signal ?? `exit code ${status}`})`,
    );
    console.error(`Run it alone with: npm run ${name}`);
    process.exit(1);
  }
  passed.push(`${name} ${seconds} s`);
}
console.log(`\nAll ${names.length} checks passed: ${passed.join(', ')}`);
