/**
 * Secrets that a text gives away by their shape: what strangers write (Salesforce's error descriptions, a deployer's
 * function) is rid of them before it is stored or shown, and every line of a log before it is written.
 *
 * Shapes: Salesforce's tokens and codes, JWT and JWE (RFC 7519, RFC 7516), headers and parameters that carry them.
 */
const redacted = '[redacted]';

const parameterNames =
  'access_token|refresh_token|id_token|rejected_token|token|code|code_verifier|client_secret|client_assertion|assertion|state|signature|claim|secret|password';

/** In this order: a whole header or parameter first, then what gives itself away by its shape. */
const secretShapes: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=!-]+/gi, `$1 ${redacted}`],
  [/\b((?:set-)?cookie|authorization)(\\?["']?\s*[:=]\s*)[^\r\n]+/gi, `$1$2${redacted}`],
  [new RegExp(`\\b(${parameterNames})(=|%3D)[^&\\s"'<>]*`, 'gi'), `$1$2${redacted}`],
  [new RegExp(`(\\\\?["'])(${parameterNames})\\1\\s*:\\s*\\\\?["'][^"']*`, 'gi'), `$1$2$1:"${redacted}`],
  [/(\/connect\/)(?!\{secret\})[^/?#\s"'<>]+/g, `$1${redacted}`],
  // Salesforce: session ids (org id, exclamation mark, key), refresh tokens (5Aep…), authorization codes (aPrx…).
  [/00D[A-Za-z0-9]{9,15}(?:!|%21)[A-Za-z0-9._%~+/=-]*/g, redacted],
  [/\b5Aep[A-Za-z0-9._%-]{12,}/g, redacted],
  [/\baPrx[A-Za-z0-9._%=-]{8,}/g, redacted],
  // JWS (three parts) and compact JWE (five, the second empty with `dir`), whole or cut off: the header is JSON.
  [/\be(?:yJ|yA|wo|wk|w0)[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){1,4}/g, redacted],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
];

/** Whole texts only: a secret that was cut off before may look like none. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const [shape, replacement] of secretShapes) clean = clean.replace(shape, replacement);
  return clean;
}
