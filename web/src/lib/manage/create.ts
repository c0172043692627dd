/**
 * Making a project: files sent in pieces, what the server recognizes in them, the schema as a person edits it.
 *
 * In: files of this machine, choices. Out: calls, and plain questions as the server reads them. Never: a file read whole into
 * memory, a piece larger than the server takes.
 */

import { say } from '../speech';
import { call, type Label, type Question, type QuestionKind } from '../api';

export interface Column {
  name: string;
  role: 'text' | 'key' | 'label' | 'metadata';
  n_filled: number;
  n_distinct: number;
  values: { value: string; n: number }[];
}

export interface Look {
  form: string;
  n_files: number;
  n_bytes: number;
  columns: Column[];
  rows: string[][];
  n_read: number;
  n_refused: number;
  reasons: { reason: string; n: number }[];
  refused: { line: number; reason: string; text: string }[];
  whole: boolean;
}

export interface Far {
  goes_on: boolean;
  doing: string;
  n_done: number;
  outcomes: string[];
  error: string;
}

export const creating = {
  may: () => call<{ may: boolean }>('/api/incoming'),
  send: (upload: string, pieces: Piece[]) =>
    call<{ n_files: number; n_bytes: number }>(`/api/incoming/${upload}/pieces`, { method: 'POST', body: { pieces } }),
  look: (upload: string, roles: { text?: string; key?: string; label?: string }) =>
    call<Look>(`/api/incoming/${upload}/look`, { method: 'POST', body: roles }),
  create: (body: Record<string, unknown>) =>
    call<{ project: string; name: string }>('/api/projects', { method: 'POST', body }),
  guideline: (text: string) => call<{ html: string }>('/api/guideline', { method: 'POST', body: { text } }),
  goOn: (project: string) =>
    call<Far>(`/api/projects/${encodeURIComponent(project)}/go-on`, { method: 'POST', body: {} }),
  far: (project: string) => call<Far>(`/api/projects/${encodeURIComponent(project)}/go-on`),
};

// ---- files -----------------------------------------------------------------------------------------------------------
export interface Piece {
  name: string;
  at: number;
  data: string;
}

/** A file with its path inside the folder that was dropped. */
export interface Found {
  path: string;
  file: File;
}

const PIECE_BYTES = 1_000_000;
const PIECES = 100;
export const TABLES = /\.(csv|tsv|jsonl|ndjson)$/i;
export const IMAGES = /\.(png|jpe?g|webp|gif|bmp|tiff?)$/i;

/** Everything in what was dropped, folders with all that is in them. */
export async function dropped(transfer: DataTransfer): Promise<Found[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => !!entry);
  if (!entries.length) return [...transfer.files].map((file) => ({ path: file.name, file }));
  const found: Found[] = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    found.push({ path: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return;
    for (const one of some) await walk(one, found);
  }
}

