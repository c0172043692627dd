/**
 * The server's HTTP contract, typed, and the one place that fetches.
 *
 * In: what a call needs. Out: the parsed reply. Raises `Refusal` when the server says no, and `Away` when it cannot be
 * reached. Never: a retry (that is the outbox's and the queue's work), or anything kept between calls.
 */

import type { Answer, Modality, Question } from './answers';
import { refused } from './speech';

export type { Answer, Criterion, Grade, Key, KeyValuesAnswer, Label, Modality, Question, QuestionKind } from './answers';
export type { Relation as PlainRelation, Span as PlainSpan } from './answers';

export type Act = 'view' | 'annotate' | 'claim' | 'capture' | 'adjudicate' | 'measure' | 'manage' | 'govern';
/** The nine stages; `flow` turns the round. */
export type Stage =
  | 'source'
  | 'sample'
  | 'prelabel'
  | 'route'
  | 'annotate'
  | 'adjudicate'
  | 'audit'
  | 'release'
  | 'retrain'
  | 'flow';

export const STAGES: readonly Stage[] = [
  'source',
  'sample',
  'prelabel',
  'route',
  'annotate',
  'adjudicate',
  'audit',
  'release',
  'retrain',
];

export interface Me {
  id: string;
  name: string;
  login: string;
  projects: { id: string; name: string; role: string }[];
}

export interface ProjectLine {
  id: string;
  name: string;
  modality: Modality;
  role: string;
  round: number;
  n_items: number;
}

export interface Project {
  id: string;
  name: string;
  modality: Modality;
  role: string;
  acts: Act[];
  round: number;
  schema_version: number;
  guideline_version: number;
  schema: { questions: Question[] };
  guideline_html: string;
  policy: { prefetch: number; lease_seconds: number };
}

export interface Step {
  stage: Stage;
  verb: string;
  text: string;
  state: 'done' | 'next' | 'later' | 'waiting';
  needs_person: boolean;
}

export interface Counts {
  items: number;
  drawn: number;
  open: number;
  answered: number;
  wanted: number;
  settled: number;
  escalated: number;
  gold: number;
  auto: number;
}

export interface Gate {
  passes: boolean;
  reasons: { code: string; text: string; blocks: boolean }[];
}

export interface RoundRow {
  round: number;
  labels: number;
  accuracy: number | null;
  promoted: boolean;
}

export interface Round {
  round: number;
  steps: Step[];
  counts: Counts;
  /** Read with `quality.read`: its parts may be undefined, with a reason. */
  quality: unknown;
  gate: Gate | null;
  model: { id: string; accuracy: number | null; round: number } | null;
  history: RoundRow[];
  /** Why there is no further step; empty while there is one. */
  finished?: string;
}

export interface Item {
  id: string;
  modality: Modality;
  text: string | null;
  media_url: string | null;
  metadata: Record<string, string>;
  /** Its parts as HTML that the server made safe: turns, or prompt and candidates, or one document for a frame. */
  html?: string[];
}

export interface Suggestion {
  label: string;
  confidence: number;
  source: string;
  /** Which question it answers. */
  question?: string;
  /** Why, where the model gives a reason. */
  reason?: string;
  /** What is suggested, where a label alone does not say it; its parts may carry a `confidence` of their own. */
  answer?: Answer;
}

export interface Assignment {
  id: string;
  token: string;
  item: Item;
  expires_at: string;
  seconds: number;
  suggestion: Suggestion | null;
  /** Suggestions for further questions. */
  further?: Suggestion[];
}

export interface Waiting {
  reason: 'all_held' | 'nothing_open' | 'done' | 'onboarding' | 'quota';
  text: string;
  /** When it goes on, if that is known. */
  opens_at?: string | null;
}

/** Advice to rest; nobody is kept from going on. */
export interface Advice {
  text: string;
  for_minutes: number;
}

export interface LeaseReply {
  assignments: Assignment[];
  waiting: Waiting | null;
  rest?: Advice | null;
}

export interface AnnotationBody {
  id: string;
  assignment: string;
  token: string;
  answers: Record<string, Answer>;
  seconds: number;
  schema_version: number;
  guideline_version: number;
}

export interface WireError {
  type: string;
  message: string;
  fields?: Record<string, unknown>;
}

export interface Result {
  id: string;
  status: 'saved' | 'repeated' | 'surplus' | 'refused';
  error: WireError | null;
}

export interface SkipBody {
  id: string;
  token: string;
  reason: string;
}

export interface RulingBody {
  id: string;
  item: string;
  question: string;
  answer: Answer;
  reason: string;
}

