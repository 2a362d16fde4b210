// @ts-check
// A text, once for each network, its characters tinted by how much each of them matters to the chosen one. The pointer
// and the arrow keys choose here, in the browser: the whole matrix is there. Everything is text nodes, never HTML.
import { offer } from './pictures.js';
import { sheet, wear } from './styles.js';

const style = await sheet('tinted.css', import.meta.url);
const TINT = '46, 134, 209';
const REST_MS = 400;
const LOST_MS = 4000; // after that long without an answer, what the server says is believed again

/**
 * @typedef {{ name: string, about: string, strength: number[][], top: [string, number][][] }} Cell
 * @typedef {{ characters: string[], target: string[], words: Record<string, string>, cells: Cell[] }} Spec
 * @typedef {{ name: string, spec: string, at: number, heard: number, time: number }} Data
 * @typedef {{ spans: HTMLElement[], strongest: HTMLElement, expected: HTMLElement, bars: HTMLElement }} Panel
 * @typedef {{ range: HTMLInputElement, output: HTMLElement, label: HTMLElement, note: HTMLElement, panels: HTMLElement,
 *   panel: Panel[], send: Args<Data>['setStateValue'], given: string, laid?: { spec?: string, note?: string } | null, drawn?: string, spec: Spec,
 *   time?: number, at?: number, asked?: number, told?: number, sent?: number, resting?: number }} Own
 * @typedef {HTMLElement & Own} Host
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string} className
 */
