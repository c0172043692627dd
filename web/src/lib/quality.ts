/**
 * The quality report as the server stores it, and the lists beside it, read with care.
 *
 * In: unknown JSON. Out: typed values, or null where there is none. Never: a figure that was undefined turned into a number.
 */

export interface Share {
  k: number;
  n: number;
  value: number | null;
  low: number;
  high: number;
  reason: string;
}

export interface Agreement {
  value: number | null;
  low: number | null;
  high: number | null;
  reason: string;
  n_items: number;
  n_votes: number;
}

export interface AnnotatorRow {
  annotator: string;
  name?: string;
  n_votes: number;
  gold: Share;
  needs_coaching: boolean;
}

export interface Quality {
  n_items: number;
  n_votes: number;
  n_annotators: number;
  votes_per_item: number;
  agreement: Agreement;
  band: 'broken' | 'weak' | 'workable' | 'undefined';
  accuracy: Share;
  vote_accuracy: Share;
  annotators: AnnotatorRow[];
  labels: { label: string; n_votes: number; n_settled: number; gold: Share; alpha: number | null }[];
  pairs: { first: string; second: string; n_pairs: number; share: number }[];
  warnings: string[];
}

type Loose = Record<string, unknown>;

const isLoose = (found: unknown): found is Loose => typeof found === 'object' && found !== null && !Array.isArray(found);

/** Return the report, or null when there is none yet. */
export function read(found: unknown): Quality | null {
  const report = isLoose(found) && isLoose(found.report) ? found.report : found;
  if (!isLoose(report) || !isLoose(report.agreement) || !isLoose(report.accuracy)) return null;
  const lists = { annotators: list(report.annotators), labels: list(report.labels), pairs: list(report.pairs) };
  return { ...report, ...lists, warnings: list(report.warnings) } as unknown as Quality;
}

/** What each band of agreement means for the next step. */
export const BANDS: Record<Quality['band'], string> = {
  broken: 'People do not mean the same by the labels. Change the definitions before labeling more.',
  weak: 'Read the pairs that are confused, and make the guideline clearer.',
  workable: 'People mean much the same.',
  undefined: 'Not defined yet.',
};

/** A person's name; of a bare id only the end, which tells people apart. */
export function nameOf({ annotator, name }: Pick<AnnotatorRow, 'annotator' | 'name'>): string {
  if (name && name !== annotator) return name;
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(annotator) ? `…${annotator.slice(-6)}` : annotator;
}

export interface ReleaseLine {
  number: number;
  n_items: number | null;
  at: string;
  checkpoint_size: number | null;
}

export function releases(found: unknown): ReleaseLine[] {
  return rows(found, 'releases').map((row) => ({
    number: number(row, 'number', 'release', 'id') ?? 0,
    n_items: number(row, 'n_items', 'items', 'rows'),
    at: text(row, 'at', 'published_at', 'created_at', 'date'),
    checkpoint_size: number(row, 'checkpoint_size', 'size'),
  }));
}

export interface BadRow {
  source: string;
  line: number | null;
  reason: string;
  text: string;
}

export function quarantine(found: unknown): BadRow[] {
  return rows(found, 'quarantine', 'rows').map((row) => ({
    source: text(row, 'source', 'source_name'),
    line: number(row, 'line'),
    reason: text(row, 'reason'),
    text: text(row, 'text', 'raw'),
  }));
}

function list(found: unknown): unknown[] {
  return Array.isArray(found) ? found : [];
}

/** The rows of a reply that is a list, or holds one under one of these names. */
function rows(found: unknown, ...names: string[]): Loose[] {
  if (Array.isArray(found)) return found.filter(isLoose);
  if (!isLoose(found)) return [];
  for (const name of names) if (Array.isArray(found[name])) return found[name].filter(isLoose);
  return [];
}

function number(row: Loose, ...names: string[]): number | null {
  for (const name of names) if (typeof row[name] === 'number') return row[name];
  return null;
}

function text(row: Loose, ...names: string[]): string {
  for (const name of names) if (typeof row[name] === 'string') return row[name];
  return '';
}
