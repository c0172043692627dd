import * as calls from '$lib/aside/calls';
import { fail } from '$lib/gate';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url }) => {
  try {
    return { first: await calls.corrections(params.id) };
  } catch (problem) {
    fail(problem, url);
  }
};
