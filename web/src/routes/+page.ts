import { api } from '$lib/api';
import { fail } from '$lib/gate';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
  try {
    return { lines: await api.projects() };
  } catch (problem) {
    fail(problem, url);
  }
};
