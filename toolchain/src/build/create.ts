import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { abiLimits } from '@radon/bridge/tables';
import { CommandFailure, usageFailure } from '../failure.ts';
import { shown } from './project.ts';

/** The atom every new one starts from; itself an atom with a test. */
const template = new URL('../../template/counter/', import.meta.url);
const templateName = 'counter';
const namePattern = /^[a-z][a-z0-9-]*$/;
const schemaInPackages = join('node_modules', '@radon', 'toolchain', 'schema', 'atom.schema.json');

/**
 * Makes an atom's folder with code, configuration and test; answers the names of its files. The folder may be there
 * when it is empty.
 */
export function createAtom(path: string, name: string): string[] {
  const folder = resolve(path);
  if (!namePattern.test(name) || name.length > abiLimits.nameBytes) {
    throw usageFailure(
      `"${name}" cannot be the name of an atom.`,
      `Use up to ${abiLimits.nameBytes} lower-case letters, digits and hyphens, a letter first.`,
    );
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new CommandFailure(`${shown(folder)} is there already.`, {
      remedy: 'Choose another name or folder.',
    });
  }
  mkdirSync(folder, { recursive: true });
  const files = readdirSync(template).sort();
  for (const file of files) {
    const text = readFileSync(new URL(file, template), 'utf8');
    writeFileSync(join(folder, file), adapt(file, text, folder, name));
  }
  return files;
}

/** The template's text for another atom. Code and tests name no atom. */
function adapt(file: string, text: string, folder: string, name: string): string {
  if (file.endsWith('.ts')) return text;
  const renamed = text.replaceAll(templateName, name);
  const schema = file === 'atom.json' ? findSchema(folder) : undefined;
  return schema === undefined
    ? renamed
    : renamed.replace('{\n', `{\n  "$schema": ${JSON.stringify(schema)},\n`);
}

/** The schema an editor checks atom.json with, relative to the atom; undefined outside a project that has it. */
function findSchema(folder: string): string | undefined {
  for (let place = folder; place !== dirname(place); place = dirname(place)) {
    const file = join(place, schemaInPackages);
    if (existsSync(file)) return relative(folder, file).replaceAll('\\', '/');
  }
  return undefined;
}
