import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { CommandFailure, usageFailure } from '../failure.ts';

const template = new URL('../../template/project/', import.meta.url);
const templateName = 'radon-project';
/** Where a project keeps the packages it was made with: what it depends on does not change under it. */
const packagesFolder = 'packages';
const packageNames = ['toolchain', 'bridge', 'atoms-as'] as const;

/** The tarball of each package in a folder; throws for one that is not there. */
function findTarballs(folder: string): ReadonlyMap<string, string> {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(
    packageNames.map((name) => {
      const pattern = new RegExp(`^radon-${name}-\\d.*\\.tgz$`);
      const found = files.filter((file) => pattern.test(file)).sort();
      const file = found.at(-1);
      if (file === undefined)
        throw usageFailure(
          `There is no package radon-${name} in ${folder}.`,
          'npm run pack in the repository makes the packages; --from FOLDER says where they are.',
        );
      return [name, file];
    }),
  );
}

/** npm names are stricter than folders. */
function projectName(folder: string): string {
  return (
    basename(folder)
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || templateName
  );
}

/** What fastify asks for; later ones want Node.js 22. */
const overrides = { 'light-my-request': '6.6.0' };

function packageJson(folder: string, tarballs: ReadonlyMap<string, string>): string {
  const names = [...tarballs].sort(([a], [b]) => (a < b ? -1 : 1));
  const devDependencies = Object.fromEntries(
    names.map(([name, file]) => [`@radon/${name}`, `file:${packagesFolder}/${file}`]),
  );
  const manifest = { name: projectName(folder), private: true, type: 'module', devDependencies, overrides };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function createProject(folder: string, from: string): string[] {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new CommandFailure(`${folder} is not empty.`, { remedy: 'Choose another folder.' });
  const tarballs = findTarballs(from);
  mkdirSync(join(folder, packagesFolder), { recursive: true });
  for (const file of tarballs.values()) copyFileSync(join(from, file), join(folder, packagesFolder, file));
  const texts = {
    '.gitignore': readFileSync(new URL('gitignore', template), 'utf8'),
    'README.md': readFileSync(new URL('README.md', template), 'utf8').replace(
      templateName,
      projectName(folder),
    ),
    'package.json': packageJson(folder, tarballs),
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  return [...Object.keys(texts), ...[...tarballs.values()].map((file) => `${packagesFolder}/${file}`)];
}

function init(path: string, from: string | undefined, { workspace, output }: CommandContext): void {
  const folder = resolve(path);
  const files = createProject(folder, resolve(from ?? join(workspace.distribution, 'dist', 'packages')));
  const near = relative(process.cwd(), folder) || '.';
  output.result({ folder, files });
  output.line(near);
  for (const file of files) output.line(`  ${file}`);
  const enter = near === '.' ? '' : `cd ${near}, `;
  output.line(`next: ${enter}npm install, ${invocation} new NAME`);
}

const register: CommandModule = (program, context) => {
  program
    .command('init')
    .description('Make a project outside this repository: it depends on the packages that npm run pack made.')
    .argument('[folder]', 'new or empty', '.')
    .option('--from <folder>', 'where the packages are (default: dist/packages of the repository)')
    .addHelpText('after', `\nExample: ${invocation} init ../my-atoms --from dist/packages`)
    .action((folder: string, options: { from?: string }) => init(folder, options.from, context));
};

export default register;
