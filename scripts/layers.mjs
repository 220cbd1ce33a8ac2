// Checks that dependencies point inward: which folder may include or import which.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { root } from './root.mjs';

/** C components and what they may include besides themselves, base and the generated tables. */
const firmware = {
  base: [],
  link: [],
  store: [],
  engine: ['port.h'],
  trust: ['store'],
  coap: ['link'],
  runtime: ['coap', 'link', 'store', 'engine', 'trust', 'port.h'],
  app: ['runtime', 'coap', 'link', 'store', 'engine', 'trust', 'port.h'],
};

/** Folders of the bridge that are pure: no `node:*`, nothing outside. */
const pure = [
  'coap',
  'load',
  'image',
  'senml',
  'wasm',
  'tables',
  'fields',
  'problem',
  'format',
  'message',
  'pattern',
  'snapshot',
];
const allowedPackages = {
  coap: ['cborg'],
  problem: ['cborg'],
  image: ['cborg'],
  senml: ['cborg'],
  fields: ['cborg'],
};

/** Folders of the bridge and what they may import besides themselves and the pure ones. */
const bridge = {
  link: [],
  crypto: [],
  process: [],
  access: [],
  storage: [],
  registry: [],
  cache: ['registry'],
  services: ['registry'],
  history: ['registry'],
  device: ['link', 'registry'],
  atoms: ['registry', 'crypto', 'process'],
  http: ['registry', 'access', 'services', 'history'],
  router: ['registry', 'device', 'link'],
  directory: ['router', 'storage'],
  'coap-face': ['registry', 'device', 'directory', 'link', 'router', 'services'],
  server: [
    'access',
    'coap-face',
    'directory',
    'http',
    'cache',
    'history',
    'device',
    'registry',
    'services',
    'router',
    'atoms',
    'link',
    'crypto',
    'process',
    'storage',
  ],
};

const problems = [];

function files(folder, pattern) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
}

function checkC(component, file) {
  const text = readFileSync(join(root, file), 'utf8');
  for (const [, target] of text.matchAll(/#include "radon\/([^"]+)"/g)) {
    const [first] = target.split('/');
    const isTable = /\.generated\.h$|^config\.h$/.test(target);
    if (isTable || first === component || first === 'base' || firmware[component].includes(first)) continue;
    problems.push(
      `${file} includes radon/${target}; ${component} may use base, ${firmware[component].join(', ')}`,
    );
  }
  if (component !== 'engine' && /#include [<"](wasm_|bh_|platform_common)/.test(text))
    problems.push(`${file} includes interpreter headers; only engine may`);
}

for (const component of Object.keys(firmware)) {
  for (const base of ['firmware/src', 'firmware/include/radon']) {
    for (const file of files(join(base, component), /\.[ch]$/)) checkC(component, file);
  }
}

function checkTypeScript(file) {
  const [, , component] = file.split('/');
  const text = readFileSync(join(root, file), 'utf8');
  for (const [statement, target] of text.matchAll(
    /(?:^|\n)(?:import|export)[^'";]*?from\s*'([^']+)'|import\('([^']+)'\)/g,
  )) {
    if (!/^\s*import type/.test(statement)) checkImport(file, component, target ?? '');
  }
}

function checkImport(file, component, target) {
  const isPure = pure.includes(component);
  if (!target.startsWith('.')) {
    if (isPure && !(allowedPackages[component] ?? []).includes(target))
      problems.push(`${file} imports ${target}; ${component} is pure`);
    return;
  }
  const [, , other] = relative(root, resolve(root, dirname(file), target)).split('/');
  if (other === component || other.endsWith('.ts') || pure.includes(other)) return;
  // The port of links and its clock are pure, their adapters are not.
  const isPort = ['coap', 'load'].includes(component) && /\/link\/(link|clock)\.ts$/.test(target);
  if (!isPort && !(bridge[component] ?? []).includes(other))
    problems.push(`${file} imports ${target}; ${component} may not use ${other}`);
}

for (const file of files('bridge/src', /\.ts$/)) {
  const isTop = file.split('/').length === 3;
  if (!isTop && !/\.(test|contract|system\.test)\.ts$/.test(file)) checkTypeScript(file);
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
