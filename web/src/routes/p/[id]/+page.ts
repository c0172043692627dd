import { api } from '$lib/api';
import { fail } from '$lib/gate';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url }) => {
  try {
    return { round: await api.round(params.id) };
  } catch (problem) {
    fail(problem, url);
  }
};
