// @ts-check
// Draws read code line by line: the source, the shapes after it, and what there is to say. All that was pasted becomes
// text nodes, never HTML.

import { sheet, wear } from './styles.js';

const style = await sheet('listing.css', import.meta.url);

/**
 * @typedef {{ size: number | string, word: string, color: string }} Size
 * @typedef {{ name: string, axes?: Size[], text?: string, dtype?: string }} Name
 * @typedef {{ verdict: string, label: string, sentence: string, message: string, operator: string, operands: [string, string][],
 *   fix: string, corrected: string, action: string, place: number, where: string }} Finding
 * @typedef {{ number: number, verdict: string, mark: string, source: string, reached: boolean, names: Name[],
 *   printed: string[], findings: Finding[] }} Line
 * @typedef {(place: number) => void} Mend
 * @typedef {HTMLElement & { time?: number, drawn?: string, heard?: number }} Host
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string} className @param {(Node | string | null)[]} children
 */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

/**
 * A sentence in which `code` stands between backticks.
 * @param {string} words @param {string} className
 */
function sentence(words, className) {
  const parts = words.split('`').map((part, place) => (place % 2 ? element('code', '', part) : part));
  return element('p', className, ...parts);
}

/** @param {Size} size */
function axis({ size, word, color }) {
  const made = element('span', 'axis', element('b', '', String(size)), word ? element('i', '', word) : null);
  if (color) made.style.setProperty('--axis', color);
  return made;
}

/** @param {Name} name */
function name({ name: title, axes, text, dtype }) {
  const held = axes ? axes.map(axis) : [element('span', 'text', text ?? '')];
  return element('div', 'name', element('code', '', title), ...held, dtype ? element('small', '', dtype) : null);
}

/** @param {Finding} found @param {Mend} mend */
function finding(found, mend) {
  const made = element('div', `finding ${found.verdict}`, element('strong', '', found.label));
  made.append(sentence(found.sentence, ''));
  if (found.message) made.append(element('pre', 'message', found.message));
  if (found.operator) made.append(element('div', 'operands', element('code', '', found.operator)));
  for (const [code, shape] of found.operands) {
    made.append(element('div', 'operands', '↳ ', element('code', '', code), ` ${shape}`));
  }
  if (found.fix) made.append(sentence(`→ ${found.fix}`, 'fix'));
  if (found.corrected) {
    const button = element('button', '', found.action);
    button.type = 'button';
    button.onclick = () => mend(found.place);
    made.append(element('div', 'corrected', element('small', '', found.where), element('pre', '', found.corrected), button));
  }
  return made;
}

/** @param {Line} line @param {Mend} mend */
function row(line, mend) {
  const made = element('div', `row ${line.verdict}${line.reached ? '' : ' unreached'}`);
  made.append(element('span', 'number', String(line.number)), element('span', 'mark', line.mark));
  made.append(element('pre', 'source', line.source || ' '));
  made.append(element('div', 'names', ...line.names.map(name), ...line.printed.map((text) => element('pre', 'printed', text))));
  for (const found of line.findings) made.append(finding(found, mend));
  return made;
}

/** @param {Args<{ rows: string, label: string, heard: number, time: number }>} args */
export default function ({ data, parentElement, setStateValue }) {
  wear(parentElement, style);
  const host = /** @type {Host} */ (parentElement.querySelector('.listing'));
  if (data.time < (host.time ?? 0) || data.rows === host.drawn) return; // an older message that came later
  host.time = data.time;
  host.drawn = data.rows;
  host.heard = Math.max(host.heard ?? 0, data.heard);
  /** @type {Mend} */
  const mend = (place) => setStateValue('value', { value: place, n: (host.heard = (host.heard ?? 0) + 1) });
  host.setAttribute('aria-label', data.label);
  host.replaceChildren(...JSON.parse(data.rows).map((/** @type {Line} */ line) => row(line, mend)));
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (host.querySelectorAll('pre'))) {
    if (line.scrollWidth > line.clientWidth) line.tabIndex = 0; // what scrolls can be scrolled with keys too
  }
}
