/** Writes the pages, and parts of pages, that are made from code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { templateWith } from '../../test/lib/synthesized.ts';
import { errorsPage } from './errors-page.ts';
import { withDiagram } from './machine-diagram.ts';
import { privilegesPage } from './privileges-page.ts';

const docs = new URL('../../docs/', import.meta.url);
const architecture = new URL('architecture.md', docs);

writeFileSync(new URL('errors.md', docs), errorsPage());
writeFileSync(new URL('privileges.md', docs), privilegesPage(templateWith(), templateWith({ egress: {} })));
writeFileSync(architecture, withDiagram(readFileSync(architecture, 'utf8')));
