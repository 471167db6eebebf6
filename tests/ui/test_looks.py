"""How the page looks and is handled: on a phone and a desk nothing overlaps, and a keyboard reaches everything."""

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import Visit, figures

VIEWS = ["?scenario=security-buffet&round=20&state=DEU", "probabilities?scenario=security-buffet&state=DEU", "results"]
OVERLAPS = """
() => {
  const seen = [...document.querySelectorAll('button, input, select, dt, dd, h1, h2, h3, label, .willing-key > span')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }))
    .filter((one) => one.getBoundingClientRect().width > 2)
    .filter((one) => !one.closest('[role=slider], .v-input--switch, .v-select'));
  const found = [];
  for (let i = 0; i < seen.length; i++) for (let j = i + 1; j < seen.length; j++) {
    if (seen[i].contains(seen[j]) || seen[j].contains(seen[i])) continue;
    const a = seen[i].getBoundingClientRect(), b = seen[j].getBoundingClientRect();
    const hidden = (one) => one.closest('.v-data-table__wrapper, .willing-side, .willing-reasons, .willing-bar');
    if (hidden(seen[i]) !== hidden(seen[j])) continue;
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 2 && high > 3) found.push(`${seen[i].innerText} | ${seen[j].innerText}`);
  }
  return found;
}
"""


def ready(page: Page) -> None:
    if "results" not in page.url:
        expect(page.locator(".willing-map")).to_be_visible()
        expect(page.locator(".willing-drawn canvas")).to_have_count(3)
    page.wait_for_timeout(500)


@pytest.mark.parametrize("path", VIEWS)
@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_overlaps_and_nothing_is_wider_than_the_screen(visit: Visit, path: str, width: int) -> None:
    page = visit(path, width=width, height=900)
    ready(page)
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_a_keyboard_reaches_every_control_and_plays(visit: Visit) -> None:
    page = visit()
    ready(page)
    wanted = page.locator(".willing-side button, .willing-side input, .willing-side [role=slider]").all()
    names = {element.evaluate("(one) => one.outerHTML") for element in wanted if element.is_visible()}
    reached, stepped = set(), False
    for _ in range(120):
        page.keyboard.press("Tab")
        here = page.evaluate("() => [document.activeElement.outerHTML, document.activeElement.innerText]")
        reached.add(here[0])
        if "STEP" in here[1].upper() and not stepped:
            page.keyboard.press("Enter")
            expect(page.locator(".willing-value").first).to_have_text("1 of 52")
            stepped = True
    plain = {
        name
        for name in names
        if 'tabindex="-1"' not in name and "aria-hidden" not in name and 'type="hidden"' not in name
    }
    assert stepped
    missed = [name[:160] for name in plain if not any(name[:60] == seen[:60] for seen in reached)]
    assert missed == []


def test_the_map_has_words_and_the_table_says_the_same(visit: Visit) -> None:
    page = visit("?round=10")
    ready(page)
    label = page.locator(".willing-map").get_attribute("aria-label") or ""
    assert label.startswith("Map of Europe. ")
    assert "The table of states says the same in words." in label
    count = figures(page)["Troops in Ukraine"]
    assert f"{count} states would send troops" in label
    rows = page.locator(".willing-states tbody tr").all_inner_texts()
    assert sum("Troops in Ukraine" in row for row in rows) == int(count)
    for chart in page.locator(".willing-drawn").all():
        assert chart.get_attribute("aria-label")


def test_the_page_can_be_used_soon(visit: Visit) -> None:
    page = visit("?round=1")
    ready(page)
    entered = page.evaluate("() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    assert entered < 5_000
