"""How long a key takes until the next item is painted: measured and printed, never asserted (the machine may be busy)."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser.desk import OpenDesk
from tests.browser.house import House

pytestmark = pytest.mark.browser

N_ANSWERS = 30
PACE_MS = 100  # quicker than anybody looks; without it the queue runs dry and the server's speed is measured
MEASURE = """() => {
  window.took = [];
  const item = () => document.querySelector('article[data-item]')?.dataset.item;
  addEventListener('keydown', () => {
    const pressed = performance.now();
    const before = item();
    const painted = () => {
      if (item() === before || !item()) return requestAnimationFrame(painted);
      // The frame in which the change is seen is drawn after this call: the next task comes after it.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.took.push(performance.now() - pressed);
      port2.postMessage(null);
    };
    requestAnimationFrame(painted);
  }, true);
}"""


def test_every_key_is_followed_by_the_next_item(
    desk: OpenDesk, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    yan = desk(house.person("yan"))
    yan.annotate()
    yan.page.evaluate(MEASURE)
    seen = []
    for nth in range(N_ANSWERS):
        yan.page.wait_for_timeout(PACE_MS)
        seen.append(yan.answer(str(nth % 10)))
    yan.page.wait_for_function("(n) => window.took.length === n", arg=N_ANSWERS)
    took = np.array(yan.page.evaluate("window.took"))
    yan.all_sent()
    assert [item for item, _ in yan.given()] == seen
    with capsys.disabled():
        low, high = np.percentile(took, [50, 95])
        print(
            f"\nkey to next item painted, {len(took)} answers: p50 {low:.0f} ms, p95 {high:.0f} ms, most {took.max():.0f} ms"
        )
