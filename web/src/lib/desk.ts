/**
 * What the whole page shares: the outbox of this browser, and the line that is read out.
 *
 * In: who is signed in; sentences. Out: one outbox; two Svelte stores. Never: anything about one project.
 */

import { type Readable, writable } from 'svelte/store';
import { api } from './api';
import { Outbox, type OutboxState } from './outbox';
import { IndexedShelf, MemoryShelf } from './shelf';

const shelf = IndexedShelf.open().catch(() => new MemoryShelf());

/** One name per tab, also after a reload, so that what it left is sent at once. */
export const tab = tabName();

/** The one outbox, once its shelf is open. */
export const outbox: Promise<Outbox> = shelf.then((found) => new Outbox({ shelf: found, api, tab }));

function tabName(): string {
  const fresh = Math.random().toString(36).slice(2);
  try {
    const known = sessionStorage.getItem('goldseam.tab');
    if (known === null) sessionStorage.setItem('goldseam.tab', fresh);
    return known ?? fresh;
  } catch {
    return fresh;
  }
}

const EMPTY: OutboxState = { waiting: 0, sending: false, link: 'fine', refused: [], lasting: true };

/** The outbox's state, for the header. */
export const post: Readable<OutboxState> = {
  subscribe(run) {
    run(EMPTY);
    let stop = () => {};
    let over = false;
    void outbox.then((box) => {
      if (!over) stop = box.subscribe(run);
    });
    return () => {
      over = true;
      stop();
    };
  },
};

const said = writable('');
export const live: Readable<string> = said;

/** Have a screen reader say this; the same words twice are said twice. */
export function say(text: string): void {
  said.update((before) => (before === text ? `${text}\u00a0` : text));
}

/** Send when the connection comes back, and before the page goes away. Returns how to stop listening. */
export function tend(): () => void {
  const wake = () => void outbox.then((box) => box.wake());
  const leave = () => void outbox.then((box) => box.flush({ keepalive: true }));
  const hide = () => (document.visibilityState === 'hidden' ? leave() : wake());
  const warn = (event: BeforeUnloadEvent) => {
    if (unsafe) event.preventDefault();
  };
  let unsafe = false;
  const stop = post.subscribe((state) => (unsafe = !state.lasting && state.waiting > 0));
  addEventListener('online', wake);
  addEventListener('beforeunload', warn);
  addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', hide);
  return () => {
    stop();
    removeEventListener('online', wake);
    removeEventListener('beforeunload', warn);
    removeEventListener('pagehide', leave);
    document.removeEventListener('visibilitychange', hide);
  };
}
