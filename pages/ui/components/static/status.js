// @ts-check
// A bar and a line of words: what the page says, or over it what the live channel says while something runs.

import { announce } from './announce.js';
import { offer } from './pictures.js';

/**
 * @typedef {{ time: string, name: string, share: string, words: string, told: string }} Data
 * @typedef {HTMLElement & { time?: number, given: Data, laid?: Content | null, told?: string }} Host
 */

/** @param {Host} host */
function write(host) {
  const { share, words, told } = { ...host.given, ...host.laid };
  const [said, bar] = /** @type {HTMLCollectionOf<HTMLElement>} */ (host.children);
  const done = /** @type {HTMLElement} */ (bar.firstElementChild);
  said.textContent = words;
  done.style.width = `${100 * Number(share)}%`;
  bar.setAttribute('aria-valuenow', String(Math.round(100 * Number(share))));
  bar.setAttribute('aria-valuetext', words);
  bar.setAttribute('aria-label', words);
  if (told && told !== (host.told ?? told)) announce(told); // not what the page began with: that is read with the page
  host.told = told || host.told || ' ';
}

/** @param {Args<Data>} args */
export default function ({ data, parentElement }) {
  const host = /** @type {Host} */ (parentElement.querySelector('.run-status'));
  if (Number(data.time) < (host.time ?? 0)) return;
  host.time = Number(data.time);
  host.given = data;
  /** @type {Lay} */
  const lay = async (content) => {
    host.laid = content;
    write(host);
  };
  write(host);
  return offer(data.name, host, lay);
}
