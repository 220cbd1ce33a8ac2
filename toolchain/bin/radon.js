#!/usr/bin/env node
// Committed launcher: `npm ci` links a bin only if the file exists before the build.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  const { run } = await import(main.href);
  await run(process.argv.slice(2));
} else {
  console.error(
    'radon: the toolchain is not built yet.\n  Run "npm run build" in the root of the repository.',
  );
  process.exitCode = 3;
}
