import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageFailure } from './failure.ts';
import type { Workspace } from './workspace.ts';

/** A range of flash: absolute address and size in bytes. */
export interface FlashSegment {
  readonly address: number;
  readonly size: number;
}

/** Facts of one kind of board (`boards/<board>/board.json`). */
export interface Board {
  readonly name: string;
  readonly title: string;
  readonly flash: { readonly base: number; readonly size: number };
  readonly segments: Readonly<Record<'boot' | 'provisioning' | 'firmware', FlashSegment>>;
  readonly serial: { readonly baud: number };
  readonly emulators: { readonly qemu?: { readonly machine: string } };
}

export const defaultBoard = 'netduinoplus2';

function boardsFolder(workspace: Workspace): string {
  return join(workspace.distribution, 'boards');
}

export function listBoards(workspace: Workspace): readonly Board[] {
  return readdirSync(boardsFolder(workspace))
    .filter((name) => existsSync(join(boardsFolder(workspace), name, 'board.json')))
    .sort()
    .map((name) => loadBoard(workspace, name));
}

/** Throws a usage failure that names the known boards. */
export function loadBoard(workspace: Workspace, name: string): Board {
  const file = join(boardsFolder(workspace), name, 'board.json');
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(file)) {
    const known = readdirSync(boardsFolder(workspace)).filter((entry) =>
      existsSync(join(boardsFolder(workspace), entry, 'board.json')),
    );
    throw usageFailure(`There is no board "${name}".`, `Known boards: ${known.join(', ')}.`);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Board;
}
