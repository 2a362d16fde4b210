// @ts-check
// A slider with one handle or two. While it is dragged it says so on the page (`rnn-drag`), where a stage that can
// show the value listens; when it is let go the server gets the value, once.
//
// Positions are what the range inputs hold: the values themselves, or places in a list of stops.

import { sheet, wear } from './styles.js';

const style = await sheet('slider.css', import.meta.url);
const REST_MS = 150; // how long what is moved by neither hand nor key may rest before its value counts as let go
const LOST_MS = 4000; // after that long without an answer, what the server says is believed again

/**
 * @typedef {{ name: string, label: string, help: string, locked: string, note: string, quiet: boolean, min: number, max: number, step: number,
 *   whole: boolean, stops: number[] | null, marks: number[], reset: number[] | null, value: number[],
 *   ends: [string, string], hint: string, bad: string }} Spec
 * @typedef {{ spec: string, value: string, heard: number, time: number }} Data
 * @typedef {{ range: HTMLInputElement, number: HTMLInputElement, write: (words: string) => void }} End
 * @typedef {{ host: HTMLElement, ends: End[], find: (selector: string) => HTMLElement, spec: Spec, sent: number,
 *   isHeld: boolean, isPressed: boolean, isDirty: boolean, shown: number[], send: Args<Data>['setStateValue'],
 *   timer?: number, time?: number, words?: string, follow?: (event: WindowEventMap['rnn-place']) => void }} Slider
 */

/** @param {Args<Data>} args @param {Spec} spec @returns {Slider} */
function build({ parentElement, setStateValue }, spec) {
  wear(parentElement, style);
  const host = /** @type {HTMLElement} */ (parentElement.querySelector('.slider'));
  host.innerHTML = `
    <div class="head"><label></label><button class="help" type="button">?</button><span class="numbers"></span></div>
    <div class="rail"><span class="fill"></span><span class="marks" aria-hidden="true"></span></div>
    <p class="note" role="status"></p><span class="bubble" role="tooltip"></span>`;
  /** @param {string} selector */
  const find = (selector) => /** @type {HTMLElement} */ (host.querySelector(selector));
  const ends = spec.value.map((_, end) => {
    const range = document.createElement('input');
    range.type = 'range';
    range.id = `range${end}`;
    find('.rail').append(range);
    const number = document.createElement('input');
    number.type = 'text';
    number.className = 'number';
    number.inputMode = 'decimal';
    number.autocomplete = 'off';
    find('.numbers').append(number);
    return { range, number, write: () => {} };
  });
  find('label').setAttribute('for', 'range0');
  host.classList.toggle('two', ends.length === 2);
  /** @type {Slider} */
  const self = {
    ...{ host, ends, find, spec, sent: 0, shown: spec.value, send: setStateValue },
    ...{ isHeld: false, isPressed: false, isDirty: false },
  };
  ends.forEach((end, place) => listen(self, end, place));
  find('.rail').addEventListener('dblclick', () => {
    if (!self.spec.reset || self.spec.locked || self.spec.quiet) return;
    show(self, self.spec.reset);
    commit(self);
  });
  return self;
}

/** @param {Spec} spec @param {number} value */
const toPosition = (spec, value) => (spec.stops ? nearest(spec.stops, value) : value);
/** @param {Spec} spec @param {number} position */
const toValue = (spec, position) => (spec.stops ? spec.stops[position] : position);
/** @param {number[]} stops @param {number} value */
const nearest = (stops, value) =>
  stops.reduce((best, stop, place) => (Math.abs(Math.log(stop / value)) < Math.abs(Math.log(stops[best] / value)) ? place : best), 0);
/**
 * 12 digits are what a double can hold without showing its rounding.
 * @param {number} value
 */
const format = (value) => String(Number(value.toPrecision(12)));

/** @param {Slider} self @param {End} end @param {number} place */
function listen(self, end, place) {
  const { range, number } = end;
  const hold = () => {
    self.isHeld = true;
    const letGo = () => {
      removeEventListener('pointerup', letGo);
      removeEventListener('pointercancel', letGo);
      self.isHeld = false;
      // After the event that brings the last position.
      setTimeout(() => self.isDirty && commit(self));
    };
    addEventListener('pointerup', letGo);
    addEventListener('pointercancel', letGo);
  };
  range.addEventListener('pointerdown', hold);
  range.addEventListener('input', () => {
    const value = [...self.shown];
    value[place] = toValue(self.spec, Number(range.value));
    if (value.length === 2) value[place] = place ? Math.max(...value) : Math.min(...value); // the ends do not cross
    show(self, value);
    drag(self);
    clearTimeout(self.timer);
    if (!self.isHeld && !self.isPressed) self.timer = setTimeout(() => self.isDirty && commit(self), REST_MS);
  });
  // A key is let go like a mouse button: while it is held, the value only passes by.
  const release = () => {
    self.isPressed = false;
    if (self.isDirty && !self.isHeld) commit(self);
  };
  range.addEventListener('keydown', () => (self.isPressed = true));
  range.addEventListener('keyup', release);
  range.addEventListener('blur', release);
  // While a number is being typed nothing else is written there, least of all a late answer to the number before.
  let isTyped = false;
  end.write = (words) => {
    if (!isTyped) number.value = words;
  };
  number.addEventListener('focus', () => number.select());
  number.addEventListener('input', () => (isTyped = true));
  number.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') isTyped = false;
    if (event.key === 'Enter' || event.key === 'Escape') number.blur();
  });
  number.addEventListener('blur', () => {
    if (isTyped) {
      isTyped = false;
      type(self, number.value, place);
    } else show(self, self.shown);
  });
}

