import * as calls from '$lib/aside/calls';
import { fail } from '$lib/gate';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url }) => {
  try {
    const [cases, disputes] = await Promise.all([calls.disagreements(params.id), calls.disputes(params.id)]);
    return { cases, disputes };
  } catch (problem) {
    fail(problem, url);
  }
};
