/**
 * Items of a project as lists: conditions, pages, and what one item's label rests on.
 *
 * In: a project, conditions. Out: typed replies; a window of a million rows that holds a few pages. Never: all of them at once.
 */

import { at, call, type Answer, type Item } from '../api';

export interface Line {
  position: number;
  item: Item;
  key: string;
  source: string;
  line: number;
  state: string;
  flagged: boolean;
  label: string | null;
  confidence: number | null;
  method: string | null;
  wanted: number;
  given: number;
}
export interface Facets {
  at: string | null;
  items: number | null;
  states: Record<string, number>;
  labels: Record<string, number>;
}
export interface Trace {
  item: Item;
  key: string;
  source: string;
  line: number;
  position: number;
  draw: { round: number; chance: number; tier: string | null } | null;
  annotations: {
    id: string;
    name: string;
    question: string;
    answer: Answer;
    purpose: string;
    reaction: string;
    seconds: number;
    schema_version: number;
    guideline_version: number;
    at: string;
    withdrawn: boolean;
    surplus: boolean;
    entry: number | null;
  }[];
  settlements: {
    question: string;
    label: string | null;
    confidence: number | null;
    method: string;
    state: string;
    reason: string;
    n_votes: number;
    round: number;
    by: string | null;
    at: string;
  }[];
}

/** What is asked for, as it stands in the address bar. */
export interface Asked {
  where: string[];
  search: string;
  order: string;
}

function query({ where, search, order }: Asked, more: Record<string, string> = {}): string {
  const made = new URLSearchParams(more);
  for (const one of where) made.append('where', one);
  if (search) made.set('search', search);
  if (order !== 'position') made.set('order', order);
  return made.toString();
}

export const items = {
  page: (project: string, asked: Asked, after: string | null, limit: number) =>
    call<{ items: Line[]; next: string | null; indexed: number | null }>(
      at(project, `/items/list?${query(asked, { limit: String(limit), ...(after === null ? {} : { after }) })}`),
    ),
  count: (project: string, asked: Asked) =>
    call<{ n: number; exact: boolean }>(at(project, `/items/count?${query({ ...asked, order: 'position' })}`)),
  facets: (project: string) => call<Facets>(at(project, '/items/facets')),
  trace: (project: string, item: string) => call<Trace>(at(project, `/items/${encodeURIComponent(item)}/trace`)),
};

const PAGE = 100;
const HELD_PAGES = 12;

/**
 * Rows by their place in the list. Without conditions the list is the project in its order, so that any place is one call away;
 * with them the rows come one page after another, as far as somebody looks.
 */
export class Window {
  private readonly pages = new Map<number, Line[]>();
  private readonly asking = new Set<number>();
  private readonly cursors: (string | null)[] = [null];
  private readonly anywhere: boolean;
  /** Rows that are known to be there. */
  n: number;
  /** Whether `n` may grow. */
  more: boolean;
  indexed: number | null = null;
  trouble: unknown = null;

  constructor(
    private readonly project: string,
    private readonly asked: Asked,
    n_items: number,
    private readonly changed: () => void,
    private readonly api: Pick<typeof items, 'page'> = items,
  ) {
    this.anywhere = !asked.where.length && !asked.search && asked.order === 'position';
    this.n = this.anywhere ? n_items : 0;
    this.more = !this.anywhere;
  }

  row(place: number): Line | null {
    return this.pages.get(Math.floor(place / PAGE))?.[place % PAGE] ?? null;
  }

  /** Fetch what is not here of the rows between two places. */
  want(first: number, last: number): void {
    for (let page = Math.floor(Math.max(0, first) / PAGE); page <= Math.floor(last / PAGE); page++) void this.fetch(page);
  }

  private async fetch(page: number): Promise<void> {
    const after = this.anywhere ? (page ? String(page * PAGE - 1) : null) : this.cursors[page];
    if (after === undefined || this.pages.has(page) || this.asking.has(page)) return;
    if (this.anywhere && page * PAGE >= this.n) return;
    this.asking.add(page);
    try {
      const { rows, next } = await this.whole(after);
      this.pages.set(page, rows);
      this.forget(page);
      if (!this.anywhere) {
        this.n = Math.max(this.n, page * PAGE + rows.length);
        this.more = this.more && next !== null;
        if (next !== null) this.cursors[page + 1] = next;
        else this.more = false;
      }
      this.trouble = null;
    } catch (problem) {
      this.trouble = problem;
    } finally {
      this.asking.delete(page);
      this.changed();
    }
  }

  /** One page of ours: the server's may come short, as each call of it looks at a bounded number of candidates. */
  private async whole(after: string | null): Promise<{ rows: Line[]; next: string | null }> {
    const rows: Line[] = [];
    let next = after;
    do {
      const found = await this.api.page(this.project, this.asked, next, PAGE - rows.length);
      rows.push(...found.items);
      this.indexed = found.indexed;
      next = found.next;
    } while (next !== null && rows.length < PAGE);
    return { rows, next };
  }

  private forget(page: number): void {
    if (this.pages.size <= HELD_PAGES) return;
    const far = [...this.pages.keys()].sort((a, b) => Math.abs(b - page) - Math.abs(a - page))[0]!;
    this.pages.delete(far);
  }
}

/** An answer in a few words, whatever its kind. */
export function wordsOf(answer: Answer): string {
  switch (answer.kind) {
    case 'choice':
      return answer.label;
    case 'choices':
    case 'taxonomy':
      return answer.labels.join(', ') || 'none of them';
    case 'abstain':
      return 'could not decide';
    case 'text':
      return answer.text;
    case 'span':
      return answer.spans.map((span) => span.label).join(', ') || 'no marks';
    case 'rating':
    case 'number':
    case 'date':
      return String(answer.value);
    default:
      return answer.kind.replace('_', ' ');
  }
}
