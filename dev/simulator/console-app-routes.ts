/**
 * `POST /simulator/app` and `/simulator/register-certificate`: an app's page in Setup, for who reaches the simulator over
 * HTTP only.
 */
import * as z from 'zod';
import { type AppPolicies, certificateOf } from './app-policy-book.ts';
import type { Context } from './endpoint.ts';

/** `{"client_id", "certificates"?, "preauthorized"?, "run_as"?}`: what is not named stays. */
export function changeApp(context: Context, input: unknown): Response {
  const parsed = changeSchema.safeParse(input);
  if (!parsed.success) return refused(parsed.error);
  const { client_id: clientId, run_as: runAs, certificates, preauthorized } = parsed.data;
  const app = context.apps.find((candidate) => candidate.clientId === clientId);
  if (app === undefined) return unknown(clientId);
  const { books } = context;
  books.change(() =>
    books.policies.change(clientId, {
      ...(certificates !== undefined && { certificates }),
      ...(preauthorized !== undefined && { preauthorized }),
      ...(runAs !== undefined && { runAs }),
    }),
  );
  return answer(books.policies.of(app));
}

/** `{"client_id", "certificate"}`: in place of the oldest where there are as many as the switch `certificatesPerApp`. */
export function registerCertificate(context: Context, input: unknown): Response {
  const parsed = uploadSchema.safeParse(input);
  if (!parsed.success) return refused(parsed.error);
  const { client_id: clientId, certificate } = parsed.data;
  const app = context.apps.find((candidate) => candidate.clientId === clientId);
  if (app === undefined) return unknown(clientId);
  const { books, switches } = context;
  books.change(() => books.policies.upload(app, certificate, switches.certificatesPerApp));
  return answer(books.policies.of(app));
}

const text = z.string().min(1).max(500);
const certificate = z
  .string()
  .max(20_000)
  .refine(isCertificate, { error: 'must be an X.509 certificate of an RSA key, as PEM' });

const changeSchema = z.strictObject({
  client_id: text,
  certificates: z.array(certificate).max(2).optional(),
  preauthorized: z.union([z.literal('all'), z.array(text).max(100)]).optional(),
  run_as: z.nullable(text).optional(),
});

const uploadSchema = z.strictObject({ client_id: text, certificate });

function isCertificate(pem: string): boolean {
  try {
    return certificateOf(pem) !== undefined;
  } catch {
    return false;
  }
}

function answer({ runAs, certificates, preauthorized }: AppPolicies) {
  return Response.json({ certificates, preauthorized, run_as: runAs }, { headers: { 'cache-control': 'no-store' } });
}

function refused({ issues: [issue] }: z.ZodError): Response {
  const path = issue === undefined || issue.path.length === 0 ? 'The body' : `"${issue.path.join('.')}"`;
  return Response.json({ error: `${path} is refused: ${issue?.message ?? 'not valid'}.` }, { status: 400 });
}

function unknown(clientId: string): Response {
  return Response.json({ error: `There is no app "${clientId.slice(0, 100)}".` }, { status: 404 });
}
