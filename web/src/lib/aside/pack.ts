/**
 * What is in hand, kept for a reload without a connection; and packs: many items taken along at once.
 *
 * In: the tasks of this tab. Out: the same assignments after a reload, while their leases last. Never: an answer (those are
 * the outbox's), or an item of somebody else on the same machine.
 */

import { type IDBPDatabase, openDB } from 'idb';
import { api, type Assignment, Away, type LeaseReply } from '../api';
import type { Queue, Task } from '../queue';

/** As many as one takes along. */
export const MOST = 200;
/** As many as one call leases. */
const BATCH = 100;

interface Kept {
  name: string;
  person: string;
  tasks: { assignment: Assignment; leaseEnds: number }[];
}

let db: Promise<IDBPDatabase> | null = null;

function open(): Promise<IDBPDatabase> {
  return (db ??= openDB('goldseam.hand', 1, { upgrade: (fresh) => void fresh.createObjectStore('hand', { keyPath: 'name' }) }));
}

const nameOf = (project: string, tab: string) => `${project} ${tab}`;

/** Keep what this tab has in hand; with it what a page needs to show it without a connection. */
export async function keep(project: string, person: string, tab: string, tasks: readonly Task[]): Promise<void> {
  const kept: Kept = {
    name: nameOf(project, tab),
    person,
    tasks: tasks.map(({ assignment, leaseEnds }) => ({ assignment, leaseEnds })),
  };
  await (await open()).put('hand', kept);
  await keepMedia(tasks);
}

/** Have the service worker keep the media; it keeps what passes through it. Without a connection there is no use in trying on. */
async function keepMedia(tasks: readonly Task[]): Promise<void> {
  if (!navigator.serviceWorker?.controller) return;
  for (const { assignment } of tasks) {
    const url = assignment.item.media_url;
    if (url && !(await caches.match(url, { ignoreVary: true }))) await api.media(url);
  }
}

/** Have the service worker keep who one is, and the project. */
export async function keepPage(project: string): Promise<void> {
  const worker = navigator.serviceWorker;
  if (!worker) return;
  if (!worker.controller) await new Promise((done) => worker.addEventListener('controllerchange', done, { once: true }));
  await Promise.allSettled([api.me(), api.project(project)]);
}

/** The assignments that this tab had in hand, where the server is away; any other problem is thrown again. */
export async function inHand(project: string, person: string, tab: string, problem: unknown, now = Date.now()): Promise<LeaseReply> {
  if (!(problem instanceof Away)) throw problem;
  const kept = (await (await open()).get('hand', nameOf(project, tab))) as Kept | undefined;
  const mine = kept?.person === person ? kept.tasks.filter((task) => task.leaseEnds > now) : [];
  if (!mine.length) throw problem;
  const assignments = mine.map(({ assignment, leaseEnds }) => ({ ...assignment, seconds: (leaseEnds - now) / 1000 }));
  return { assignments, waiting: null };
}

/** Lease items for half a day until there are `MOST` in hand; returns how many are there. `answered`: what waits to be sent. */
export async function take(project: string, queue: Queue, answered: readonly string[], said: (n: number) => void): Promise<number> {
  for (let before = -1; queue.tasks.length < MOST && queue.tasks.length > before; ) {
    before = queue.tasks.length;
    said(before);
    const holding = [...queue.held, ...answered].slice(0, 500);
    const body = { count: Math.min(BATCH, MOST - before), holding };
    const reply = (await api.note(project, '/packs', body as unknown as { id: string })) as LeaseReply;
    await queue.take(reply.assignments);
  }
  return queue.tasks.length;
}
