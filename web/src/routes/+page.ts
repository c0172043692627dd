import { api } from '$lib/api';
import { fail } from '$lib/gate';
import { creating } from '$lib/manage/create';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
  try {
    const [lines, { may }] = await Promise.all([api.projects(), creating.may()]);
    return { lines, may };
  } catch (problem) {
    fail(problem, url);
  }
};
