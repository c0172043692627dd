import { api } from '$lib/api';
import { fail } from '$lib/gate';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url, untrack }) => {
  try {
    return { n_items: (await api.round(params.id)).counts.items };
  } catch (problem) {
    fail(problem, untrack(() => url));
  }
};
