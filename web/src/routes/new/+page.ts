import { fail } from '$lib/gate';
import { creating } from '$lib/manage/create';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
  try {
    return await creating.may();
  } catch (problem) {
    fail(problem, url);
  }
};