export const picked = (files: FileList): Found[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** What of these can be made a project of: one table, or images; and in words what was left aside. */
export function usable(found: Found[]): { files: Found[]; note: string; trouble: string } {
  const shown = found.filter(({ path }) => !path.split('/').some((part) => part.startsWith('.')));
  const tables = shown.filter(({ path }) => TABLES.test(path));
  const images = shown.filter(({ path }) => IMAGES.test(path));
  const [first] = tables;
  if (first && !images.length) {
    const aside = tables.length > 1 ? `${tables.length - 1} more tables were left aside: a project has one.` : '';
    return { files: [{ path: first.file.name, file: first.file }], note: aside, trouble: '' };
  }
  if (images.length && !tables.length) {
    const rest = shown.length - images.length;
    return { files: images, note: rest ? `${rest} files that are no images were left aside.` : '', trouble: '' };
  }
  const trouble = shown.length
    ? images.length
      ? 'This holds a table and images. Choose one of the two.'
      : `Not a file that can be labeled here. Choose a .csv, .tsv or .jsonl file, or a folder of images.`
    : 'There is nothing in it.';
  return { files: [], note: '', trouble };
}

async function base64(blob: Blob): Promise<string> {
  const url = await new Promise<string>((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error ?? new Error('The file cannot be read.'));
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(',') + 1);
}

/** Send files piece by piece; small ones go together. `onsent` is told after each call, and says whether to go on. */
export async function send(upload: string, files: Found[], onsent: (bytes: number) => boolean): Promise<void> {
  let pieces: Piece[] = [];
  let size = 0;
  let sent = 0;
  const flush = async () => {
    if (!pieces.length) return true;
    await creating.send(upload, pieces);
    sent += size;
    pieces = [];
    size = 0;
    return onsent(sent);
  };
  for (const { path, file } of files) {
    for (let at = 0; at < Math.max(1, file.size); at += PIECE_BYTES) {
      const part = file.slice(at, at + PIECE_BYTES);
      if (pieces.length >= PIECES || size + part.size > PIECE_BYTES) if (!(await flush())) return;
      pieces.push({ name: path, at, data: await base64(part) });
      size += part.size;
      // The first piece goes alone: the preview needs no more.
      if (!sent) if (!(await flush())) return;
    }
  }
  await flush();
}

// ---- schema ----------------------------------------------------------------------------------------------------------
/** A question while it is edited; `key` stays the same whatever its name becomes. */
export interface Draft {
  key: number;
  kind: QuestionKind;
  prompt: string;
  labels: DraftLabel[];
}

export interface DraftLabel {
  key: number;
  title: string;
  definition: string;
  hotkey: string;
  color: string;
}

/** What each kind is called, and what it is for; those that labels alone describe. */
export const KINDS: { kind: QuestionKind; title: string; text: string; on: 'text' | 'image' | 'both'; labels: boolean }[] = [
  { kind: 'choice', title: 'One label', text: 'sentiment, topic, defect', on: 'both', labels: true },
  { kind: 'choices', title: 'Several labels', text: 'all that apply', on: 'both', labels: true },
  { kind: 'span', title: 'Marks in text', text: 'names, quotes, errors', on: 'text', labels: true },
  { kind: 'box', title: say('Boxes'), text: 'objects in images', on: 'image', labels: true },
  { kind: 'polygon', title: say('Polygons'), text: 'exact outlines', on: 'image', labels: true },
  { kind: 'rating', title: 'A rating', text: '1 to 5', on: 'both', labels: false },
  { kind: 'number', title: 'A number', text: 'counts, amounts', on: 'both', labels: false },
  { kind: 'text', title: 'Free text', text: 'a correction, a caption', on: 'both', labels: false },
];

let last = 0;
export const label = (title = ''): DraftLabel => ({ key: ++last, title, definition: '', hotkey: '', color: '' });
export const draft = (kind: QuestionKind, prompt: string, labels: string[]): Draft => ({
  key: ++last,
  kind,
  prompt,
  labels: labels.map(label),
});

/** A name that a file can hold for what a person wrote. */
export function nameOf(text: string): string {
  return text.normalize('NFKC').trim().replace(/\s+/g, ' ').slice(0, 200);
}

const slug = (text: string, fallback: string) =>
  text.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 40) || fallback;

/** The question as the server and the editors read it. */
export function plainOf(one: Draft, at: number, others: readonly Draft[]): Question {
  const bare = slug(one.prompt, `question_${at + 1}`);
  const taken = others.slice(0, at).some((other, nth) => slug(other.prompt, `question_${nth + 1}`) === bare);
  const question: Question = { name: taken ? `${bare}_${at + 1}` : bare, kind: one.kind, prompt: nameOf(one.prompt) };
  if (!KINDS.find(({ kind }) => kind === one.kind)?.labels) return question;
  const labels = one.labels.filter(({ title }) => title.trim()).map((each): Label => {
    const made: Label = { name: nameOf(each.title) };
    if (each.definition.trim()) made.definition = each.definition.trim();
    if (each.hotkey) made.hotkey = each.hotkey.toLowerCase();
    if (each.color) made.color = each.color;
    return made;
  });
  return { ...question, labels };
}

/** What a person has to put right before the schema stands; empty when nothing. */
export function wrongWith(drafts: readonly Draft[]): string {
  for (const [at, one] of drafts.entries()) {
    const where = drafts.length > 1 ? `Question ${at + 1}: ` : '';
    if (!one.prompt.trim()) return `${where}write what people are asked.`;
    if (!KINDS.find(({ kind }) => kind === one.kind)?.labels) continue;
    const names = one.labels.map(({ title }) => nameOf(title)).filter(Boolean);
    if (!names.length) return `${where}give it at least one label.`;
    if (one.kind === 'choice' && names.length < 2) return `${where}a choice needs two labels or more.`;
    const twice = names.find((name, nth) => names.indexOf(name) !== nth);
    if (twice) return `${where}two labels are named “${twice}”.`;
    const keys = one.labels.map(({ hotkey }) => hotkey.toLowerCase()).filter(Boolean);
    const double = keys.find((key, nth) => keys.indexOf(key) !== nth);
    if (double) return `${where}two labels have the key ${double.toUpperCase()}.`;
  }
  return '';
}
