/**
 * Makes the built page fit for the server's content security policy, and writes the notices of what it bundles.
 *
 * In: the page that vite wrote. Out: an index.html without inline script or style; THIRD_PARTY_NOTICES.txt; a brotli form beside
 * each text file, which the server sends to whoever takes it.
 * Never: a page with an inline script, or with code under a licence that is not on the list.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const root = resolve(import.meta.dirname, '..');
const page = resolve(root, process.env.GOLDSEAM_PAGE_OUT ?? '../src/goldseam/edge/server/page');

const LICENCES = /^(?:MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0)$/;

/** Move the inline start script into a file; a classic script still knows its place in the document. */
function externalize() {
  const file = join(page, 'index.html');
  let html = readFileSync(file, 'utf8');
  html = html.replace(/<script>([\s\S]*?)<\/script>/g, (_, code) => {
    const name = `_app/start.${createHash('sha256').update(code).digest('hex').slice(0, 12)}.js`;
    writeFileSync(join(page, name), `${code.trim()}\n`);
    return `<script src="/${name}"></script>`;
  });
  const inline = /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i.exec(html);
  if (inline) throw new Error(`index.html still holds something inline: ${html.slice(inline.index, inline.index + 80)}`);
  writeFileSync(file, html);
}

/** The texts of one package's licence. */
function licence(name) {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!LICENCES.test(license ?? '')) {
    throw new Error(`${name} ${version} is under ${license ?? 'no stated licence'}; the page may bundle MIT, ISC, BSD, Apache and 0BSD only.`);
  }
  const files = readdirSync(folder).filter((each) => /^(?:licen[cs]e|notice|copying)/i.test(each));
  const texts = files.sort().map((each) => readFileSync(join(folder, each), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
}

function notices() {
  const list = join(root, '.svelte-kit', 'bundled.json');
  if (!existsSync(list)) throw new Error('The build left no list of bundled packages (.svelte-kit/bundled.json).');
  const names = JSON.parse(readFileSync(list, 'utf8'));
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  const head = 'The page of Goldseam bundles parts of these packages, under the licences below.';
  writeFileSync(join(page, 'THIRD_PARTY_NOTICES.txt'), `${[head, ...names.map(licence)].join(line)}\n`);
  return names;
}

/** Write the brotli form beside each file that is text and not tiny. */
function compress() {
  for (const name of readdirSync(page, { recursive: true })) {
    if (!/\.(?:js|css|html|svg|json|webmanifest)$/.test(name)) continue;
    const data = readFileSync(join(page, name));
    if (data.length < 200) continue;
    const parameters = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length };
    writeFileSync(join(page, `${name}.br`), brotliCompressSync(data, { params: parameters }));
  }
}

externalize();
compress();
process.stdout.write(`page: ${page}\nbundled: ${notices().join(', ')}\n`);
