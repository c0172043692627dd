import { api } from '$lib/api';
import { fail } from '$lib/gate';
import type { LayoutLoad } from './$types';

export const ssr = false;
export const prerender = false;
export const trailingSlash = 'never';

export const load: LayoutLoad = async ({ url, depends, untrack }) => {
  depends('goldseam:me');
  const wanted = untrack(() => new URL(url));
  if (wanted.pathname === '/sign-in' || wanted.pathname === '/join') return { me: null };
  try {
    return { me: await api.me() };
  } catch (problem) {
    fail(problem, wanted);
  }
};
