import { type ErrorName, errorTable } from '@radon/bridge/tables';
import { CommandFailure } from './failure.ts';

/** RadonError of the bridge, told by name so that its module is loaded only by commands that need it. */
function isBridgeError(
  error: unknown,
): error is Error & { readonly code: ErrorName; readonly remedy: string } {
  return error instanceof Error && error.name === 'RadonError';
}

/** What any thrown value becomes for the user: sentence, remedy, exit code. */
export function describeFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (isBridgeError(error)) {
    const { remedy, code } = error;
    return new CommandFailure(error.message, { remedy, exitCode: errorTable[code].exit, cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CommandFailure(message, { cause: error });
}
