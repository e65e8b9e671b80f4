// Connects one user on a local stack, as a person would by its pages, so that there is a token to be attacked.
//   node .ci/steps/connect-once.mjs http://127.0.0.1:PORT
// Prints the connection's id; where it is connected already, nobody is sent to Salesforce.
const url = process.argv[2];
const json = { 'content-type': 'application/json' };
const signal = () => AbortSignal.timeout(10_000);

const invitation = JSON.stringify({ app: 'crm', tenant: 'acme', integration: 'contacts' });
const invited = await fetch(`${url}/connect-sessions`, {
  method: 'POST',
  headers: json,
  body: invitation,
  signal: signal(),
});
const { session_id: sessionId, connect_url: link, connection_id: connected } = await invited.json();
if (connected !== undefined) {
  console.log(connected);
  process.exit(0);
}

const opened = await fetch(link, { redirect: 'manual', signal: signal() });
const cookie = opened.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
const authorizeUrl = new URL(opened.headers.get('location'));

const page = await (await fetch(authorizeUrl, { signal: signal() })).text();
const plain = (text) => text.replaceAll('&amp;', '&');
const fields = new URLSearchParams();
for (const [, attributes] of page.matchAll(/<input ([^>]+)>/g)) {
  const [, name] = attributes.match(/\bname="([^"]+)"/) ?? [];
  const [, value = ''] = attributes.match(/\bvalue="([^"]*)"/) ?? [];
  if (name !== undefined && !fields.has(name)) fields.set(name, plain(value));
}
fields.set('decision', 'allow');
const [, action] = page.match(/<form[^>]* action="([^"]+)"/);
const target = new URL(plain(action), authorizeUrl);
const decided = await fetch(target, { method: 'POST', body: fields, redirect: 'manual', signal: signal() });

await fetch(decided.headers.get('location'), {
  headers: { cookie: cookie.join('; ') },
  redirect: 'manual',
  signal: signal(),
});
const session = await (await fetch(`${url}/connect-sessions/${sessionId}`, { signal: signal() })).json();
if (session.status !== 'connected') throw new Error(`The session is ${session.status}, not connected.`);
console.log(session.connection_id);
