"""Many visitors at once: each has a model of their own, and what one took is given back when they leave."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from sim.ui.case import Case
from sim.ui.live_model import LiveModel
from tests.ui.conftest import Server, Visit, figures


def memory(server: Server) -> float:
    """MB that the server holds."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def come_and_go(visit: Visit, visitors: int) -> None:
    """Let visitors come together, each with a case of their own, play a round all at once, and leave."""
    pages = [visit(f"?seed={seed}&round={seed}", width=900, height=600) for seed in range(visitors)]
    for page in pages:
        page.get_by_role("button", name="Step").click()
    for seed, page in enumerate(pages):
        expect(page.locator(".willing-value").first).to_have_text(f"{seed + 1} of 52")
        wanted = LiveModel(Case(scenario="paris-march-2025", seed=seed), seed + 1).look()
        assert figures(page)["Declared for it"] == f"{wanted.declared:,.0f}"
    for page in pages:
        page.close()
        page.context.close()
    visit.opened[:] = [page for page in visit.opened if page not in pages]


def test_visitors_at_the_same_time_do_not_disturb_each_other(visit: Visit) -> None:
    come_and_go(visit, 5)


@pytest.mark.proof
def test_twenty_visitors_do_not_disturb_each_other_and_leave_nothing_behind(visit: Visit) -> None:
    come_and_go(visit, 20)  # what is loaded once is there by now
    held = memory(visit.server)
    for _ in range(2):
        come_and_go(visit, 20)
    visit("?round=2").wait_for_timeout(1_000)
    assert memory(visit.server) - held < 60.0  # MB, of 40 visitors who took some 2 MB each


def test_a_model_may_be_seen_and_changed_while_it_plays() -> None:
    model = LiveModel(Case(scenario="paris-march-2025", settings=("rounds=300",)))
    with ThreadPoolExecutor(3) as pool:
        playing = pool.submit(lambda: [model.step() for _ in range(200)])
        seen = [pool.submit(model.look) for _ in range(60)]
        moved = [pool.submit(model.set, f"weights.momentum={number / 10}") for number in range(20)]
        playing.result()
        for each in moved:
            each.result()
        for each in seen:
            look = each.result()
            assert len(look.rounds) == look.round
    again = LiveModel(model.case, 200)
    assert (again.profile == model.profile).all()
