/**
 * What a page does when its first call fails.
 *
 * In: an error, and the address the person wanted. Out: a redirect to sign-in, or an error page. Never: a retry.
 */

import { error, redirect } from '@sveltejs/kit';
import { Refusal } from './api';

export function fail(problem: unknown, wanted: URL): never {
  if (problem instanceof Refusal) {
    if (problem.status === 401) redirect(302, `/sign-in?next=${encodeURIComponent(wanted.pathname)}`);
    error(problem.status, { message: problem.message, type: problem.type });
  }
  error(503, { message: problem instanceof Error ? problem.message : String(problem), type: 'Away' });
}

/** Only a path on this server: an address given in the query must not lead elsewhere. */
export function safePath(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/';
}
