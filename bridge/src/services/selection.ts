import { splitTags } from '../registry/tags.ts';

/** What `/services/{rt}?…` asks for. */
export interface Selection {
  readonly type: string;
  /** Tags that the node of a provider must have. */
  readonly tags: readonly string[];
  /** Whether every provider is asked, and not whichever can answer. */
  readonly isAll: boolean;
  /** Arguments for the provider. */
  readonly query: readonly string[];
}

export function selectionOf(type: string, query: readonly string[]): Selection {
  const { tags, rest } = splitTags(query);
  return { type, tags, isAll: rest.some(isAll), query: rest.filter((argument) => !isAll(argument)) };
}

function isAll(argument: string): boolean {
  return argument === 'all' || argument.startsWith('all=');
}
