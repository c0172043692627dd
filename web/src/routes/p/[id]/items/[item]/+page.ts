import { fail } from '$lib/gate';
import { items } from '$lib/manage/items';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url }) => {
  try {
    return { trace: await items.trace(params.id, params.item) };
  } catch (problem) {
    fail(problem, url);
  }
};
