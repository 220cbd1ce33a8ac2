import { type ErrorName, errorTable } from '@radon/bridge/tables';
import { CommandFailure } from './failure.ts';

/** RadonError of the bridge, told by name so that its module is loaded only by commands that need it. */
function isBridgeError(
  error: unknown,
): error is Error & { readonly code: ErrorName; readonly remedy: string } {
  return error instanceof Error && error.name === 'RadonError';
}

/** What the system says, in words, and what helps; `what` is the file or address that it was about. */
const systemErrors: Readonly<Record<string, (what: string) => readonly [sentence: string, remedy: string]>> =
  {
    ENOSPC: (what) => [`There is no space left to write ${what}.`, 'Free some of the disk.'],
    EROFS: (what) => [`${what} is on a disk that cannot be written.`, 'Work in another folder.'],
    EACCES: (what) => [
      `Access to ${what} is denied.`,
      'Look at who owns it, and at its mode; ports below 1024 are for root.',
    ],
    ENOTDIR: (what) => [`A file is in the place of a folder above ${what}.`, 'Move it away.'],
    EEXIST: (what) => [`${what} is a file where a folder is needed.`, 'Move it away.'],
    EMFILE: (what) => [`Too many files are open for ${what}.`, 'Raise the limit (ulimit -n).'],
    EADDRNOTAVAIL: (what) => [
      `${what} is no address of this machine.`,
      '127.0.0.1 is this machine alone, 0.0.0.0 all its networks.',
    ],
    ENOTFOUND: (what) => [`${what} has no address.`, 'Check the name.'],
  };

function describeSystemError(error: NodeJS.ErrnoException): CommandFailure | undefined {
  const { code = '', path, address, hostname } = error as typeof error & Readonly<Record<string, string>>;
  const describe = Object.hasOwn(systemErrors, code) ? systemErrors[code] : undefined;
  const [sentence, remedy] = describe?.(path ?? address ?? hostname ?? 'a file') ?? [];
  return sentence === undefined
    ? undefined
    : new CommandFailure(sentence, { remedy: remedy ?? '', cause: error });
}

/** What any thrown value becomes for the user: sentence, remedy, exit code. */
export function describeFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (isBridgeError(error)) {
    const { remedy, code } = error;
    return new CommandFailure(error.message, { remedy, exitCode: errorTable[code].exit, cause: error });
  }
  if (!(error instanceof Error)) return new CommandFailure(String(error), { cause: error });
  return describeSystemError(error) ?? new CommandFailure(error.message, { cause: error });
}
