import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { parseCommandLine } from '../../cli/command-line.ts';
import { problems } from '../../functions/core/problem.ts';
import { routes } from '../../functions/core/routes.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { loadContract } from '../support/openapi.ts';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })];

describe('the prose', () => {
  for (const page of pages) {
    it(`of ${page} links only to files that exist`, () => {
      const dangling = linksOf(read(page)).filter((link) => !existsSync(join(root, dirname(page), link)));
      assert.deepEqual(dangling, []);
    });

    it(`of ${page} links only to headings that exist`, () => {
      const dangling = anchorsOf(read(page)).filter(({ target, anchor }) => {
        const file = target === '' ? page : join(dirname(page), target);
        return file.endsWith('.md') && !headingsOf(read(file)).includes(anchor);
      });
      assert.deepEqual(dangling, []);
    });

    it(`of ${page} names only npm scripts that exist`, () => {
      const unknown = scriptsOf(read(page)).filter((script) => !Object.hasOwn(packageJson.scripts, script));
      assert.deepEqual(unknown, []);
    });

    it(`of ${page} names only routes that exist`, () => {
      const known = new Set(routes.map(({ method, path }) => `${method} ${shapeOf(path)}`));
      // Decisions may abbreviate.
      const unknown = routesOf(read(page)).filter((route) => !route.includes('…') && !known.has(route));
      assert.deepEqual(unknown, []);
    });
  }

  for (const page of pages) {
    it(`of ${page} gives npx grantkeeper only what it takes`, () => {
      for (const args of commandsOf(read(page))) {
        assert.notEqual(parseCommandLine(args).kind, 'wrong', args.join(' '));
      }
    });
  }

  it('sends in the README only bodies that the contract takes', async () => {
    const contract = await loadContract();
    const sent = postedBodies(read('README.md'));
    assert.ok(sent.some(({ path }) => path === '/connections'));
    for (const { path, body } of sent) contract.checkRequestBody({ method: 'POST', path, body });
  });

  it('says of each problem in the README the status that it has', () => {
    const told = [...read('README.md').matchAll(/^\| (\d{3}) `(\w+)` \|/gm)];
    assert.ok(told.length > 5, 'the table of answers was not found');
    for (const [, status, code = ''] of told) {
      assert.equal(Object.hasOwn(problems, code), true, code);
      assert.equal(problems[code as keyof typeof problems].status, Number(status), code);
    }
  });

  it('lists every Lambda in the parts of the architecture, and no other', () => {
    const lambdas = globSync('functions/*.ts', { cwd: root }).map((file) =>
      file.slice('functions/'.length, -'.ts'.length),
    );
    const listed = [...read('docs/architecture.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
    assert.deepEqual(listed.toSorted(), lambdas.toSorted());
  });

  it('names only grants that the construct gives', () => {
    const construct = read('lib/grantkeeper.ts');
    const named = new Set(
      ['README.md', 'SECURITY.md'].flatMap((page) => read(page).match(/\bgrant[A-Z]\w*(?=\()/g) ?? []),
    );
    assert.ok(named.has('grantRead'));
    for (const method of named) assert.match(construct, new RegExp(`^  ${method}\\(`, 'm'));
  });

  it('opens the README with one sentence, a diagram and the two commands', () => {
    const readme = read('README.md');
    const [title, sentence, diagram] = readme.split(/\n{2,}/);
    assert.match(title ?? '', /^# Grantkeeper$/);
    assert.match(sentence ?? '', /^Grantkeeper is [^.]+\.$/);
    assert.match(diagram ?? '', /^```mermaid/);
    assert.match(readme, /^npm ci && npm start\b/m);
    assert.match(readme, /^npm ci && npm test\b/m);
  });
});

describe('what the prose tests look for', () => {
  it('is a relative link, without its fragment', () => {
    const text = '[a](docs/a.md#part) [b](https://example.com) [c](#here) `[d](x.md)`';
    assert.deepEqual(linksOf(text), ['docs/a.md']);
  });

  it('is a script behind npm or npm run', () => {
    assert.deepEqual(scriptsOf('`npm run a:b`, npm start -- --port 1, npm ci, npm test'), ['a:b', 'start', 'test']);
  });
});

describe('a command in prose', () => {
  it('is all of a line of code, with its arguments', () => {
    const text = '`npx grantkeeper signing-key APP`\n\n```sh\nnpx grantkeeper signing-key a --rotate # why\n```';
    assert.deepEqual(commandsOf(text), [
      ['signing-key', 'app'],
      ['signing-key', 'a', '--rotate'],
    ]);
    assert.equal(parseCommandLine(['signing-keys', 'a']).kind, 'wrong');
  });

  it('is a body of curl', () => {
    const text = 'curl -s http://127.0.0.1:3000/connections -H \'a: b\' \\\n  -d \'{"app":"a"}\'';
    assert.deepEqual(postedBodies(text), [{ path: '/connections', body: { app: 'a' } }]);
  });
});

describe('a route in prose', () => {
  it('is a method and a path in code, whatever its parameters are called, without a query', () => {
    const text = '`GET /connections/{id}?tenant=`, `POST /x/{session_id}/claim` with, `PUT …/configuration`, GET /y';
    assert.deepEqual(routesOf(text), ['GET /connections/{}', 'POST /x/{}/claim']);
  });
});

function routesOf(markdown: string): string[] {
  return [...markdown.matchAll(/`(GET|POST|PUT|DELETE) (\/[^`\s?]*)/g)].map(
    ([, method, path = '']) => `${method} ${shapeOf(path)}`,
  );
}

const someId = 'crm.00D000000000001EAA.005000000000001AAA';

/** Names in capitals stand for some. */
function commandsOf(markdown: string): string[][] {
  return [...markdown.matchAll(/(?:`|^)npx grantkeeper ([^`\n#]+)/gm)].map(([, args = '']) =>
    args
      .trim()
      .split(/\s+/)
      .map((arg) => (arg === 'APP' ? 'app' : arg)),
  );
}

/** Of the local stack's routes, without a method of their own. */
function postedBodies(markdown: string): { path: string; body: unknown }[] {
  const posts = markdown.matchAll(/^curl -s http:\/\/127\.0\.0\.1:3000(\/[a-z-]+) [^\n]*(?:\\\n)?[^\n]*-d '([^']+)'/gm);
  return [...posts].map(([, path = '', body = '']) => ({
    path,
    body: JSON.parse(body.replace('CONNECTION_ID', someId)),
  }));
}

function shapeOf(path: string): string {
  return path.replaceAll(/\{[^}]*\}/g, '{}');
}

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

function linksOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.split('#')[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

function anchorsOf(markdown: string): { target: string; anchor: string }[] {
  const prose = markdown.replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s#:]*)#([^)\s]+)\)/g)].map(([, target = '', anchor = '']) => ({
    target,
    anchor,
  }));
}

/** As the pages' hosts name them: lower case, spaces as dashes, punctuation gone. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function scriptsOf(markdown: string): string[] {
  return [...markdown.matchAll(/\bnpm (?:run ([a-z][a-z0-9:]*)|(start|test)\b)/g)].map(
    ([, run, bare]) => run ?? bare ?? '',
  );
}
