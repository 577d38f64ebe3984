"""The page in a real browser: nothing fails, the figure is drawn, and pointing joins both sides."""

import io

import numpy as np
import pytest
from explain_browser import CHROMIUM, Browser
from explain_fixtures import make_case
from PIL import Image

from lineament.explain.report import write_report

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]
CANVAS = "document.querySelector('section:not([hidden]) canvas').getBoundingClientRect()"
READOUT = "document.querySelector('section:not([hidden]) .readout').textContent"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return write_report(tmp_path_factory.mktemp("report") / "out.html", *make_case(3), title="Street").html


def _picture(browser):
    with Image.open(io.BytesIO(browser.picture())) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def _show(browser, selector):
    browser.run(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")


@pytest.mark.parametrize("dark", [False, True])
def test_page_opens_without_errors_and_draws_the_figure(browser, page, dark):
    browser.problems.clear()
    browser.requests.clear()
    browser.size(1360, 1000)
    browser.dark(dark)
    browser.open(page)
    assert browser.run("document.documentElement.dataset.state") == "ready"
    _show(browser, ".canvasbox")
    browser.run("document.querySelector('[name=lines]').value = '0'")
    browser.run("document.querySelector('[name=lines]').dispatchEvent(new Event('change'))")
    x, y, width, height = browser.run(f"(({{x, y, width, height}}) => [x, y, width, height])({CANVAS})")
    canvas = _picture(browser)[int(y) : int(y + height), int(x) : int(x + width)]
    ground = canvas[5, 5]
    drawn = (np.abs(canvas - ground).sum(axis=2) > 60).mean()
    assert 0.08 < drawn < 0.8
    assert (ground.mean() < 90) == dark
    assert browser.problems == []
    assert {address.split(":")[0] for address in browser.requests} <= {"file", "data", "about"}


def test_pointing_at_a_pixel_and_at_its_point_tell_the_same(browser, page):
    browser.size(1360, 1000)
    browser.dark(False)
    browser.open(page)
    _show(browser, ".pair")
    rest = browser.run(READOUT)
    dot = "document.querySelectorAll('.dots g:not([hidden]) circle')[7].getBoundingClientRect()"
    x, y = browser.run(f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({dot})")
    browser.point_at(x, y)
    said = browser.run(READOUT)
    assert said != rest and "cosine" in said
    line = "[...document.querySelectorAll('.links .strong line')].at(-1)"
    end = browser.run(f"[{line}.x2.baseVal.value, {line}.y2.baseVal.value]")
    left, top = browser.run("(({x, y}) => [x, y])(document.querySelector('.pair').getBoundingClientRect())")
    browser.point_at(left + end[0], top + end[1])
    assert browser.run(READOUT) == said
    browser.point_at(2, 2)
    assert browser.run(READOUT) == rest


def test_lines_parts_and_runner_up_can_be_chosen(browser, page):
    browser.size(1360, 1000)
    browser.open(page)
    lines = "document.querySelectorAll('.links line').length"
    assert browser.run(lines) == 30
    browser.run("document.querySelector('.legend button[data-part=\"14\"]').click()")
    shown = (
        "document.querySelectorAll('section:not([hidden]) .dots g:not([hidden]) circle:not([hidden])').length"
    )
    assert browser.run(shown) == browser.run(lines) > 3
    browser.run("document.querySelector('[name=candidate-1][value=\"1\"]').click()")
    caption = "document.querySelector('[data-candidate]:not([hidden]) .parts caption').textContent"
    assert browser.run(caption) == "Evidence by part, photograph against P07"
    assert browser.problems == []


@pytest.mark.parametrize("person", [2, 3])
def test_each_person_has_a_tab(browser, page, person):
    browser.open(page, f"#person-{person}")
    shown = "[...document.querySelectorAll('section:not([hidden])')].map((one) => one.id).join()"
    assert browser.run(shown) == f"person-{person}"
    assert browser.run("document.querySelector('nav [aria-current=true]').hash") == f"#person-{person}"
    assert browser.problems == []


def test_nothing_overflows_on_a_telephone(browser, page):
    browser.size(390, 844, mobile=True)
    browser.open(page)
    assert browser.run("document.documentElement.scrollWidth") <= 390
    cell = "document.querySelector('[data-candidate]:not([hidden]) [data-field=score]')"
    assert browser.run(f"{cell}.getBoundingClientRect().right") <= 390
