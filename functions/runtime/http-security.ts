/**
 * Security headers of every answer, and the content security policy of pages: nothing but the page's own style, which
 * is named by its hash. Our pages hold no script, no form, no image and no frame.
 *
 * Source: https://www.w3.org/TR/CSP3/ and the OWASP secure headers project.
 */
import { createHash } from 'node:crypto';
import type { MiddlewareObj } from '@middy/core';
import httpSecurityHeaders from '@middy/http-security-headers';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Answer } from './http-answer.ts';

const oneYearSeconds = 31_536_000;

export function securityHeaders(): MiddlewareObj<APIGatewayProxyEventV2, Answer> {
  const kept = httpSecurityHeaders({
    // Made below, which knows the page.
    contentSecurityPolicy: false,
    strictTransportSecurity: { maxAge: oneYearSeconds, includeSubDomains: false, preload: false },
    // For pages with scripts, images and frames, of which ours have none; in every token answer they would be ballast.
    permissionsPolicy: false,
    originAgentCluster: false,
    reportTo: false,
    reportingEndpoints: false,
    dnsPrefetchControl: false,
    downloadOptions: false,
    permittedCrossDomainPolicies: false,
  }) as MiddlewareObj<APIGatewayProxyEventV2, Answer>;
  return {
    async after(request) {
      await kept.after?.(request);
      complete(request.response);
    },
    async onError(request) {
      await kept.onError?.(request);
      complete(request.response);
    },
  };
}

function complete(answer: Answer | null | undefined): void {
  if (answer?.headers === undefined) return;
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const isPage = headers['content-type']?.startsWith('text/html') ?? false;
  headers['content-security-policy'] = contentSecurityPolicy(isPage ? answer.body : undefined);
  answer.headers = headers;
}

/** @param html a page whose head may hold one `<style>` */
function contentSecurityPolicy(html?: string): string {
  const style = html === undefined ? undefined : styleOf(html);
  const styleSource =
    style === undefined ? "'none'" : `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
  return [
    "default-src 'none'",
    `style-src ${styleSource}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Only the head's first: nothing that a request says stands before it, so no text of a stranger gets a hash. */
function styleOf(html: string): string | undefined {
  const headEnd = html.indexOf('</head>');
  return /<style>([\s\S]*?)<\/style>/.exec(html.slice(0, Math.max(headEnd, 0)))?.[1];
}
