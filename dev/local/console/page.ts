/** The console's page. No data is in it: its script fetches that, so the page is the same for everyone. */

/** Own files only; nothing inline. */
export const consoleSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const consolePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Grantkeeper · local console</title>
<link rel="stylesheet" href="/local/console.css">
<script type="module" src="/local/console.js"></script>
</head>
<body>
<header>
  <h1>Grantkeeper</h1>
  <p>Local stack. Salesforce is <span id="salesforce">…</span>. <span id="liveness" role="status">Loading…</span></p>
  <nav aria-label="Elsewhere"><a href="/local/api">API reference</a> <a href="/health">Health as JSON</a> <a href="/local/alerts">Alerts as JSON</a></nav>
</header>
<main>
  <section aria-labelledby="connect-title">
    <h2 id="connect-title">Connect a user</h2>
    <form id="connect">
      <label>App <select name="app" required></select></label>
      <label>Tenant <input name="tenant" value="acme" required pattern="[A-Za-z0-9._\\-]{1,128}"></label>
      <label>Integration <input name="integration" value="crm-sync" required pattern="[A-Za-z0-9._\\-]{1,128}"></label>
      <label class="check"><input type="checkbox" name="reauthorize"> Authorize again</label>
      <button type="submit">Connect a user</button>
    </form>
    <p id="connect-outcome" role="status"></p>
  </section>
  <section aria-labelledby="incidents-title">
    <h2 id="incidents-title">Incidents</h2>
    <p id="verdict" role="status"></p>
    <ol id="incidents" class="plain"></ol>
  </section>
  <section aria-labelledby="plots-title">
    <h2 id="plots-title">Refreshes by org</h2>
    <p class="soft"><span class="key refreshed"></span> refreshed (above the line) <span class="key failed"></span> failed (below) <span class="key died"></span> died (below, wide) <span class="key opened"></span> an incident opens. <span id="plots-scale"></span> <span id="plots-since"></span></p>
    <div id="plots"></div>
  </section>
  <section aria-labelledby="ill-title">
    <h2 id="ill-title">Connections that need a person</h2>
    <ul id="ill" class="plain cards"></ul>
  </section>
  <section aria-labelledby="orgs-title" id="orgs-section">
    <h2 id="orgs-title">Orgs at the simulator</h2>
    <p class="soft">To see an org die: connect its users; deactivate and reactivate it, which ends its sessions, and use all tokens, so that each is refreshed once; then revoke all grants and use one token. A service that is refused says which token was rejected, so a death is found in seconds, and not only when the next refresh is due. The spike comes within a minute.</p>
    <p id="orgs-outcome" role="status"></p>
    <ul id="orgs" class="plain cards"></ul>
  </section>
  <section aria-labelledby="connections-title">
    <h2 id="connections-title">Connections</h2>
    <div class="scroll" tabindex="0" role="group" aria-labelledby="connections-title">
    <table><thead><tr><th scope="col">Connection</th><th scope="col">Status</th><th scope="col">Refreshes</th><th scope="col">Authorized</th><th scope="col">Refreshed</th><th scope="col">Expires</th><th scope="col">Next refresh</th><th scope="col">Used by</th><th scope="col">Owed</th></tr></thead>
    <tbody id="connections"></tbody></table>
    </div>
  </section>
  <section aria-labelledby="grants-title" id="grants-section">
    <h2 id="grants-title">Grants at the simulator</h2>
    <div class="scroll" tabindex="0" role="group" aria-labelledby="grants-title">
    <table><thead><tr><th scope="col">Grant</th><th scope="col">User</th><th scope="col">State</th><th scope="col">Refreshes</th><th scope="col">Since</th><th scope="col">Last used</th></tr></thead>
    <tbody id="grants"></tbody></table>
    </div>
  </section>
  <div class="columns">
    <section aria-labelledby="activity-title">
      <h2 id="activity-title">Refreshes and what else happened</h2>
      <ol id="activity" class="feed" tabindex="0" aria-labelledby="activity-title"></ol>
    </section>
    <section aria-labelledby="alerts-title">
      <h2 id="alerts-title">Alerts</h2>
      <ol id="alerts" class="feed" tabindex="0" aria-labelledby="alerts-title"></ol>
    </section>
  </div>
  <section aria-labelledby="switches-title" id="switches-section">
    <h2 id="switches-title">Switches of the simulator</h2>
    <form id="switches"></form>
    <p id="switches-outcome" role="status"></p>
  </section>
</main>
</body>
</html>
`;
