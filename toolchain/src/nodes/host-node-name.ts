/** The host node's name in a project. */
export const hostNodeName = 'bridge';
