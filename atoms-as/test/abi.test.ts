import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const assembly = new URL('../assembly/', import.meta.url);
const abi = JSON.parse(readFileSync(new URL('../../docs/atom-abi.json', import.meta.url), 'utf8')) as {
  readonly functions: readonly { readonly name: string }[];
};

const sources = readdirSync(assembly)
  .filter((name) => name.endsWith('.ts') && name !== 'abi.generated.ts')
  .map((name) => readFileSync(new URL(name, assembly), 'utf8'));

test.each(abi.functions.map(({ name }) => name))('the SDK calls %s', (name) => {
  const used = sources.filter((text) => new RegExp(`(?<![\\w.])(abi\\.)?${name}\\(`).test(text));
  expect(used).not.toEqual([]);
});
