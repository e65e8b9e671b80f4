// Every npm script starts here: without Node.js 24, type stripping would fail with a syntax error that helps nobody,
// or the code would silently run on an older runtime than Lambda's. Plain JavaScript, so that any Node can say so.
const required = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < required) {
  console.error(
    [
      `Grantkeeper needs Node.js ${required} or newer; this script runs on ${process.versions.node} (${process.execPath}).`,
      'On Linux (x64, arm64), `npm ci` brings it: run the command through `npm run …`, not `node …`.',
      'Elsewhere, or where optional dependencies were left out, install Node.js 24 from nodejs.org and try again.',
    ].join('\n'),
  );
  process.exit(1);
}
