/** Its message is all that a person needs: what, where, and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
