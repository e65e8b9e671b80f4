/** IAM of the emulator, by its query protocol: the AWS SDK's client would be a dependency for six calls. */
import { administrator } from './aws-environment.ts';
import { requestSigned } from './signed-request.ts';

export interface IamOptions {
  readonly endpoint: string;
  /** PEM of the certificate to trust. */
  readonly certificate: string;
}

/** @returns the answer, in XML. Throws where IAM refuses. */
export async function iam({ endpoint, certificate }: IamOptions, parameters: Record<string, string>): Promise<string> {
  const answer = await requestSigned(
    {
      method: 'POST',
      url: new URL(endpoint),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...parameters, Version: '2010-05-08' }).toString(),
      certificate,
    },
    'iam',
    administrator,
  );
  if (answer.status === 200) return answer.body;
  throw new Error(`IAM refused ${parameters.Action} with ${answer.status}: ${answer.body.slice(0, 500)}`);
}

/** The texts of all elements of a name; what IAM answers here nests none of them in its own kind. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => unescapeXml(text));
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#x27;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
