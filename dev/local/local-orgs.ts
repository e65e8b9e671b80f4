/**
 * Who exists at the simulator of the local stack: its default organizations, and one with as many users as it takes to
 * see an org die that goes on dying.
 */
import { caseSafeId, defaultOrgs, type SimulatorOrg } from '../simulator/orgs.ts';

const initechUsers: readonly [username: string, name: string][] = [
  ['barbara', 'Barbara Liskov'],
  ['dennis', 'Dennis Ritchie'],
  ['donald', 'Donald Knuth'],
  ['frances', 'Frances Allen'],
  ['john', 'John Backus'],
  ['margaret', 'Margaret Hamilton'],
  ['niklaus', 'Niklaus Wirth'],
  ['radia', 'Radia Perlman'],
];

const initech: SimulatorOrg = {
  id: caseSafeId('00D3h00000IniTc'),
  name: 'Initech Supplies',
  users: initechUsers.map(([username, name], index) => ({
    id: caseSafeId(`0053h00000Usr0${index + 1}`),
    username: `${username}@initech.example`,
    name,
    active: true,
  })),
};

export const localOrgs: readonly SimulatorOrg[] = [...defaultOrgs, initech];
