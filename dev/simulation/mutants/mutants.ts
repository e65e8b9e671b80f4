/** Wrong edits, each a way to lose a grant or to lie about one. The simulation must catch every one of them. */
import { grantMutants } from './grant-mutants.ts';
import { lifeboatMutants } from './lifeboat-mutants.ts';
import { loginMutants } from './login-mutants.ts';
import type { Mutant } from './mutant.ts';
import { refreshMutants } from './refresh-mutants.ts';
import { spikeMutants } from './spike-mutants.ts';
import { useMutants } from './use-mutants.ts';
import { verdictMutants } from './verdict-mutants.ts';

export const mutants: readonly Mutant[] = [
  ...refreshMutants,
  ...grantMutants,
  ...lifeboatMutants,
  ...verdictMutants,
  ...useMutants,
  ...loginMutants,
  ...spikeMutants,
];
