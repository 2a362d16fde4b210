"""A text too long for a link is kept by the browser that it was pasted into, and by nobody else."""

import hashlib

from playwright.sync_api import expect

LONG = "a long text, about 20 kB. " * 800
HASH = hashlib.sha256(LONG.encode()).hexdigest()
HOLDS = "length => document.querySelector('.st-key-text textarea')?.value.length === length"
IS_KEPT = """async (hash) => {
  const script = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/keeper.js'));
  return script && (await (await import(script.name)).find([hash])).length;
}"""
NEEDS = "This link needs a text"
MANY = """async () => {
  const { keep, find } = await import('/keeper.js');
  for (let i = 0; i < 30; i++) {
    await keep({ [i]: `text ${i}` });
    await new Promise((next) => setTimeout(next, 2)); // each at a time of its own
  }
  const few = await find(['0', '5', '6', '29']);
  await keep({ most: 'x'.repeat(8_000_000) });
  return [few, (await find(['29', 'most'])).map((text) => text.length)];
}"""


def test_a_browser_keeps_the_newest_texts_and_no_more_than_so_many_characters(blank):
    assert blank.evaluate(MANY) == [["text 6", "text 29"], [8_000_000]]


def test_a_long_text_survives_a_reload_and_another_browser_asks_for_it(server, visit):
    tab = visit().open(server.address("encoding", hidden_size=5), "encoding")
    paste(tab.page)
    tab.page.wait_for_function("hash => location.search.includes(hash)", arg=HASH)
    while not tab.page.evaluate(IS_KEPT, HASH):
        tab.page.wait_for_timeout(100)
    tab.page.reload()
    tab.page.wait_for_function(HOLDS, arg=len(LONG))
    expect(tab.slider("hidden_size")).to_have_value("5")
    assert tab.page.get_by_text(NEEDS).count() == 0

    tab.device.send("Storage.clearDataForOrigin", {"origin": server.origin, "storageTypes": "all"})  # another browser
    other = visit()
    other.page.goto(tab.page.url)
    other.page.get_by_text(NEEDS).wait_for()
    assert HASH in other.page.url
    paste(other.page)
    expect(other.page.get_by_text(NEEDS)).to_have_count(0)
    expect(other.slider("hidden_size")).to_have_value("5")


def paste(page):
    box = page.locator(".st-key-text textarea").first
    box.fill(LONG)
    box.press("Control+Enter")
