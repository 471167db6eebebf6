"""Many visitors at once: each has a model of their own, and memory is freed when they leave."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from sim.ui.case import Case
from sim.ui.live_model import LiveModel
from tests.ui.conftest import Server, Visit, figures


def memory(server: Server) -> float:
    """Memory of the server in MB."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def open_and_close(visit: Visit, visitors: int) -> None:
    """Open pages, each with a case of its own, simulate a round in all at once, and close them."""
    pages = [visit(f"?seed={seed}&round={seed}", width=900, height=600) for seed in range(visitors)]
    for page in pages:
        page.get_by_role("button", name="Step").click()
    for seed, page in enumerate(pages):
        expect(page.locator(".willing-value").first).to_have_text(f"{seed + 1} of 52")
        expected = LiveModel(Case(scenario="paris-march-2025", seed=seed), seed + 1).snapshot()
        assert figures(page)["Soldiers declared"] == f"{expected.declared:,.0f}"
    for page in pages:
        page.close()
        page.context.close()
    visit.opened[:] = [page for page in visit.opened if page not in pages]


def test_visitors_at_the_same_time_do_not_disturb_each_other(visit: Visit) -> None:
    open_and_close(visit, 5)


@pytest.mark.proof
def test_twenty_visitors_do_not_disturb_each_other_and_leave_nothing_behind(visit: Visit) -> None:
    open_and_close(visit, 20)  # loads everything that is loaded once
    before = memory(visit.server)
    for _ in range(2):
        open_and_close(visit, 20)
    visit("?round=2").wait_for_timeout(1_000)
    assert memory(visit.server) - before < 60.0  # MB, for 40 visitors of about 2 MB each


def test_a_model_can_be_read_and_changed_while_it_steps() -> None:
    model = LiveModel(Case(scenario="paris-march-2025", settings=("rounds=300",)))
    with ThreadPoolExecutor(3) as pool:
        playing = pool.submit(lambda: [model.step() for _ in range(200)])
        snapshots = [pool.submit(model.snapshot) for _ in range(60)]
        changes = [pool.submit(model.set, f"weights.momentum={number / 10}") for number in range(20)]
        playing.result()
        for each in changes:
            each.result()
        for each in snapshots:
            snapshot = each.result()
            assert len(snapshot.rounds) == snapshot.round
    again = LiveModel(model.case, 200)
    assert (again.profile == model.profile).all()
