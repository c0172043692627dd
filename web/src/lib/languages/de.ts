/**
 * German: what the page says, and what the server says.
 *
 * In: phrases, and sentences of the server. Out: the same in German. Never: a fact lost: where no sentence is known that holds
 * them, the server's own stands beside.
 */

import phrases from './de.json';
import { REFUSED, TOLD } from './server.de';

export { phrases };

const forms = TOLD.map(([english, german]) => {
  const [first, ...rest] = english.split(/\{\d\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return [new RegExp(`^${[first, ...rest].join('(.+?)')}$`, 's'), german] as const;
});

/** A number as German writes it; anything else as it is. */
const written = (found: string): string => (/^\d{1,3}(,\d{3})*(\.\d+)?( ?%)?$|^\d+(\.\d+)?%?$/.test(found) ? found.replace(/[.,]/g, (mark) => (mark === '.' ? ',' : '.')).replace(/(\d)%$/, '$1 %') : found);

/** A sentence of the server; as it came where its form is not known. */
export function told(text: string): string {
  for (const [form, german] of forms) {
    const found = form.exec(text);
    if (found) return german.replace(/\{(\d)\}/g, (_, at: string) => written(found[Number(at) + 1] ?? ''));
  }
  return text;
}

/** What was refused: by its sentence, else by its code, with the server's words beside. */
export function refused(code: string, text: string, fields: Readonly<Record<string, unknown>>): string {
  const known = told(text);
  if (known !== text || !REFUSED[code]) return known;
  let whole = /\{/.test(REFUSED[code]);
  const german = REFUSED[code].replace(/\{(\w+)\}/g, (_, name: string) => {
    if (fields[name] === undefined) whole = false;
    return String(fields[name] ?? '?');
  });
  return whole ? german : `${german} (${text})`;
}
