import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../src/lib/api';
import { uuid7 } from '../src/lib/ids';
import { BATCH, batches, HOLD_MS, Outbox } from '../src/lib/outbox';
import { type Draft, IndexedShelf, type Letter, MemoryShelf, type Shelf } from '../src/lib/shelf';
import { FakeClock, FakeServer, settle } from './fakes';

let clock: FakeClock;
let server: FakeServer;
let shelf: Shelf;
let outbox: Outbox;

function draft(n: number, project = 'p'): Draft {
  const id = uuid7(clock.at + n);
  const body = { id, assignment: `a${n}`, token: 't', answers: { q: { kind: 'choice' as const, label: 'yes' } }, seconds: 1, schema_version: 1, guideline_version: 1 };
  return { kind: 'annotation', id, project, assignment: `a${n}`, title: `yes: ${n}`, body };
}

function skip(n: number): Draft {
  const id = uuid7(clock.at + n);
  return { kind: 'skip', id, project: 'p', assignment: `a${n}`, title: 'Skip', body: { id, token: 't', reason: 'unreadable' } };
}

function fresh(tab = 'one'): Outbox {
  return new Outbox({ shelf, api: server, now: clock.now, later: clock.later, tab });
}

beforeEach(async () => {
  clock = new FakeClock();
  server = new FakeServer();
  shelf = new MemoryShelf();
  outbox = fresh();
  await outbox.open('ada');
});

describe('keeping', () => {
  test('an answer is on the shelf before post resolves', async () => {
    await outbox.post(draft(1));
    expect(await shelf.all()).toHaveLength(1);
    expect(server.calls).toEqual([]);
  });

  test('answers of a moment travel in one call, and the shelf is empty after it', async () => {
    for (let n = 0; n < 5; n++) await outbox.post(draft(n));
    expect(outbox.state.waiting).toBe(5);
    await clock.pass(HOLD_MS);
    expect(server.calls).toEqual(['annotate 5']);
    expect(await shelf.all()).toEqual([]);
    expect(outbox.state.waiting).toBe(0);
  });

  test('a steady hand is sent in batches, not answer by answer', async () => {
    for (let n = 0; n < 20; n++) {
      await outbox.post(draft(n));
      await clock.pass(140);
    }
    await clock.pass(HOLD_MS);
    expect(server.saved.size).toBe(20);
    expect(server.calls.length).toBeLessThan(6);
  });

  test('what an earlier visit left is sent by the next', async () => {
    await outbox.post(draft(1));
    const next = fresh('two');
    await next.open('ada');
    expect(next.holds('a1')).toBe(true);
    await clock.pass(31_000);
    expect(server.saved.size).toBe(1);
  });

  test("another tab's fresh letter is left to that tab", async () => {
    await outbox.post(draft(1));
    outbox.close();
    const other = fresh('two');
    await other.open('ada');
    await clock.pass(5_000);
    expect(server.calls).toEqual([]);
  });

  test("another person's letters stay on the shelf and are not counted", async () => {
    await outbox.post(draft(1));
    outbox.close();
    await outbox.open('bram');
    expect(outbox.state.waiting).toBe(0);
    await clock.pass(60_000);
    expect(server.saved.size).toBe(0);
    expect(await shelf.all()).toHaveLength(1);
    await outbox.open('ada');
    await clock.pass(60_000);
    expect(server.saved.size).toBe(1);
  });

  test('letters survive in IndexedDB', async () => {
    shelf = await IndexedShelf.open('trial');
    const lasting = fresh();
    await lasting.open('ada');
    await lasting.post(draft(7));
    const again = await IndexedShelf.open('trial');
    expect((await again.all()).map((letter) => letter.assignment)).toEqual(['a7']);
    await again.remove((await again.all())[0]!.id);
    expect(await again.all()).toEqual([]);
  });
});

