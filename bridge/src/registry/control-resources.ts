/** Resources of a node, with all below them, that unsafe methods control it by: the right `admin` is needed. */
export const controlResources: readonly string[] = ['atoms', 'images', 'firmware', 'keys', 'lease', 'time'];
