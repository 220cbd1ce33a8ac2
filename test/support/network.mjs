/** For a process in a network namespace of its own (`unshare --net`): a network with one address that carries multicast. */
import { execFileSync } from 'node:child_process';

export const ownAddress = '10.77.0.1';

export function makeNetwork() {
  const ip = (...args) => execFileSync('ip', args);
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
  ip('addr', 'add', `${ownAddress}/24`, 'dev', 'near');
  ip('link', 'set', 'near', 'up');
  ip('link', 'set', 'far', 'up');
  ip('route', 'add', '224.0.0.0/4', 'dev', 'near');
}
