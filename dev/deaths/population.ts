/** Orgs and users of a world of deaths, as many as are asked for. */
import { caseSafeId, type SimulatorOrg } from '../simulator/orgs.ts';

export interface Person {
  readonly orgId: string;
  readonly userId: string;
  readonly username: string;
}

export function populate(sizes: readonly number[]): SimulatorOrg[] {
  return sizes.map((size, index) => ({
    id: caseSafeId(`00D${String(index + 1).padStart(12, '0')}`),
    name: `Org ${index + 1}`,
    users: Array.from({ length: size }, (_, user) => ({
      id: caseSafeId(`005${String(index * 1_000 + user + 1).padStart(12, '0')}`),
      username: `user${user + 1}@org${index + 1}.example`,
      name: `User ${user + 1}`,
      active: true,
    })),
  }));
}

export function peopleOf({ id, users }: SimulatorOrg): Person[] {
  return users.map((user) => ({ orgId: id, userId: user.id, username: user.username }));
}
