/**
 * What all tabs of this browser have in hand, so that a page loaded again gets its items back, and no other tab loses its own.
 *
 * In: the assignments of this tab. Out: those of all tabs that are alive. Never: a token, or anything about an item.
 */

import { recall, remember } from './taste';

const NAME = 'held';
/** A tab that has said nothing for this long is gone; its leases have ended by themselves. */
const ALIVE_MS = 15 * 60_000;

type Held = Record<string, { at: number; ids: string[] }>;

function read(now: number): Held {
  try {
    const found = JSON.parse(recall(NAME, '{}')) as Held;
    return Object.fromEntries(Object.entries(found).filter(([, tab]) => now - tab.at < ALIVE_MS));
  } catch {
    return {};
  }
}

/** Say what this tab holds; nothing, when it is closed. */
export function hold(tab: string, ids: readonly string[], now: number = Date.now()): void {
  const held = read(now);
  if (ids.length) held[tab] = { at: now, ids: [...ids] };
  else delete held[tab];
  remember(NAME, JSON.stringify(held));
}

/** What the other tabs hold. */
export function heldElsewhere(tab: string, now: number = Date.now()): string[] {
  return Object.entries(read(now)).flatMap(([name, { ids }]) => (name === tab ? [] : ids));
}
