/** Tags of nodes: the configuration gives them, people choose by them (docs/reference/http.md#tags). */

/** Tags by the name of the node. */
export type NodeTags = ReadonlyMap<string, readonly string[]>;

/** Takes the arguments `tag=…` out of a query. */
export function splitTags(query: readonly string[]): {
  readonly tags: readonly string[];
  readonly rest: readonly string[];
} {
  const isTag = (argument: string) => argument.startsWith('tag=');
  return {
    tags: query.filter(isTag).map((argument) => argument.slice('tag='.length)),
    rest: query.filter((argument) => !isTag(argument)),
  };
}

/** Whether there are all wanted tags among those of a node. */
export function hasTags(tags: readonly string[] = [], wanted: readonly string[]): boolean {
  return wanted.every((tag) => tags.includes(tag));
}
