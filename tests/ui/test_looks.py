"""Layout and access: nothing overlaps on a phone or a desktop screen, and the keyboard reaches every control."""

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import Visit, figures

VIEWS = ["?scenario=security-buffet&round=20&state=DEU", "probabilities?scenario=security-buffet&state=DEU", "results"]
OVERLAPS = """
() => {
  const names = 'button, input, select, dt, dd, h1, h2, h3, label, .willing-key > span';
  const elements = [...document.querySelectorAll(names)]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .filter((element) => element.getBoundingClientRect().width > 2)
    .filter((element) => !element.closest('[role=slider], .v-input--switch, .v-select'));
  const overlaps = [];
  for (let i = 0; i < elements.length; i++) for (let j = i + 1; j < elements.length; j++) {
    if (elements[i].contains(elements[j]) || elements[j].contains(elements[i])) continue;
    const a = elements[i].getBoundingClientRect(), b = elements[j].getBoundingClientRect();
    const scrolling = (one) => one.closest('.v-data-table__wrapper, .willing-side, .willing-reasons, .willing-bar');
    if (scrolling(elements[i]) !== scrolling(elements[j])) continue;
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (width > 2 && height > 3) overlaps.push(`${elements[i].innerText} | ${elements[j].innerText}`);
  }
  return overlaps;
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


def test_the_keyboard_reaches_every_control_and_steps(visit: Visit) -> None:
    page = visit()
    ready(page)
    controls = page.locator(".willing-side button, .willing-side input, .willing-side [role=slider]").all()
    names = {element.evaluate("(element) => element.outerHTML") for element in controls if element.is_visible()}
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


def test_the_map_is_described_in_words_and_the_table_has_the_same_content(visit: Visit) -> None:
    page = visit("?round=10")
    ready(page)
    label = page.locator(".willing-map").get_attribute("aria-label") or ""
    assert label.startswith("Map of Europe. ")
    assert "The table of states has the same content." in label
    count = figures(page)["Troops in Ukraine"]
    assert f"{count} states would send troops" in label
    rows = page.locator(".willing-states tbody tr").all_inner_texts()
    assert sum("Troops in Ukraine" in row for row in rows) == int(count)
    for chart in page.locator(".willing-drawn").all():
        assert chart.get_attribute("aria-label")


def test_the_page_loads_within_seconds(visit: Visit) -> None:
    page = visit("?round=1")
    ready(page)
    loaded = page.evaluate("() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    assert loaded < 5_000
