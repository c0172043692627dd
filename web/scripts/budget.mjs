/**
 * Weighs what the annotate route loads, compressed as the server does it, and fails above the budget.
 *
 * In: the page that vite wrote. Out: a table, and exit code 1 above the budget. Never: a guess; files are found by following
 * the imports of the built files, from index.html and the route's own chunk.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';

const BUDGET_KB = 60;
const root = resolve(import.meta.dirname, '..');
const page = resolve(root, process.env.GOLDSEAM_PAGE_OUT ?? '../src/goldseam/edge/server/page');
if (!existsSync(join(page, 'index.html'))) throw new Error(`There is no compiled page in ${page}: run \`npm run build\` first.`);

/** The numbers of the route's nodes (layouts and page), as the client's manifest of routes names them. */
function nodesOf(route) {
  const entry = readdirSync(join(page, '_app/immutable/entry')).find((name) => /^app\..*\.js$/.test(name));
  const code = readFileSync(join(page, '_app/immutable/entry', entry), 'utf8');
  const found = new RegExp(`"${route.replace(/[[\]/]/g, '\\$&')}":\\[(\\d+)(?:,\\[([\\d,]*)\\])?`).exec(code);
  if (!found) throw new Error(`The built page has no route ${route}.`);
  return [0, 1, Number(found[1]), ...(found[2] ? found[2].split(',').filter(Boolean).map(Number) : [])];
}

const wanted = new Set();

function follow(file) {
  if (wanted.has(file) || !existsSync(join(page, file))) return;
  wanted.add(file);
  if (!file.endsWith('.js')) return;
  const code = readFileSync(join(page, file), 'utf8');
  // Static imports only: a dynamic import is loaded when it is needed.
  for (const [, path] of code.matchAll(/(?:from|import)\s*["'](\.{1,2}\/[^"']+)["']/g)) follow(normalize(join(dirname(file), path)));
}

const html = readFileSync(join(page, 'index.html'), 'utf8');
for (const [, path] of html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)) follow(path);
const entries = '_app/immutable/entry';
const app = readFileSync(join(page, entries, readdirSync(join(page, entries)).find((name) => name.startsWith('app.'))), 'utf8');
const listed = /m\.f=\[([^\]]*)\]/.exec(app)?.[1].match(/[^",]+/g) ?? [];
const needs = [...app.matchAll(/mapDeps\(\[([\d,]+)\]\)/g)].map(([, places]) => places.split(',').map((place) => listed[Number(place)]));
for (const number of new Set(nodesOf('/p/[id]/annotate'))) {
  // The entry lists, for each node, its own file first and then all that has to be there before it runs.
  const files = needs.find(([first]) => first?.includes(`/nodes/${number}.`));
  if (!files) throw new Error(`The entry does not say what node ${number} needs: its form has changed, follow it here.`);
  for (const file of files) follow(normalize(join(entries, file)));
}

let total = 0;
for (const file of [...wanted].sort()) {
  // As the server sends it: the brotli form that the build wrote, or the file itself where it is tiny.
  const packed = join(page, `${file}.br`);
  const size = readFileSync(existsSync(packed) ? packed : join(page, file)).length;
  total += size;
  process.stdout.write(`${(size / 1000).toFixed(2).padStart(8)} kB  ${file}\n`);
}
process.stdout.write(`${(total / 1000).toFixed(2).padStart(8)} kB  in all, of ${BUDGET_KB} kB\n`);
if (total > BUDGET_KB * 1000) {
  process.stderr.write('The annotate route is over its budget.\n');
  process.exitCode = 1;
}
