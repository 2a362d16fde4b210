// @ts-check
// Words that light up what they mean in a chart: pointed at, pressed, or reached with the Tab key.

import { offer, pictures } from './pictures.js';

/**
 * @typedef {{ time: string, name: string, chart: string, label: string, words: string }} Data
 * @typedef {HTMLElement & { time?: number, given: Data, laid?: Content | null }} Host
 */

/** @param {Host} host @param {number | null} place */
function light(host, place) {
  const chart = pictures.get(host.given.chart)?.host;
  if (!chart) return;
  if (place === null) delete chart.dataset.lit;
  else chart.dataset.lit = String(place);
}

/** @param {Host} host @param {number} place */
function build(host, place) {
  const word = document.createElement('button');
  word.type = 'button';
  word.append(document.createElement('strong'), document.createElement('span'));
  word.onpointerenter = word.onfocus = () => light(host, place);
  word.onpointerleave = word.onblur = () => light(host, null);
  return word;
}

// The words stay the same elements: one of them may be pointed at.
/** @param {Host} host */
function write(host) {
  /** @type {[string, string, string, string][]} */
  const words = JSON.parse({ ...host.given, ...host.laid }.words);
  while (host.children.length < words.length) host.append(build(host, host.children.length));
  words.forEach(([name, value, meaning, color], place) => {
    const word = /** @type {HTMLElement} */ (host.children[place]);
    word.style.setProperty('--color', color);
    word.children[0].textContent = `${name} = ${value}`;
    word.children[1].textContent = meaning;
  });
}

/** @param {Args<Data>} args */
export default function ({ data, parentElement }) {
  const host = /** @type {Host} */ (parentElement.querySelector('.legend'));
  if (Number(data.time) < (host.time ?? 0)) return;
  host.time = Number(data.time);
  host.given = data;
  host.setAttribute('aria-label', data.label);
  /** @type {Lay} */
  const lay = async (content) => {
    host.laid = content;
    write(host);
  };
  write(host);
  return offer(data.name, host, lay);
}