export interface Disagreement {
  item: Item;
  confidence: number | null;
  reason: string;
  /** The question that is to be settled; the project's first, where it is left out. */
  question?: string;
  /** What the answers come to as they are. */
  answer?: Answer | null;
  votes: Vote[];
  posterior: Record<string, number>;
  suggestion: Suggestion | null;
  /** What labeling functions say, each with how often it is believed to be right. */
  functions?: { name: string; answer: Answer; reliability: number | null }[];
  /** What people said of the item. */
  comments?: { annotator: string; text: string }[];
  /** By whom it was handed up, the first time first. */
  escalations?: { tier: number; reason: string }[];
}

/** One answer as an adjudicator sees it: under a cover name. */
export interface Vote {
  /** A cover name of a person; the name of a model. */
  annotator: string;
  kind?: 'person' | 'model' | 'function';
  answer: Answer;
  seconds: number;
  at?: string;
  /** What they wrote with it. */
  reason?: string;
}

/** The server understood and said no. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    readonly fields: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'Refusal';
  }

  /** Whether the same call may succeed later without a change. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** The server could not be reached, or did not answer in time. */
export class Away extends Error {
  constructor(message = 'The server cannot be reached right now.') {
    super(message);
    this.name = 'Away';
  }
}

const LIMIT_MS = 20_000;
/** What a gateway says in the place of a server that is not there. */
const GATEWAY = new Set([502, 503, 504]);

interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  body?: unknown;
  /** Let the browser finish the call after the page is closed. */
  keepalive?: boolean;
}

export async function call<T>(path: string, { method = 'GET', body, keepalive = false }: Call = {}): Promise<T> {
  const reply = await reach(path, { method, body, keepalive });
  if (reply.status === 204) return undefined as T;
  const found: unknown = await reply.json().catch(() => null);
  if (GATEWAY.has(reply.status)) throw new Away();
  if (!reply.ok) throw refusal(reply.status, found);
  if (found === null) throw new Refusal(500, 'BadReply', 'The server answered with something that is not JSON.');
  return found as T;
}

async function reach(path: string, { method, body, keepalive }: Required<Pick<Call, 'method' | 'keepalive'>> & Call) {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Goldseam': '1' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(path, {
      method,
      headers,
      keepalive,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(LIMIT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Away();
  }
}

function refusal(status: number, found: unknown): Refusal {
  const error = (found as { error?: Partial<WireError> } | null)?.error;
  const [type, fields] = [error?.type ?? 'Refused', error?.fields ?? {}];
  const message = error?.message ?? `The server refused the call (status ${status}).`;
  return new Refusal(status, type, refused(type, message, fields), fields);
}

export const at = (project: string, rest = '') => `/api/projects/${encodeURIComponent(project)}${rest}`;

export const api = {
  signIn: (body: { login: string; password: string } | { code: string }) =>
    call<{ me: Me }>('/api/session', { method: 'POST', body }),
  signOut: () => call<unknown>('/api/session', { method: 'DELETE' }),
  me: () => call<Me>('/api/me'),
  projects: () => call<ProjectLine[]>('/api/projects'),
  project: (project: string) => call<Project>(at(project)),
  round: (project: string) => call<Round>(at(project, '/round')),
  releases: (project: string) => call<unknown>(at(project, '/releases')),
  quarantine: (project: string, limit: number) => call<unknown>(at(project, `/quarantine?limit=${limit}`)),
  /** `holding`: what this person's pages have in hand; other leases of theirs end, so that a page loaded again gets them. */
  lease: (project: string, count: number, holding?: readonly string[]) =>
    call<LeaseReply>(at(project, '/assignments'), { method: 'POST', body: holding ? { count, holding } : { count } }),
  annotate: (project: string, annotations: AnnotationBody[], keepalive = false) =>
    call<{ results: Result[] }>(at(project, '/annotations'), { method: 'POST', body: { annotations }, keepalive }),
  skip: (project: string, assignment: string, body: SkipBody) =>
    call<unknown>(at(project, `/assignments/${encodeURIComponent(assignment)}/skip`), { method: 'POST', body }),
  withdraw: (project: string, annotation: string, id: string) =>
    call<{ assignment: Assignment }>(at(project, `/annotations/${encodeURIComponent(annotation)}/withdraw`), {
      method: 'POST',
      body: { id },
    }),
  /** Anything else that is asked of a project; `calls.ts` names what. */
  read: <T>(project: string, path: string) => call<T>(at(project, path)),
  /** Anything else with an id of its own, which the server takes in once: a flag, a comment, a proposal. */
  note: (project: string, path: string, body: { id: string }) => call<unknown>(at(project, path), { method: 'POST', body }),
  rule: (project: string, body: RulingBody) => call<unknown>(at(project, '/rulings'), { method: 'POST', body }),
  /** Fetch media as a blob; it is shown from memory, so the next item needs no network. */
  media: async (url: string): Promise<Blob> => {
    const reply = await reach(url, { method: 'GET', keepalive: false });
    if (!reply.ok) throw refusal(reply.status, await reply.json().catch(() => null));
    return reply.blob();
  },
};

export type Api = typeof api;
