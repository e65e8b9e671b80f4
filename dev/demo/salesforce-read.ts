/** What both sides' integrations do with an access token: read a small resource of Salesforce's REST API. */
export const requestTimeoutMs = 15_000;

/** Answers the HTTP status. */
export async function readFromSalesforce(instanceUrl: string, accessToken: string): Promise<number> {
  const response = await fetch(new URL('/services/data/v62.0/limits', instanceUrl), {
    headers: { authorization: `Bearer ${accessToken}` },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  await response.body?.cancel();
  return response.status;
}
