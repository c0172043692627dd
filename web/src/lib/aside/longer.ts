/**
 * Whether leases are held longer: somebody is at work, and time runs out.
 *
 * In: when leases end, when the person last did something, the time. Out: which to hold longer now. Never: a call.
 */

import type { Task } from '../queue';

/** A lease is held longer once less than this is left of it. */
const SHORT_MS = 3 * 60_000;
/** Whoever did nothing for this long may have gone: their items go to others when the lease ends. */
const AT_WORK_MS = 5 * 60_000;
const MOST = 100;

/** The tasks whose leases are to be held longer; none while there is time, or nobody is at work. */
export function dueFor(tasks: readonly Task[], lastAct: number, now: number): Task[] {
  if (now - lastAct > AT_WORK_MS) return [];
  const alive = tasks.filter((task) => task.leaseEnds > now);
  const short = (task: Task) => task.leaseEnds - now < Math.min(SHORT_MS, (task.assignment.seconds * 1000) / 2);
  return alive.some(short) ? alive.slice(0, MOST) : [];
}
