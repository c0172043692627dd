import { api, Refusal } from '$lib/api';
import { fail } from '$lib/gate';
import type { LayoutLoad } from './$types';

export const ssr = false;
export const prerender = false;
export const trailingSlash = 'never';

export const load: LayoutLoad = async ({ url, depends, untrack }) => {
  depends('goldseam:me');
  const wanted = untrack(() => new URL(url));
  try {
    return { me: await api.me() };
  } catch (problem) {
    if (wanted.pathname === '/sign-in' && problem instanceof Refusal && problem.status === 401) return { me: null };
    fail(problem, wanted);
  }
};
