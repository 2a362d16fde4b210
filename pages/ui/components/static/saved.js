// @ts-check
// The views that a viewer has saved, in this browser's local storage. What lies there anybody may have written: only what
// is the name of a view, one of our pages and parameters is taken, and all of it is written as text.

const PLACE = 'rnn-explorer-views';
export const MOST = { views: 30, name: 60, query: 8000 };

/**
 * @typedef {{ name: string, page: string, query: string }} View
 * @typedef {{ time: string, page: string, query: string, titles: string, words: string }} Data
 * @typedef {HTMLDetailsElement & { time?: number, data: Data }} Host
 */

/** A name on one line, not too long.
 * @param {string} name */
export const tidy = (name) => [...name.replace(/[\p{C}\s]+/gu, ' ').trim()].slice(0, MOST.name).join('');

/**
 * What can be used of what is kept.
 * @param {string | null} words @param {Record<string, string>} titles @returns {View[]}
 */
export function read(words, titles) {
  try {
    /** @type {any[]} */
    const found = JSON.parse(words ?? '[]');
    /** @param {any} view */
    const isView = (view) =>
      [view?.name, view?.page, view?.query].every((part) => typeof part === 'string') &&
      tidy(view.name) && Object.hasOwn(titles, view.page) && view.query.length <= MOST.query;
    return found.filter(isView).slice(0, MOST.views)
      .map(({ name, page, query }) => ({ name: tidy(name), page, query: String(new URLSearchParams(query)) }));
  } catch {
    return [];
  }
}

/** @param {View[]} views */
function write(views) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(views));
  } catch (error) {
    console.warn(error); // the browser keeps nothing: the list says so by staying as it is
  }
}

/** @param {View} view */
function addressOf({ page, query }) {
  const address = new URL(page === 'home' ? '.' : page, document.baseURI);
  address.search = query;
  return address.href;
}

// As Back and Forward do: the address says all that is to be on the screen.
/** @param {MouseEvent} event @param {string} address */
function open(event, address) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState({}, '', address);
  dispatchEvent(new PopStateEvent('popstate'));
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Partial<HTMLElementTagNameMap[Tag]>} [more] @param {(Node | string)[]} inside
 */
const make = (tag, more = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), more);
  made.append(...inside);
  return made;
};

/** @param {Host} host */
function draw(host) {
  const { page, query } = host.data;
  const [titles, words] = [JSON.parse(host.data.titles), JSON.parse(host.data.words)];
  const views = () => read(localStorage.getItem(PLACE), titles);
  const kept = views();
  /** @param {View[]} changed */
  const change = (changed) => (write(changed), draw(host));
  /** @param {View} view */
  const line = (view) => {
    const [href, forget] = [addressOf(view), `${words.forget}: ${view.name}`];
    const link = make('a', { href, textContent: view.name });
    link.onclick = (event) => open(event, href);
    const button = make('button', { type: 'button', textContent: '✕', title: forget, ariaLabel: forget });
    button.onclick = () => change(views().filter(({ name }) => name !== view.name));
    return make('li', {}, link, make('span', { textContent: titles[view.page] }), button);
  };
  const name = make('input', { type: 'text', placeholder: words.name, ariaLabel: words.name, maxLength: MOST.name });
  name.oninput = () => name.setCustomValidity('');
  const isFull = kept.length >= MOST.views;
  const form = make('form', {}, name, make('button', { textContent: words.save, disabled: isFull }));
  form.onsubmit = (event) => {
    event.preventDefault();
    const called = tidy(name.value);
    name.setCustomValidity(called ? '' : words.nameless);
    if (form.reportValidity()) change([{ name: called, page, query }, ...views().filter((view) => view.name !== called)].slice(0, MOST.views));
  };
  const said = isFull ? words.full : kept.length ? '' : words.none;
  host.replaceChildren(
    make('summary', { textContent: `★ ${words.saved} (${kept.length})` }),
    form,
    make('p', { textContent: said, hidden: !said }),
    make('ul', { hidden: !kept.length }, ...kept.map(line)),
  );
}

/** @param {Args<Data>} args */
export default function ({ data, parentElement }) {
  const host = /** @type {Host} */ (parentElement.querySelector('.saved'));
  if (Number(data.time) < (host.time ?? 0)) return;
  host.time = Number(data.time);
  host.data = data;
  const typed = /** @type {HTMLInputElement | null} */ (host.querySelector('input:focus'));
  if (!typed) draw(host);
  /** @param {StorageEvent} event */
  const follow = ({ key }) => key === PLACE && draw(host); // another tab has saved one
  addEventListener('storage', follow);
  return () => removeEventListener('storage', follow);
}
