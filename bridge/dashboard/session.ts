/** The token of the address becomes a cookie that scripts cannot read, and leaves the address and the history. */

/** Undefined when the bridge lets this browser in; else what to do, for people. */
export async function openSession(): Promise<string | undefined> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) {
    history.replaceState(null, '', location.pathname);
    await fetch('/session', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  }
  const { status } = await fetch('/session');
  if (status !== 401) return undefined;
  return token === null
    ? 'This bridge asks for a token: open its address with #token=TOKEN at the end.'
    : 'The bridge does not know this token, or no longer.';
}