function element(tag, className, text = '') {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

/** @param {Args<Data>['parentElement']} parent */
function build(parent) {
  wear(parent, style);
  const host = /** @type {Host} */ (parent.querySelector('.tinted'));
  host.tabIndex = 0;
  host.range = Object.assign(document.createElement('input'), { type: 'range', min: '0', step: '1' });
  host.output = document.createElement('output');
  host.label = element('label', '');
  host.note = element('p', 'note');
  host.note.hidden = true;
  host.panels = element('div', 'panels');
  const chooser = element('div', 'chooser');
  chooser.append(host.label, host.range, host.output);
  host.replaceChildren(chooser, host.note, host.panels);
  host.range.oninput = () => choose(host, Number(host.range.value));
  host.addEventListener('keydown', (event) => {
    const { at = 0, spec } = host;
    /** @type {Record<string, number>} */
    const ways = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: spec.characters.length - 1 };
    const to = ways[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(host, to);
  });
  // Of a pointer only what it does itself: a browser reports `pointerover` also where the page moves under one at rest.
  /** @type {HTMLElement | null} */
  let before;
  /** @param {MouseEvent} event */
  const point = (event) => {
    /** @type {HTMLElement | null} */
    const span = /** @type {Element} */ (event.target).closest('[data-t]');
    if (span && (span !== before || event.type === 'click')) choose(host, Number(span.dataset.t));
    before = span;
  };
  host.panels.addEventListener('pointermove', point);
  host.panels.addEventListener('click', point);
  return host;
}

/** @param {Spec} spec @param {Cell} cell @param {Element} place @returns {Panel} */
function panel(spec, cell, place) {
  const head = element('h2', '', `${cell.name} `);
  head.append(element('small', '', cell.about));
  const text = element('div', 'text');
  const spans = spec.characters.map((character, t) => {
    const span = element('span', '', character);
    span.dataset.t = String(t);
    const guess = cell.top[t][0]?.[0] ?? '';
    span.append(element('i', guess === spec.target[t] ? 'right' : 'wrong', guess));
    return span;
  });
  text.append(...spans);
  const [strongest, expected, bars] = [element('p', ''), element('p', ''), element('div', '')];
  place.append(head, text, strongest, expected, bars);
  return { spans, strongest, expected, bars };
}

/** @param {[string, number]} expected */
function bar([character, probability]) {
  const made = element('div', 'bar');
  const [track, fill] = [document.createElement('div'), document.createElement('u')];
  fill.style.width = `${100 * probability}%`;
  track.append(fill);
  made.append(element('b', '', character), track, element('em', '', `${(100 * probability).toFixed(1)} %`));
  return made;
}

/** @param {Host} host @param {number} t */
function choose(host, t, isTold = true) {
  const { characters, cells } = host.spec;
  const at = Math.min(characters.length - 1, Math.max(0, t));
  if (at === host.at && isTold) return;
  host.at = at;
  host.range.value = String(at);
  host.output.textContent = `t = ${at} «${characters[at]}»`;
  host.range.setAttribute('aria-valuetext', host.output.textContent);
  cells.forEach((cell, i) => tint(host.spec, cell, host.panel[i], at));
  dispatchEvent(new CustomEvent('rnn-cursor', { detail: { quantity: 't', value: at } }));
  if (isTold) tell(host);
}

/** @param {Spec} spec @param {Cell} cell @param {Panel} place @param {number} at */
function tint({ characters, words }, cell, place, at) {
  const row = cell.strength[at];
  const most = Math.max(...row);
  place.spans.forEach((span, s) => {
    const share = most > 0 ? row[s] / most : 0;
    span.style.background = `rgba(${TINT}, ${(0.85 * share).toFixed(3)})`;
    span.classList.toggle('chosen', s === at);
  });
  const order = row.map((_, s) => s).filter((s) => row[s] > 0).sort((a, b) => row[b] - row[a]);
  const named = order.slice(0, 3).map((s) => `«${characters[s]}» t=${s}: ${row[s].toPrecision(3)}`);
  place.strongest.textContent = `${words.strongest} ${named.join(' · ') || '–'}`;
  place.expected.textContent = words.expected.replace('{character}', () => characters[at]);
  place.bars.replaceChildren(...cell.top[at].map(bar));
}

/**
 * Where the choice comes to rest is told once, for the link.
 * @param {Host} host
 */
function tell(host) {
  clearTimeout(host.resting);
  host.resting = setTimeout(() => {
    host.resting = undefined;
    if (!host.isConnected || host.at === host.told) return;
    host.told = host.at;
    host.sent = Math.max(Date.now(), (host.sent ?? 0) + 1);
    host.send('value', { value: host.at, n: host.sent });
  }, REST_MS);
}

/**
 * Draw what the page says, or over it what the live channel says while a slider is held.
 * @param {Host} host
 */
function write(host) {
  host.note.textContent = (host.laid?.note ?? '').replace(/\\(.)/g, '$1'); // escapes are for Markdown
  host.note.hidden = !host.laid?.note;
  const spec = host.laid?.spec ?? host.given;
  if (spec === host.drawn) return;
  host.drawn = spec;
  host.spec = JSON.parse(spec);
  host.range.max = String(host.spec.characters.length - 1);
  host.label.textContent = host.spec.words.choose;
  host.range.setAttribute('aria-label', host.spec.words.choose);
  const sections = host.spec.cells.map(() => document.createElement('section'));
  host.panel = host.spec.cells.map((cell, i) => panel(host.spec, cell, sections[i]));
  host.panels.replaceChildren(...sections);
}

/** @param {Args<Data, { tinted?: Host }>} args */
export default function ({ data, parentElement, setStateValue }) {
  const host = (parentElement.tinted ??= build(parentElement));
  host.send = setStateValue;
  if (data.time < (host.time ?? 0)) return undefined; // an older message that came later
  host.time = data.time;
  host.given = data.spec;
  /** @type {Lay} */
  const lay = async (content) => {
    host.laid = content && { spec: host.laid?.spec, ...content };
    write(host);
    choose(host, host.at ?? 0, false);
  };
  const forget = offer(data.name, host, lay);
  write(host);
  // What the server asks for is taken only if nothing of the viewer's is under way, and if it is new.
  const isUnheard = data.heard < (host.sent ?? 0) && Date.now() - (host.sent ?? 0) < LOST_MS;
  const isAsked = data.at !== host.asked && data.at !== host.told && !host.resting && !isUnheard;
  host.asked = data.at;
  if (isAsked) host.told = data.at;
  choose(host, host.at === undefined || isAsked ? data.at : host.at, false);
  return forget;
}
