/**
 * What `npx grantkeeper` says where it could not do what it was asked: what failed, where, and what to look at.
 *
 * Of a store's error the cause is named by its code only: the SDK's own words may quote an item.
 */

/** Their message is all that a person needs. */
const ownErrors: readonly string[] = ['CommandError', 'ConfigurationError'];

/** @param env of the process: where AWS is looked for */
export function failureWords(error: unknown, env: NodeJS.ProcessEnv): string {
  if (!(error instanceof Error)) return String(error);
  if (ownErrors.includes(error.name)) return error.message;
  return [`${error.name}: ${error.message}`, ...hintOf(rootOf(error), env)].join('\n');
}

const causesAtMost = 10;

function rootOf(error: Error): Error {
  let root = error;
  for (let depth = 0; depth < causesAtMost && root.cause instanceof Error; depth += 1) root = root.cause;
  return root;
}

const unreachable: readonly unknown[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
];
const noCredentials: readonly string[] = [
  'CredentialsProviderError',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
];

function hintOf(root: Error & { readonly code?: unknown }, env: NodeJS.ProcessEnv): string[] {
  const { name, message, code } = root;
  const region = env.AWS_REGION === undefined ? 'the region of your profile' : `the region ${env.AWS_REGION}`;
  if (noCredentials.includes(name)) return ['Sign in to AWS, or name a profile with AWS_PROFILE.'];
  if (/region is missing/i.test(message)) return ['Name the region of the stack with AWS_REGION.'];
  if (name === 'ResourceNotFoundException' || /^There is no such table/.test(message)) {
    return [
      `It was looked for in ${region}. Compare the name with the stack's outputs, and AWS_REGION with its region.`,
    ];
  }
  if (!unreachable.includes(code) && name !== 'TimeoutError') return [];
  const where = env.AWS_ENDPOINT_URL ? `${env.AWS_ENDPOINT_URL} (AWS_ENDPOINT_URL)` : `AWS in ${region}`;
  return [
    `${where} could not be reached (${unreachable.includes(code) ? code : name}). Look at the network and at what is named there, then run the command again.`,
  ];
}
