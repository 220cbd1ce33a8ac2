// npm run help: every script and what it is for.
const scripts = [
  ['npm start', 'set up, build, boot an emulated STM32, push an atom, open the bridge'],
  ['npm start -- --once', 'the same, makes each printed request itself and ends'],
  ['npm test', 'set up, then run everything that can be tested without hardware'],
  ['npm run check', 'format, lint, types, generated files, dependency rules, unit tests'],
  ['npm run bench', 'measure what the project promises; exit code 1 when a goal is missed'],
  ['npm run build', 'compile the TypeScript'],
  ['npm run build:firmware', 'compile the firmware for every target'],
  ['npm run pack', 'make the packages as tarballs in dist/packages, for projects elsewhere'],
  ['npm run generate', 'write the tables of C, TypeScript and AssemblyScript from docs/*.json'],
  ['npm run lint', 'check format and lint'],
  ['npm run format', 'mend format and lint'],
  ['npm run test:unit', 'unit tests alone'],
  ['npm run test:conformance', 'the behaviour suite on POSIX device, emulated device and host'],
  [
    'npm run test:mutants',
    'break the runtimes in one place after the other; the behaviour suite must notice',
  ],
  ['npx --no-install radon --help', 'the command'],
];
const width = Math.max(...scripts.map(([name]) => name.length));
for (const [name, text] of scripts) console.log(`${name.padEnd(width)}  ${text}`);
