/**
 * Lists what the page says, and keeps the dictionaries of other languages in step with it.
 *
 * In: the sources of the page. Out: with no argument, each dictionary with the new phrases (empty, to be translated) and without
 * those that are no longer said; with `--check`, exit code 1 if one is missing. Never: a translation lost that is still said.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { component, module } from './speech.mjs';

const root = resolve(import.meta.dirname, '..', 'src');
const languages = join(root, 'lib', 'languages');
const said = new Set();
for (const entry of readdirSync(root, { recursive: true }).sort()) {
  if (!/\.(ts|svelte)$/.test(entry) || /\.d\.ts$|lib\/(speech|catalog)\.ts$|service-worker|languages\/|^hooks/.test(entry)) continue;
  const read = entry.endsWith('.svelte') ? component : module;
  for (const text of read(readFileSync(join(root, entry), 'utf8'), entry).found.keys()) said.add(text);
}
const phrases = [...said].sort();
if (process.argv.includes('--list')) process.stdout.write(phrases.map((text) => JSON.stringify(text)).join('\n') + '\n');
else {
  for (const file of readdirSync(languages).filter((name) => name.endsWith('.json'))) {
    const path = join(languages, file);
    const known = JSON.parse(readFileSync(path, 'utf8'));
    const missing = phrases.filter((text) => !known[text]);
    if (process.argv.includes('--check')) {
      for (const text of missing) process.stderr.write(`${file} lacks ${JSON.stringify(text)}\n`);
      if (missing.length) process.exitCode = 1;
    } else {
      writeFileSync(path, JSON.stringify(Object.fromEntries(phrases.map((text) => [text, known[text] ?? ''])), null, 1) + '\n');
      process.stdout.write(`${file}: ${phrases.length} phrases, ${missing.length} to be translated\n`);
    }
  }
}
