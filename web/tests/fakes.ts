/** A clock and a server in memory: they follow the contract, so that tests need no network and no waiting. */
import type { AnnotationBody, Assignment, LeaseReply, Result, Suggestion } from '../src/lib/api';
import { Away, Refusal } from '../src/lib/api';

/** Time that passes only when it is told to; `later` runs what is due, in order. */
export class FakeClock {
  at = 1_700_000_000_000;
  private waiting: { at: number; fn: () => void }[] = [];

  now = () => this.at;

  later = (ms: number, fn: () => void) => {
    const one = { at: this.at + ms, fn };
    this.waiting.push(one);
    return () => void (this.waiting = this.waiting.filter((each) => each !== one));
  };

  async pass(ms: number): Promise<void> {
    const end = this.at + ms;
    for (;;) {
      await settle();
      const next = this.waiting.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.waiting = this.waiting.filter((one) => one !== next);
      this.at = Math.max(this.at, next.at);
      next.fn();
    }
    this.at = end;
    await settle();
  }
}

/** Let every promise that can go on do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 500; i++) await Promise.resolve();
}

export class FakeServer {
  away = false;
  signedIn = true;
  /** Called for each annotation: what becomes of it. */
  fate: (body: AnnotationBody) => Result['status'] = () => 'saved';
  /** Lose the reply of the next call: the server did the work, the page does not know. */
  loseReply = false;
  saved = new Map<string, AnnotationBody>();
  calls: string[] = [];
  leased: Assignment[] = [];
  items = 1_000;
  seconds = 600;
  suggestion: Suggestion | null = null;
  private number = 0;

  private enter(name: string): void {
    this.calls.push(name);
    if (this.away) throw new Away();
    if (!this.signedIn) throw new Refusal(401, 'NotSignedIn', 'No valid session came with the call.');
  }

  private leave<T>(reply: T): T {
    if (!this.loseReply) return reply;
    this.loseReply = false;
    throw new Away();
  }

  annotate = async (_: string, bodies: AnnotationBody[]) => {
    this.enter(`annotate ${bodies.length}`);
    const results = bodies.map((body): Result => {
      const known = this.saved.has(body.id);
      const status = known ? 'repeated' : this.fate(body);
      if (status === 'refused') return { id: body.id, status, error: { type: 'LeaseLost', message: 'It is not held any more.' } };
      this.saved.set(body.id, body);
      return { id: body.id, status, error: null };
    });
    return this.leave({ results });
  };

  skip = async (_: string, assignment: string) => {
    this.enter(`skip ${assignment}`);
    return this.leave({ done: true });
  };

  note = async (_: string, path: string, body: { id: string }) => {
    this.enter(`note ${path} ${body.id}`);
    return this.leave({ done: true });
  };

  rule = async (_: string, body: { id: string }) => {
    this.enter(`rule ${body.id}`);
    return this.leave({ done: true });
  };

  withdraw = async (_: string, annotation: string) => {
    this.enter(`withdraw ${annotation}`);
    const body = this.saved.get(annotation);
    if (!body) throw new Refusal(404, 'NotFound', 'There is no such annotation.');
    this.saved.delete(annotation);
    const before = this.leased.find((one) => one.id === body.assignment)!;
    return this.leave({ assignment: { ...before, token: `${before.token} again` } });
  };

  lease = async (count: number): Promise<LeaseReply> => {
    this.enter(`lease ${count}`);
    const assignments: Assignment[] = [];
    for (; assignments.length < count && this.number < this.items; this.number++) {
      const item = { id: `item${this.number}`, modality: 'text' as const, text: `text ${this.number}`, media_url: null, metadata: {} };
      const { seconds, suggestion } = this;
      assignments.push({ id: `a${this.number}`, token: 't', item, expires_at: '', seconds, suggestion });
    }
    this.leased.push(...assignments);
    const waiting = assignments.length ? null : { reason: 'done' as const, text: 'Nothing is open in this round.' };
    return this.leave({ assignments, waiting });
  };
}
