/**
 * A sitting at the queue as pages beside the annotate page need it: queue, session and outbox joined, and left in order.
 *
 * In: a project, a person, what to do when the queue moves. Out: a queue and a session. Never: two calls for leases at once, or a
 * lease kept by a page that is gone.
 */

import { api, type LeaseReply, type Me, type Project } from '../api';
import { outbox, say, tab } from '../desk';
import { heldElsewhere, hold } from '../held';
import { loadMedia } from '../media';
import type { Outbox } from '../outbox';
import { Queue, type QueueState } from '../queue';
import { Session } from '../session';

export interface Sitting {
  queue: Queue;
  session: Session;
  box: Outbox;
  stop(): void;
}

/** Open a queue; what is shown is told to `onview`. */
export async function sit(
  project: Project,
  me: Me,
  lease: (count: number, holding: readonly string[] | undefined) => Promise<LeaseReply>,
  onview: (view: QueueState) => void,
): Promise<Sitting> {
  const box = await outbox;
  await box.open(me.id);
  const queue = new Queue({
    lease: (count, which) => lease(count, which === 'first' ? [...heldElsewhere(tab), ...box.assignments].slice(0, 500) : undefined),
    loadMedia,
    prefetch: Math.max(2, project.policy.prefetch),
    isAnswered: (assignment) => box.holds(assignment),
    sendFirst: () => box.flush(),
  });
  const session = new Session({ project, queue, outbox: box, api });
  const unfollow = queue.subscribe((view) => {
    onview(view);
    hold(tab, queue.held);
  });
  const unhear = box.onFate((letter, fate) => {
    if (fate === 'refused') say(`The server refused an answer: ${letter.title}. See the outbox.`);
  });
  const stop = () => {
    unfollow();
    unhear();
    queue.stop();
    hold(tab, []);
    void box.flush();
  };
  return { queue, session, box, stop };
}

/** How many answers the round has, and how many it wants; null where the server cannot say. */
export const roundOf = (project: string) => api.round(project).then(({ counts }) => ({ answered: counts.answered, wanted: counts.wanted }), () => null);
