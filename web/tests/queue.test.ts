import { beforeEach, expect, test } from 'vitest';
import { type Media, Queue } from '../src/lib/queue';
import { FakeClock, FakeServer, settle } from './fakes';

let clock: FakeClock;
let server: FakeServer;
let answered: Set<string>;
let flushed: number;

function make(parts: Partial<ConstructorParameters<typeof Queue>[0]> = {}): Queue {
  return new Queue({
    lease: (count) => server.lease(count),
    loadMedia: () => Promise.reject(new Error('There is no media here.')),
    prefetch: 5,
    isAnswered: (assignment) => answered.has(assignment),
    sendFirst: async () => void flushed++,
    now: clock.now,
    later: clock.later,
    ...parts,
  });
}

const shown = (queue: Queue) => queue.state.task?.assignment.id ?? null;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer();
  answered = new Set();
  flushed = 0;
});

test('the first call fills the screen and the stock behind it', async () => {
  const queue = make();
  await queue.fill();
  expect(shown(queue)).toBe('a0');
  expect(queue.state.ahead).toBe(5);
});

test('the next item is shown in the same turn, without waiting for the server', async () => {
  const queue = make();
  await queue.fill();
  queue.advance();
  expect(shown(queue)).toBe('a1');
});

test('a hundred items are shown in order, once each, with fewer calls than items', async () => {
  server.items = 100;
  const queue = make();
  await queue.fill();
  const seen: string[] = [];
  while (queue.state.task) {
    seen.push(shown(queue)!);
    answered.add(shown(queue)!);
    queue.advance();
    await clock.pass(0);
  }
  expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => `a${n}`));
  expect(server.calls.length).toBeLessThan(60);
  expect(queue.state.waiting?.reason).toBe('done');
});

test('only the first call of a page, until it succeeds, may end leases that nobody has in hand', async () => {
  const asked: string[] = [];
  const queue = make({
    lease: (count, which) => {
      asked.push(which);
      return server.lease(count);
    },
  });
  server.away = true;
  await queue.fill();
  server.away = false;
  await clock.pass(4_000);
  for (let i = 0; i < 4; i++) queue.advance();
  await settle();
  expect(asked).toEqual(['first', 'first', 'further']);
  expect(queue.held).toHaveLength(queue.state.ahead + 1);
});

test('two fills at once make one call', async () => {
  const queue = make();
  await Promise.all([queue.fill(), queue.fill()]);
  expect(server.calls).toEqual(['lease 6']);
});

test('an assignment that is answered already, or shown already, is not shown again', async () => {
  const queue = make({ lease: async () => ({ assignments: (await new FakeServer().lease(3)).assignments, waiting: null }) });
  answered.add('a0');
  await queue.fill();
  expect(shown(queue)).toBe('a1');
  await queue.fill();
  expect(queue.state.ahead).toBe(1);
});

test('a lease that ended in the stock is dropped, and new ones are asked for', async () => {
  const queue = make();
  await queue.fill();
  await clock.pass(601_000);
  queue.advance();
  expect(shown(queue)).toBeNull();
  await settle();
  expect(shown(queue)).toBe('a6');
});

test('a server that is away leaves the stock usable, says so when it runs dry, and goes on by itself', async () => {
  const queue = make();
  await queue.fill();
  server.away = true;
  for (let i = 0; i < 5; i++) queue.advance();
  expect(shown(queue)).toBe('a5');
  queue.advance();
  await settle();
  expect(queue.state.trouble).toMatch(/cannot be reached/);
  server.away = false;
  await clock.pass(4_000);
  expect(queue.state.trouble).toBeNull();
  expect(shown(queue)).toBe('a6');
});

test('an ended session is told apart from a server that is away, and is not tried again', async () => {
  server.signedIn = false;
  const queue = make();
  await queue.fill();
  expect(queue.state.signedOut).toBe(true);
  await clock.pass(60_000);
  expect(server.calls).toEqual(['lease 6']);
});

test('before it waits, what is in the outbox is sent; then it looks again by itself', async () => {
  server.items = 0;
  const queue = make();
  await queue.fill();
  expect(flushed).toBe(1);
  expect(queue.state.waiting?.text).toBe('Nothing is open in this round.');
  server.items = 2;
  await clock.pass(16_000);
  expect(shown(queue)).toBe('a0');
  expect(queue.state.waiting).toBeNull();
});

test('an undone item is shown at once, and what was on screen comes after it', async () => {
  const queue = make();
  await queue.fill();
  const first = queue.state.task!;
  queue.advance();
  queue.show(first);
  expect(shown(queue)).toBe('a0');
  queue.advance();
  expect(shown(queue)).toBe('a1');
});

test('media is ready before its item is shown; an image that fails is said, not hidden', async () => {
  const released: string[] = [];
  const loadMedia = async (url: string): Promise<Media> => {
    if (url.endsWith('1')) throw new Error('The image could not be decoded.');
    return { image: {} as HTMLImageElement, width: 8, height: 8, release: () => void released.push(url) };
  };
  const lease = async (count: number) => {
    const reply = await server.lease(count);
    for (const one of reply.assignments) one.item = { ...one.item, text: null, media_url: `/media/${one.id}` };
    return reply;
  };
  server.items = 3;
  const queue = make({ loadMedia, lease });
  await queue.fill();
  expect(queue.state.task?.media?.width).toBe(8);
  queue.advance();
  expect(queue.state.task).toMatchObject({ media: null, broken: 'The image could not be decoded.' });
  queue.stop();
  expect(released.sort()).toEqual(['/media/a0', '/media/a2']);
});