/**
 * A number was typed: take it, or say what would work and keep what there is.
 * @param {Slider} self @param {string} typed @param {number} place
 */
function type(self, typed, place) {
  const { min, max, whole, bad } = self.spec;
  const words = typed.trim().replace(',', '.');
  const value = Number(words);
  const isFine = words !== '' && Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value));
  const note = self.find('.note');
  note.classList.toggle('bad', !isFine);
  note.textContent = isFine ? self.spec.note : bad.replace('{value}', words.slice(0, 20));
  const next = [...self.shown];
  if (isFine) next[place] = value;
  if (isFine && next.length === 2) next[place] = place ? Math.max(...next) : Math.min(...next);
  show(self, next);
  if (isFine) commit(self);
}

/** @param {Slider} self @param {number[]} value */
function show(self, value) {
  self.shown = value;
  const { spec, ends } = self;
  const last = spec.stops ? spec.stops.length - 1 : spec.max;
  const first = spec.stops ? 0 : spec.min;
  /** @param {number} v */
  const share = (v) => (last > first ? (toPosition(spec, v) - first) / (last - first) : 0);
  ends.forEach(({ range, write }, place) => {
    const position = String(toPosition(spec, value[place]));
    if (range.value !== position) range.value = position;
    const words = format(value[place]);
    range.setAttribute('aria-valuetext', words);
    write(words);
  });
  /** @param {number} part */
  const along = (part) => `calc(var(--thumb) / 2 + ${part} * (100% - var(--thumb)))`;
  const fill = self.find('.fill').style;
  fill.left = value.length === 2 ? along(share(value[0])) : '0';
  fill.right = `calc(100% - ${along(share(value[value.length - 1]))})`;
}

/** @param {number[]} value */
const plain = (value) => (value.length === 1 ? value[0] : value);

/** @param {Slider} self */
function drag(self) {
  self.isDirty = true;
  dispatchEvent(new CustomEvent('rnn-drag', { detail: { field: self.spec.name, value: plain(self.shown) } }));
}

/**
 * The server gets the value, and answers with the message's number; until then what it says is old.
 * @param {Slider} self
 */
function commit(self) {
  clearTimeout(self.timer);
  dispatchEvent(new CustomEvent('rnn-drag', { detail: { field: self.spec.name, isDone: true } }));
  self.isDirty = false;
  self.sent = Math.max(Date.now(), self.sent + 1);
  if (window.rnnChannel) window.rnnChannel.committed = self.sent;
  self.send('value', { value: plain(self.shown), n: self.sent });
}

/** @param {Slider} self @param {Spec} spec */
function dress(self, spec) {
  const { find, ends } = self;
  find('label').textContent = spec.label;
  const help = find('.help');
  help.hidden = !spec.help;
  help.setAttribute('aria-label', spec.help);
  find('.bubble').textContent = spec.help;
  find('.note').textContent = spec.locked ? '🔒 ' + spec.locked : spec.note;
  find('.note').classList.remove('bad');
  const isStill = Boolean(spec.locked || spec.quiet);
  self.host.classList.toggle('locked', isStill);
  ends.forEach(({ range, number }, place) => {
    range.min = String(spec.stops ? 0 : spec.min);
    range.max = String(spec.stops ? spec.stops.length - 1 : spec.max);
    range.step = String(spec.stops ? 1 : spec.step);
    range.disabled = number.disabled = isStill;
    const name = ends.length === 2 ? `${spec.label}: ${spec.ends[place]}` : spec.label;
    range.setAttribute('aria-label', name);
    number.setAttribute('aria-label', name);
    range.setAttribute('aria-description', [spec.help, spec.locked, spec.hint].filter(Boolean).join(' '));
    range.title = spec.hint;
    number.style.width = `${Math.max(2.6, 1.2 + 0.6 * Math.max(format(spec.max).length, 5))}rem`;
  });
  const last = spec.stops ? spec.stops.length - 1 : spec.max - spec.min;
  find('.marks').replaceChildren(
    ...spec.marks.map((value) => {
      const mark = document.createElement('i');
      mark.style.left = `${(100 * (spec.stops ? nearest(spec.stops, value) : value - spec.min)) / last}%`;
      return mark;
    }),
  );
}

/**
 * Where a run that plays has come to, for the slider of its steps.
 * @param {Slider} self
 */
function listenToPlace(self) {
  if (self.follow) return;
  /** @param {WindowEventMap['rnn-place']} event */
  const follow = ({ detail: { field, value } }) => {
    if (!self.host.isConnected) removeEventListener('rnn-place', follow);
    else if (field === self.spec.name && !self.isHeld && !self.isDirty) show(self, [value]);
  };
  self.follow = follow;
  addEventListener('rnn-place', follow);
}

/** @param {Args<Data, { slider?: Slider }>} args */
export default function (args) {
  const { data, parentElement, setStateValue } = args;
  /** @type {Spec} */
  const spec = JSON.parse(data.spec);
  const self = (parentElement.slider ??= build(args, spec));
  self.send = setStateValue;
  listenToPlace(self);
  if (data.time < (self.time ?? 0)) return; // an older message that came later
  self.time = data.time;
  if (self.words !== data.spec) {
    dress(self, spec);
    self.spec = spec;
    self.words = data.spec;
  }
  // A value is taken from the server only if nothing of the viewer's is under way.
  const isUnheard = data.heard < self.sent && Date.now() - self.sent < LOST_MS;
  if (!self.isHeld && !self.isDirty && !isUnheard) show(self, JSON.parse(data.value));
}
