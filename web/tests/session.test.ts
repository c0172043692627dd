import { beforeEach, expect, test } from 'vitest';
import { HOLD_MS, Outbox } from '../src/lib/outbox';
import { Queue } from '../src/lib/queue';
import { median, Session } from '../src/lib/session';
import { MemoryShelf } from '../src/lib/shelf';
import { FakeClock, FakeServer, settle } from './fakes';

let clock: FakeClock;
let server: FakeServer;
let outbox: Outbox;
let queue: Queue;
let session: Session;

const yes = { q: { kind: 'choice' as const, label: 'yes' } };
const no = { q: { kind: 'choice' as const, label: 'no' } };
const shown = () => queue.state.task?.assignment.id ?? null;

async function answerFor(ms: number, answers = yes) {
  session.shown();
  clock.at += ms;
  return session.answer(answers, 'yes');
}

beforeEach(async () => {
  clock = new FakeClock();
  server = new FakeServer();
  outbox = new Outbox({ shelf: new MemoryShelf(), api: server, now: clock.now, later: clock.later });
  await outbox.open('ada');
  queue = new Queue({
    lease: server.lease,
    loadMedia: () => Promise.reject(new Error('none')),
    prefetch: 5,
    isAnswered: (assignment) => outbox.holds(assignment),
    sendFirst: () => outbox.flush(),
    now: clock.now,
    later: clock.later,
  });
  const project = { id: 'p', schema_version: 2, guideline_version: 3 };
  session = new Session({ project, queue, outbox, api: server, clock: clock.now });
  await queue.fill();
});

test('an answer carries its assignment, token, versions and the time from shown to answered', async () => {
  await answerFor(1_250);
  expect(shown()).toBe('a1');
  await clock.pass(HOLD_MS);
  expect([...server.saved.values()]).toEqual([
    expect.objectContaining({ assignment: 'a0', token: 't', answers: yes, seconds: 1.25, schema_version: 2, guideline_version: 3 }),
  ]);
});

test('time with the page out of sight is not time spent', async () => {
  session.shown();
  clock.at += 1_000;
  session.sight('hidden');
  clock.at += 3_600_000;
  session.sight('visible');
  clock.at += 500;
  await session.answer(yes, 'yes');
  expect(session.tally.median_seconds).toBe(1.5);
});

test('the screen does not change when the answer could not be kept', async () => {
  outbox.close();
  await expect(answerFor(100)).rejects.toThrow('Nobody is signed in.');
  expect(shown()).toBe('a0');
  expect(session.tally.answered).toBe(0);
});

test('a second key before the next item answers nothing', async () => {
  const [first, second] = await Promise.all([answerFor(100), session.answer(no, 'no')]);
  expect([first, second]).toEqual([true, false]);
  expect(session.tally.answered).toBe(1);
});

test('undo goes back over twelve items, some sent and some not, and each is answered again', async () => {
  for (let n = 0; n < 8; n++) await answerFor(1_000);
  await clock.pass(HOLD_MS);
  await settle();
  for (let n = 8; n < 12; n++) await answerFor(1_000);
  expect(shown()).toBe('a12');
  for (let n = 11; n >= 0; n--) {
    expect(await session.undo()).toEqual({ done: true, answers: yes });
    expect(shown()).toBe(`a${n}`);
  }
  expect(session.tally).toMatchObject({ answered: 0, undone: 12 });
  expect(server.saved.size).toBe(0);
  expect(server.calls.filter((call) => call.startsWith('withdraw'))).toHaveLength(8);
  for (let n = 0; n < 12; n++) {
    expect(shown()).toBe(`a${n}`);
    await answerFor(500, no);
  }
  await clock.pass(10_000);
  const bodies = [...server.saved.values()];
  expect(bodies).toHaveLength(12);
  expect(bodies.every((body) => body.answers.q?.kind === 'choice' && body.answers.q.label === 'no')).toBe(true);
  expect(bodies.filter((body) => body.token === 't again')).toHaveLength(8);
});

test('an undo that the server cannot hear changes nothing and says so', async () => {
  await answerFor(1_000);
  await clock.pass(HOLD_MS);
  server.away = true;
  expect(await session.undo()).toMatchObject({ done: false, why: expect.stringContaining('cannot be reached') });
  expect(shown()).toBe('a1');
  server.away = false;
  expect(await session.undo()).toMatchObject({ done: true });
  expect(shown()).toBe('a0');
});

test('a skip is undone while it is held, and not once it was sent', async () => {
  await session.skip('unreadable', 'Skip');
  expect(await session.undo()).toMatchObject({ done: true });
  expect(shown()).toBe('a0');
  await session.skip('unreadable', 'Skip');
  await clock.pass(5_000);
  expect(server.calls).toContain('skip a0');
  expect(await session.undo()).toMatchObject({ done: false, why: expect.stringContaining('has been sent') });
});

test('with nothing done there is nothing to undo', async () => {
  expect(await session.undo()).toEqual({ done: false, why: 'There is nothing to undo.' });
});

test('a median is the middle, the mean of the two middle ones, or undefined', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, null]);
});
