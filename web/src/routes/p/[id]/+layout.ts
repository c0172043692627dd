import { api } from '$lib/api';
import { fail } from '$lib/gate';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ params, url, untrack }) => {
  try {
    return { project: await api.project(params.id) };
  } catch (problem) {
    fail(problem, untrack(() => url));
  }
};
