// Writes every generated table from docs/*.json. `node scripts/generate.mjs --check` only compares.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asAbi } from './generate/assemblyscript.mjs';
import { atomSchema } from './generate/atom-schema.mjs';
import { cAtoms } from './generate/c-atoms.mjs';
import { errorsReference } from './generate/errors-reference.mjs';
import { cAbi, cErrors, cFields } from './generate/firmware.mjs';
import { tsAbi, tsErrors, tsFields } from './generate/typescript.mjs';
import { root } from './root.mjs';

const outputs = {
  'firmware/include/radon/abi.generated.h': cAbi(),
  'firmware/include/radon/fields.generated.h': cFields(),
  'firmware/include/radon/errors.generated.h': cErrors(),
  'bridge/src/tables/abi.generated.ts': tsAbi(),
  'bridge/src/tables/fields.generated.ts': tsFields(),
  'bridge/src/tables/errors.generated.ts': tsErrors(),
  'atoms-as/assembly/abi.generated.ts': asAbi(),
  'atoms-c/include/radon.h': cAtoms(),
  'docs/reference/errors.md': errorsReference(),
  'toolchain/schema/atom.schema.json': `${JSON.stringify(atomSchema(), null, 2)}\n`,
};

let stale = 0;
for (const [path, text] of Object.entries(outputs)) {
  const file = join(root, path);
  if (process.argv.includes('--check')) {
    let current = '';
    try {
      current = readFileSync(file, 'utf8');
    } catch {}
    if (current !== text) {
      stale += 1;
      console.error(`${path} differs from its table; run "npm run generate".`);
    }
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
