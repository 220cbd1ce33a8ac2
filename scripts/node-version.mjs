// What scripts need before anything else. Old syntax, so that a too old Node.js gets a sentence and no stack trace.
const oldest = [20, 19];

/** A sentence for people where this Node.js is too old; undefined where it will do. */
export function nodeVersionProblem() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return undefined;
  return `Radon needs Node.js ${oldest.join('.')} or newer; this is ${process.versions.node}.`;
}
