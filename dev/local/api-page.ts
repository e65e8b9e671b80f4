/** `/local/api`: `docs/openapi.yaml` rendered by swagger-ui, all of it from this machine. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServedFile } from './served-file.ts';

/** swagger-ui styles its elements in place and carries its icons as data. */
const apiSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Grantkeeper · API reference</title>
<link rel="stylesheet" href="/local/api/swagger-ui.css">
</head>
<body>
<p><a href="/">Back to the console</a></p>
<div id="swagger-ui">Loading…</div>
<script src="/local/api/swagger-ui-bundle.js"></script>
<script src="/local/api/start.js"></script>
</body>
</html>
`;

const startScript = `SwaggerUIBundle({ url: '/local/api/openapi.yaml', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n`;

const packageFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const contract = new URL('../../docs/openapi.yaml', import.meta.url);

/** The file at a path, or `undefined` where there is none. */
export async function apiFile(path: string): Promise<ServedFile | undefined> {
  switch (path) {
    case '/local/api':
      return { type: 'text/html; charset=utf-8', body: page, securityPolicy: apiSecurityPolicy };
    case '/local/api/start.js':
      return { type: 'text/javascript; charset=utf-8', body: startScript };
    case '/local/api/openapi.yaml':
      return { type: 'application/yaml', body: await readFile(contract) };
    case '/local/api/swagger-ui.css':
      return { type: 'text/css; charset=utf-8', body: await readFile(join(packageFolder, 'swagger-ui.css')) };
    case '/local/api/swagger-ui-bundle.js':
      return {
        type: 'text/javascript; charset=utf-8',
        body: await readFile(join(packageFolder, 'swagger-ui-bundle.js')),
      };
    default:
      return undefined;
  }
}
