/**
 * Releases and models: calls and phrases.
 *
 * In: a project. Out: typed calls, figures in words. Never: a figure that was not measured.
 */

import { at, call } from '../api';
import { catalog } from '../catalog';
import { fixed, percent as percentOf } from '../words';
import type { Diff } from './changed';

export interface ReleaseLine {
  number: number;
  manifest: string;
  folder: string;
  size: number;
  at: string;
  n_items: number;
  round: number;
}
export interface Manifest {
  number: number;
  at: string;
  round: number;
  log_size: number;
  previous: string;
  schema_version: number;
  guideline_version: number;
  code_version: string;
  model: string;
  n_items: number;
  n_annotations: number;
  n_annotators: number;
  policies: Record<string, unknown>;
  files: { name: string; sha256: string; bytes: number; rows: number }[];
}
export interface Model {
  id: string;
  round: number;
  kind: string;
  release: number | null;
  outcome: 'promoted' | 'kept' | 'asked';
  champion: boolean;
  n_train: number;
  n_gold: number;
  n_only_champion: number | null;
  n_only_challenger: number | null;
  accuracy: number | null;
  champion_accuracy: number | null;
  p_value: number | null;
  calibration: string;
  reason: string;
  at: string;
}

/** Files that stand beside the manifest and show it to be the one that was published. */
export const EVIDENCE = ['manifest.json', 'log.jsonl', 'checkpoint.txt', 'proof.json', 'key.txt'] as const;

export const fileAt = (project: string, number: number, name: string): string => at(project, `/releases/${number}/files/${encodeURIComponent(name)}`);

/** The labels as a table, for a spreadsheet or a program. */
export const labelsAt = (project: string, number: number, form: 'csv' | 'jsonl'): string => at(project, `/releases/${number}/labels?form=${form}`);

export const releases = {
  list: (project: string) => call<ReleaseLine[]>(at(project, '/releases')),
  manifest: (project: string, number: number) => call<Manifest>(at(project, `/releases/${number}`)),
  diff: (project: string, old: number, now: number) => call<Diff>(at(project, `/releases/${old}/diff/${now}`)),
  models: (project: string) => call<Model[]>(at(project, '/models')),
  decide: (project: string, model: string, body: { id: string; decision: 'promote' | 'keep' }) =>
    call<unknown>(at(project, `/models/${encodeURIComponent(model)}/decision`), { method: 'POST', body }),
  /** A file's bytes as the server sends them, to be hashed here. */
  bytes: async (project: string, number: number, name: string): Promise<Uint8Array<ArrayBuffer>> => {
    const reply = await fetch(fileAt(project, number, name), { credentials: 'same-origin', cache: 'no-store' });
    if (!reply.ok) throw new Error(t('file_missing', { name }));
    return new Uint8Array(await reply.arrayBuffer());
  },
  /** Markdown as the server renders it, with nothing kept. */
  rendered: (text: string) => call<{ html: string }>('/api/guideline', { method: 'POST', body: { text } }),
};

/** What a policy of the manifest says, at these keys. */
export function policy(manifest: Manifest, ...keys: string[]): unknown {
  return keys.reduce<unknown>((found, key) => (found && typeof found === 'object' ? (found as Record<string, unknown>)[key] : undefined), manifest.policies);
}

export const percent = (share: number | null): string => (share === null ? t('not_measured') : percentOf(share));

/** How much two models differ by McNemar's exact test, in words. */
export function mcnemar({ n_only_champion: lost, n_only_challenger: won, p_value: p, n_gold }: Model): string {
  if (p === null || n_gold === 0) return t(n_gold ? 'first_model' : 'no_test');
  const value = p < 0.001 ? `< ${fixed(0.001, 3)}` : fixed(p, 3);
  return lost === null || won === null ? t('test_p', { p: value }) : t('test', { won, lost, p: value });
}

export const t = catalog({
  title: 'Releases',
  lede: 'Settled labels, numbered, and never changed afterwards. Each names the point of the ledger that covers it.',
  none: 'No release yet. The loop publishes one at the end of a round whose labels pass the gate; the overview says what is missing.',
  overview: 'To the overview',
  release: 'Release {n}',
  release_lede: '{items} items, {at}',
  number: 'Release',
  items: 'Items',
  date: 'Published',
  round: 'Round',
  log: 'Ledger up to',
  table: 'Releases, as a table',
  all: 'All releases',
  what: 'What it holds',
  annotations: 'Answers',
  annotators: 'Annotators',
  schema: 'Schema',
  guideline: 'Guideline',
  version: 'version {n}',
  model: 'Model',
  no_model: 'none',
  licence: 'Licence',
  no_licence: 'None is named; say under which terms it may be used before you hand it on.',
  code: 'Goldseam',
  previous: 'Manifest before it',
  first: 'none: it is the first',
  card: 'Its card',
  checks: 'Checks it had to pass',
  checks_lede: 'The bars of the gate as they stood when it was cut. Without them it would not be here.',
  bar: 'Bar',
  value: 'Value',
  files: 'Files',
  files_table: 'Files of the release, as a table',
  file: 'File',
  rows: 'Rows',
  size: 'Size',
  hash: 'SHA-256',
  download: 'Download',
  labels_as: 'The labels as a table, made from labels.parquet:',
  check: 'Check every file here',
  check_note: 'Your browser downloads the listed files and hashes them itself: each against the manifest, the manifest against the ledger’s entry.',
  check_cannot: 'This browser hashes nothing on a page that came over plain HTTP. Open the page over TLS or on the server’s own machine, or download the folder and run the command below.',
  checking: 'Checking {name}',
  check_all: { one: '{n} file is the one that was published.', other: 'All {n} files are those that were published.' },
  check_bad: '{names} differs from what was published. Keep a copy, and tell whoever runs the server.',
  fits: 'holds',
  differs: 'differs',
  offline: 'Without this server: save all files in one folder, and run',
  file_missing: 'The server could not send {name}.',
  compare: 'What changed',
  compare_with: 'Compared with',
  only_one: 'There is one release so far: the next one is compared with it here.',
  trained: 'Models trained when it was the newest',
  no_models: 'None.',
  models: 'Models',
  models_lede: 'Each was trained on the labels of one release. One makes the suggestions: the champion. Another takes its place only if it does better on gold.',
  models_none: 'No model yet. The first is trained at the end of a round, from settled labels that are not gold.',
  champion: 'Champion',
  asked: 'Waits for a decision',
  promoted: 'was promoted',
  kept: 'was not promoted',
  trained_on: { one: '{n} label, release {release}', other: '{n} labels, release {release}' },
  trained_alone: { one: '{n} label, before the first release', other: '{n} labels, before the first release' },
  on_gold: '{share} of {n} gold items right',
  before: 'the champion before it: {share}',
  test: '{won} gold items only it got right, {lost} only the one before: McNemar’s exact p {p}',
  test_p: 'McNemar’s exact p {p}',
  no_test: 'not compared: there was no gold',
  first_model: 'The first: there was no model to compare it with.',
  not_measured: 'not measured',
  promote: 'Let it make the suggestions',
  keep: 'Keep the champion',
  ask: 'The test leaves it open which of the two is better. Both sides of the decision go into the ledger.',
  promoted_now: 'It makes the suggestions from now on.',
  kept_now: 'The champion goes on.',
  earlier: 'Earlier models',
  chart: 'Accuracy on gold, model by model',
});
