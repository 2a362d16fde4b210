// @ts-check
// Tables of lines, one for each value of a quantity: the one of the shared cursor is shown, or else that of the film.

import { offer } from './pictures.js';
import { sheet, wear } from './styles.js';

const style = await sheet('narration.css', import.meta.url);

/**
 * @typedef {{ head: string, lines: [string, string, string, boolean][] }} Page
 * @typedef {{ time: string, name: string, quantity: string, label: string, pages: string, at: string }} Data
 * @typedef {{ head: HTMLElement, body: HTMLElement, time: number, given: Data, laid?: Content | null, pages: Page[],
 *   shown?: Page, first?: number, cursor?: any, film?: any }} Own  the value that cursor and film have come to, if any
 * @typedef {HTMLElement & Own} Host
 */

/** @param {string} words */
const cell = (words) => Object.assign(document.createElement('td'), { textContent: words });

/** @param {Host} host */
function show(host) {
  const at = host.pages[host.cursor] ? host.cursor : host.film;
  const page = host.pages[at] ?? host.pages[host.first ?? 0];
  if (!page || page === host.shown) return;
  host.shown = page;
  host.head.textContent = page.head;
  host.body.replaceChildren(
    ...page.lines.map(([name, numbers, value, isStrong]) => {
      const row = document.createElement('tr');
      row.append(cell(name), cell(numbers), cell(value));
      row.classList.toggle('strong', isStrong);
      return row;
    }),
  );
}

/** @param {Args<Data>['parentElement']} parent */
function build(parent) {
  wear(parent, style);
  const host = /** @type {Host} */ (parent.querySelector('.narration'));
  const table = document.createElement('table');
  host.head = Object.assign(document.createElement('div'), { className: 'head' });
  host.body = table.createTBody();
  host.replaceChildren(host.head, table);
  host.tabIndex = 0; // where it scrolls, with the keys too
  return host;
}

/**
 * What the page says, or over it what the live channel says while a slider is held.
 * @param {Host} host
 */
function read(host) {
  const { pages, at } = { ...host.given, ...host.laid };
  host.pages = JSON.parse(pages);
  if (host.first !== Number(at)) host.film = Number(at);
  host.first = Number(at);
  show(host);
}

/** @param {Args<Data, { narration?: Host }>} args */
export default function ({ data, parentElement }) {
  const host = (parentElement.narration ??= build(parentElement));
  if (!(Number(data.time) < host.time)) {
    host.time = Number(data.time);
    host.given = data;
    host.setAttribute('aria-label', data.label);
    host.setAttribute('role', 'region');
    read(host);
  }
  /** @type {Lay} */
  const lay = async (content) => {
    host.laid = content;
    read(host);
  };
  const forget = offer(data.name, host, lay);
  /** @param {CustomEvent<Cursor>} event */
  const point = ({ detail: { quantity, value, film } }) => {
    if (quantity !== data.quantity) return;
    if (film) host.film = value;
    host.cursor = film ? null : value;
    show(host);
  };
  addEventListener('rnn-cursor', point);
  return () => {
    removeEventListener('rnn-cursor', point);
    forget();
  };
}
