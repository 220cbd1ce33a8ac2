// npm run bench: measures what the project promises and prints each figure beside its goal.
//
//   node scripts/bench.mjs [--json] [loop|boards|atoms|coap|proxy|host]...
//
// Exit code 1: a goal was missed. Run it on an otherwise idle machine; ratios are taken within one run.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';
import { setUp, tellSetupErrors } from './setup.mjs';

const file = join(root, '.radon', 'bench', 'goals.jsonl');
const vitest = (name) => [
  join(root, 'node_modules/.bin/vitest'),
  ['run', '--project', 'bench', `test/bench/${name}.bench.ts`],
];
const program = (name) => [process.execPath, [`test/bench/${name}.mjs`, '--json']];
const parts = {
  loop: vitest('loop'),
  boards: vitest('boards'),
  atoms: vitest('atoms'),
  coap: program('coap'),
  proxy: program('proxy'),
  host: program('host'),
};

/** Runs one part; resolves with its exit code and what it printed. */
function run([command, args], quiet) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, RADON_BENCH_FILE: file },
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (!quiet) process.stderr.write(chunk);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** The goals a part recorded: JSON lines of the vitest parts, or the last line of a program. */
function goalsOf(name, output) {
  if (parts[name][0] === process.execPath) {
    const { goals, results } = JSON.parse(output.trim().split('\n').at(-1));
    const figures = results.map((result) => ({
      name: `${name} ${result.method ?? ''} ${result.server}`,
      value: `${result.perSecond}/s, ${result.cpuUsPerRequest} µs CPU each`,
      unit: '',
    }));
    return [...figures, ...goals.map((goal) => ({ ...goal, unit: '× floor' }))];
  }
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function measure(name, json) {
  rmSync(file, { force: true });
  const { code, output } = await run(parts[name], json || parts[name][0] === process.execPath);
  try {
    return goalsOf(name, output);
  } catch {
    return [
      { name: `${name} ended with exit code ${code}`, value: Number.NaN, unit: '', goal: 0, reached: false },
    ];
  }
}

/** `reached|missed VALUE GOAL  what (unit)`; figures without a goal are indented. */
function print({ name, value, unit, goal, reached }) {
  const what = unit === '' ? name : `${name} (${unit})`;
  if (goal === undefined) console.log(`        ${value}  ${what}`);
  else console.log(`${reached ? 'reached' : 'missed'} ${value} ${goal}  ${what}`);
}

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const json = process.argv.includes('--json');
const unknown = wanted.find((name) => !(name in parts));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}"; there are ${Object.keys(parts).join(', ')}.`);
  process.exitCode = 2;
} else {
  await tellSetupErrors(async () => {
    await setUp('bench');
    mkdirSync(join(root, '.radon', 'bench'), { recursive: true });
    const all = [];
    for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) {
      const goals = await measure(name, json);
      if (!json) goals.forEach(print);
      all.push(...goals);
    }
    if (json) console.log(JSON.stringify(all));
    process.exitCode = all.some((goal) => goal.reached === false) ? 1 : 0;
  });
}
