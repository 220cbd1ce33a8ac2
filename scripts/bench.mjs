// npm run bench: measures what the project promises and prints each figure beside its goal.
//
//   node scripts/bench.mjs [--json] [loop|boards|atoms|host|coap|proxy|streams|memory|fleet]...
//
// Exit code 1: a goal was missed. Run it on an otherwise idle machine; ratios are taken within one run.
// docs/reference/performance.md says what is measured and how.
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
const program = (name) => [process.execPath, [`test/bench/${name}.mjs`]];
const parts = {
  loop: vitest('loop'),
  boards: vitest('boards'),
  atoms: vitest('atoms'),
  host: program('host'),
  coap: program('coap'),
  proxy: program('proxy'),
  streams: program('streams'),
  memory: program('memory'),
  fleet: vitest('fleet'),
};

let running;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill(signal);
  });
}

/** Runs one part, whose own words are notes; resolves with its exit code. */
function run([command, args]) {
  return new Promise((resolve, reject) => {
    running = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', process.stderr, 'inherit'],
      env: { ...process.env, RADON_BENCH_FILE: file },
    });
    running.once('error', reject);
    running.once('close', resolve);
  });
}

async function measure(name) {
  rmSync(file, { force: true });
  const code = await run(parts[name]);
  const goals = readGoals();
  if (code === 0) return goals;
  return [...goals, { name: `${name} ended with exit code ${code}`, value: '-', unit: '', reached: false }];
}

function readGoals() {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

/** `reached|missed VALUE >= GOAL  what (unit)`; figures without a goal are indented. */
function print({ name, value, unit, goal, bound, reached }) {
  const what = unit === '' ? name : `${name} (${unit})`;
  if (reached === undefined) console.log(`        ${value}  ${what}`);
  else if (goal === undefined) console.log(`missed  ${what}`);
  else
    console.log(
      `${reached ? 'reached' : 'missed '} ${value} ${bound === 'most' ? '<=' : '>='} ${goal}  ${what}`,
    );
}

async function measureAll(names, json) {
  const all = [];
  for (const name of names) {
    if (interrupted) break;
    const goals = await measure(name);
    if (!json) goals.forEach(print);
    all.push(...goals);
  }
  if (json) console.log(JSON.stringify(all));
  const missed = all.filter(({ reached }) => reached === false).length;
  if (!json) console.log(`${all.filter(({ reached }) => reached).length} goals reached, ${missed} missed`);
  process.exitCode = interrupted ? 130 : Math.min(missed, 1);
}

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const unknown = wanted.find((name) => !(name in parts));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}"; there are ${Object.keys(parts).join(', ')}.`);
  process.exitCode = 2;
} else {
  await tellSetupErrors(async () => {
    await setUp('bench');
    mkdirSync(join(root, '.radon', 'bench'), { recursive: true });
    await measureAll(wanted.length > 0 ? wanted : Object.keys(parts), process.argv.includes('--json'));
  });
}