describe('sending', () => {
  test('a server that is away loses nothing, is tried again with growing waits, and gets everything once', async () => {
    server.away = true;
    for (let n = 0; n < 3; n++) await outbox.post(draft(n));
    await clock.pass(10 * 60_000);
    const tries = server.calls.length;
    expect(tries).toBeGreaterThan(10);
    expect(tries).toBeLessThan(30);
    expect(outbox.state).toMatchObject({ waiting: 3, link: 'away' });
    server.away = false;
    await clock.pass(30_000);
    expect(server.saved.size).toBe(3);
    expect(outbox.state).toMatchObject({ waiting: 0, link: 'fine' });
  });

  test('the connection coming back is used at once', async () => {
    server.away = true;
    await outbox.post(draft(1));
    await clock.pass(5 * 60_000);
    server.away = false;
    await outbox.wake();
    expect(server.saved.size).toBe(1);
  });

  test('a lost reply is repeated, and the repeat ends it', async () => {
    server.loseReply = true;
    await outbox.post(draft(1));
    await clock.pass(HOLD_MS);
    expect(outbox.state.waiting).toBe(1);
    await clock.pass(2_000);
    expect(server.calls).toEqual(['annotate 1', 'annotate 1']);
    expect(server.saved.size).toBe(1);
    expect(outbox.state.waiting).toBe(0);
  });

  test('a surplus answer is done; a refused one stays, with the reason, and holds up no other', async () => {
    server.fate = (body) => (body.assignment === 'a1' ? 'refused' : body.assignment === 'a2' ? 'surplus' : 'saved');
    const fates: string[] = [];
    outbox.onFate((letter, fate) => fates.push(`${letter.assignment} ${fate}`));
    for (let n = 0; n < 4; n++) await outbox.post(draft(n));
    await clock.pass(HOLD_MS);
    expect(fates).toEqual(['a0 saved', 'a1 refused', 'a2 surplus', 'a3 saved']);
    expect(outbox.state.waiting).toBe(0);
    expect(outbox.state.refused.map((letter) => letter.error?.message)).toEqual(['It is not held any more.']);
    expect(await shelf.all()).toHaveLength(1);
    await clock.pass(60_000);
    expect(server.calls).toEqual(['annotate 4']);
  });

  test('a refused letter is forgotten only by a person, or sent again by one', async () => {
    server.fate = () => 'refused';
    await outbox.post(draft(1));
    await outbox.post(draft(2));
    await clock.pass(HOLD_MS);
    const [one, two] = outbox.state.refused;
    await outbox.dismiss(one!.id);
    server.fate = () => 'saved';
    await outbox.retry(two!.id);
    expect(server.saved.size).toBe(1);
    expect(await shelf.all()).toEqual([]);
  });

  test('a batch that is refused as a whole is sent one by one', async () => {
    const annotate = server.annotate;
    server.annotate = async (project, bodies) => {
      if (bodies.some((body) => body.assignment === 'a1')) throw new Refusal(422, 'BadValue', 'A value is of the wrong form.');
      return annotate(project, bodies);
    };
    outbox = fresh();
    await outbox.open('ada');
    for (let n = 0; n < 3; n++) await outbox.post(draft(n));
    await clock.pass(HOLD_MS);
    expect(server.saved.size).toBe(2);
    expect(outbox.state.refused.map((letter) => letter.assignment)).toEqual(['a1']);
  });

  test('an answer that breaks the server waits, and the others go through', async () => {
    const annotate = server.annotate;
    server.annotate = async (project, bodies) => {
      if (bodies.some((body) => body.assignment === 'a1')) throw new Refusal(500, 'Unexpected', 'Something broke.');
      return annotate(project, bodies);
    };
    outbox = fresh();
    await outbox.open('ada');
    for (let n = 0; n < 3; n++) await outbox.post(draft(n));
    await clock.pass(HOLD_MS);
    expect(server.saved.size).toBe(2);
    expect(outbox.state.waiting).toBe(1);
    expect(outbox.state.refused).toEqual([]);
  });

  test('an ended session stops the sending and keeps the letters until the next sign-in', async () => {
    server.signedIn = false;
    await outbox.post(draft(1));
    await clock.pass(60_000);
    expect(server.calls).toHaveLength(1);
    expect(outbox.state).toMatchObject({ waiting: 1, link: 'signed_out' });
    server.signedIn = true;
    await outbox.open('ada');
    await clock.pass(60_000);
    expect(server.saved.size).toBe(1);
  });

  test('a call that was sent while letters came in does not swallow them', async () => {
    await outbox.post(draft(1));
    const first = outbox.flush();
    await outbox.post(draft(2));
    await first;
    await clock.pass(HOLD_MS);
    expect(server.saved.size).toBe(2);
  });

  test('a page that goes away makes its call in the same turn', async () => {
    await outbox.post(draft(1));
    void outbox.flush({ keepalive: true });
    expect(server.calls).toEqual(['annotate 1']);
  });

  test('the project and the size bound a batch; skips go alone', () => {
    const letters = [...Array.from({ length: 150 }, (_, n) => draft(n)), draft(151, 'other'), skip(152), draft(153)] as Letter[];
    expect(batches(letters).map((batch) => batch.length)).toEqual([BATCH, 50, 1, 1, 1]);
  });
});

describe('taking back', () => {
  test('a letter that never left is taken back without a call', async () => {
    const one = draft(1);
    await outbox.post(one);
    expect(await outbox.takeBack(one.id)).toBe('taken');
    await clock.pass(60_000);
    expect(server.calls).toEqual([]);
    expect(await shelf.all()).toEqual([]);
  });

  test('a letter that was sent is gone, also when it is in the air just now', async () => {
    const one = draft(1);
    await outbox.post(one);
    const flying = outbox.flush();
    expect(await outbox.takeBack(one.id)).toBe('gone');
    await flying;
    expect(server.saved.size).toBe(1);
  });

  test('a letter without a reply is not taken back: the server may have it', async () => {
    const one = draft(1);
    server.loseReply = true;
    await outbox.post(one);
    await clock.pass(HOLD_MS);
    server.away = true;
    expect(await outbox.takeBack(one.id)).toBe('unsure');
    expect(outbox.state.waiting).toBe(1);
    server.away = false;
    expect(await outbox.takeBack(one.id)).toBe('gone');
  });

  test('a skip is held a little longer, so that it can be undone', async () => {
    const one = skip(1);
    await outbox.post(one);
    await clock.pass(3_000);
    expect(await outbox.takeBack(one.id)).toBe('taken');
    await settle();
    expect(server.calls).toEqual([]);
  });
});
