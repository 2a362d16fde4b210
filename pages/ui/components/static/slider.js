// A slider with one handle or two. While it is dragged it says so on the page (`rnn-drag`), where a stage that can
// show the value listens; when it is let go the server gets the value, once.
//
// Positions are what the range inputs hold: the values themselves, or places in a list of stops.

const REST_MS = 150; // how long what is moved by neither hand nor key may rest before its value counts as let go
const LOST_MS = 4000; // after that long without an answer, what the server says is believed again

const STYLE = `
:host { display: block; }
.slider { font-family: var(--st-font), sans-serif; color: var(--st-text-color); --thumb: 18px; --rail: 28px; }
.head { display: flex; align-items: center; gap: 0.4rem; min-height: 1.7rem; }
label { font-size: 0.875rem; line-height: 1.25; }
.help { position: relative; font: inherit; font-size: 0.7rem; line-height: 1; width: 1.15rem; height: 1.15rem; padding: 0;
  border: 1px solid currentColor; border-radius: 50%; background: none; color: inherit; opacity: 0.55; cursor: help; }
.help:hover, .help:focus-visible { opacity: 1; }
.bubble { display: none; position: absolute; left: 0; right: 0; top: 1.8rem; z-index: 10; padding: 0.5rem 0.7rem;
  border-radius: 0.5rem; font-size: 0.8rem; line-height: 1.35; color: var(--st-text-color);
  background: var(--st-secondary-background-color); border: 1px solid var(--st-border-color, rgba(128,128,128,0.4)); }
.help:hover ~ .bubble, .help:focus-visible ~ .bubble { display: block; }
.head { position: relative; }
.numbers { margin-left: auto; display: flex; gap: 0.25rem; align-items: center; }
.number { font: inherit; font-size: 0.875rem; font-variant-numeric: tabular-nums; text-align: right; width: 4.2rem;
  padding: 0.1rem 0.35rem; box-sizing: border-box; color: var(--st-text-color); background: transparent;
  border: 1px solid transparent; border-radius: 0.35rem; }
.number:hover { border-color: var(--st-border-color, rgba(128,128,128,0.4)); }
.number:focus { border-color: var(--st-primary-color); outline: none; }
.rail { position: relative; height: var(--rail); touch-action: pan-y; }
.rail::before, .fill { content: ''; position: absolute; top: 50%; height: 4px; margin-top: -2px; border-radius: 2px; }
.rail::before { left: 0; right: 0; background: rgba(128, 128, 128, 0.35); }
.fill { background: var(--st-primary-color); }
input[type=range] { -webkit-appearance: none; appearance: none; position: absolute; inset: 0; width: 100%; height: 100%;
  margin: 0; background: none; cursor: pointer; touch-action: pan-y; }
input[type=range]:focus { outline: none; }
input[type=range]::-webkit-slider-runnable-track { height: var(--rail); background: none; }
input[type=range]::-moz-range-track { height: var(--rail); background: none; }
input[type=range]::-webkit-slider-thumb { -webkit-appearance: none; width: var(--thumb); height: var(--thumb);
  margin-top: calc((var(--rail) - var(--thumb)) / 2); border: none; border-radius: 50%; background: var(--st-primary-color); }
input[type=range]::-moz-range-thumb { width: var(--thumb); height: var(--thumb); border: none; border-radius: 50%;
  background: var(--st-primary-color); }
input[type=range]:focus-visible::-webkit-slider-thumb { box-shadow: 0 0 0 4px color-mix(in srgb, var(--st-primary-color) 35%, transparent); }
input[type=range]:focus-visible::-moz-range-thumb { box-shadow: 0 0 0 4px color-mix(in srgb, var(--st-primary-color) 35%, transparent); }
.two input[type=range] { pointer-events: none; }
.two input[type=range]::-webkit-slider-thumb { pointer-events: auto; }
.two input[type=range]::-moz-range-thumb { pointer-events: auto; }
.marks { position: absolute; left: calc(var(--thumb) / 2); right: calc(var(--thumb) / 2); top: 50%; height: 0; }
.marks i { position: absolute; width: 2px; height: 6px; margin: 6px 0 0 -1px; background: var(--st-text-color); opacity: 0.45; }
.note { margin: 0; font-size: 0.75rem; line-height: 1.3; opacity: 0.8; }
.note:empty { display: none; }
.note.bad { color: var(--st-red-text-color, #c0392b); opacity: 1; }
.locked .rail, .locked .numbers { opacity: 0.45; }
.locked input { cursor: not-allowed; }
@media (pointer: coarse) { .slider { --thumb: 26px; --rail: 44px; } .number { min-height: 2.2rem; } .help { width: 1.6rem; height: 1.6rem; } }
`;

function build(parent, spec) {
  const host = parent.querySelector('.slider');
  const style = document.createElement('style');
  style.textContent = STYLE;
  host.before(style);
  host.innerHTML = `
    <div class="head"><label></label><button class="help" type="button">?</button><span class="bubble" role="tooltip"></span>
      <span class="numbers"></span></div>
    <div class="rail"><span class="fill"></span><span class="marks" aria-hidden="true"></span></div>
    <p class="note" role="status"></p>`;
  const find = (selector) => host.querySelector(selector);
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
    return { range, number };
  });
  find('label').htmlFor = 'range0';
  host.classList.toggle('two', ends.length === 2);
  const self = { host, ends, find, spec, sent: 0, isHeld: false, isPressed: false, isDirty: false, shown: spec.value };
  ends.forEach((end, place) => listen(self, end, place));
  find('.rail').addEventListener('dblclick', () => {
    if (!self.spec.reset || self.spec.locked) return;
    show(self, self.spec.reset);
    commit(self);
  });
  return self;
}

const toPosition = (spec, value) => (spec.stops ? nearest(spec.stops, value) : value);
const toValue = (spec, position) => (spec.stops ? spec.stops[position] : position);
const nearest = (stops, value) =>
  stops.reduce((best, stop, place) => (Math.abs(Math.log(stop / value)) < Math.abs(Math.log(stops[best] / value)) ? place : best), 0);
// 12 digits are what a double can hold without showing its rounding.
const format = (value) => String(Number(value.toPrecision(12)));

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

// A number was typed: take it, or say what would work and keep what there is.
function type(self, typed, place) {
  const { min, max, whole, bad } = self.spec;
  const words = typed.trim().replace(',', '.');
  const value = Number(words);
  const isFine = words !== '' && Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value));
  const note = self.find('.note');
  note.classList.toggle('bad', !isFine);
  note.textContent = isFine ? '' : bad.replace('{value}', words.slice(0, 20));
  const next = [...self.shown];
  if (isFine) next[place] = value;
  if (isFine && next.length === 2) next[place] = place ? Math.max(...next) : Math.min(...next);
  show(self, next);
  if (isFine) commit(self);
}

function show(self, value) {
  self.shown = value;
  const { spec, ends } = self;
  const last = spec.stops ? spec.stops.length - 1 : spec.max;
  const first = spec.stops ? 0 : spec.min;
  const share = (v) => (last > first ? (toPosition(spec, v) - first) / (last - first) : 0);
  ends.forEach(({ range, write }, place) => {
    const position = String(toPosition(spec, value[place]));
    if (range.value !== position) range.value = position;
    const words = format(value[place]);
    range.setAttribute('aria-valuetext', words);
    write(words);
  });
  const along = (part) => `calc(var(--thumb) / 2 + ${part} * (100% - var(--thumb)))`;
  const fill = self.find('.fill').style;
  fill.left = value.length === 2 ? along(share(value[0])) : '0';
  fill.right = `calc(100% - ${along(share(value.at(-1)))})`;
}

const plain = (value) => (value.length === 1 ? value[0] : value);

function drag(self) {
  self.isDirty = true;
  dispatchEvent(new CustomEvent('rnn-drag', { detail: { field: self.spec.name, value: plain(self.shown) } }));
}

// The server gets the value, and answers with the message's number; until then what it says is old.
function commit(self) {
  clearTimeout(self.timer);
  dispatchEvent(new CustomEvent('rnn-drag', { detail: { field: self.spec.name, isDone: true } }));
  self.isDirty = false;
  self.sent = Math.max(Date.now(), self.sent + 1);
  if (window.rnnChannel) window.rnnChannel.committed = self.sent;
  self.send('value', { value: plain(self.shown), n: self.sent });
}

function dress(self, spec) {
  const { find, ends } = self;
  find('label').textContent = spec.label;
  const help = find('.help');
  help.hidden = !spec.help;
  help.setAttribute('aria-label', spec.help);
  find('.bubble').textContent = spec.help;
  if (spec.locked) find('.note').textContent = '🔒 ' + spec.locked;
  else if (self.spec.locked) find('.note').textContent = '';
  self.host.classList.toggle('locked', Boolean(spec.locked));
  ends.forEach(({ range, number }, place) => {
    range.min = spec.stops ? 0 : spec.min;
    range.max = spec.stops ? spec.stops.length - 1 : spec.max;
    range.step = spec.stops ? 1 : spec.step;
    range.disabled = number.disabled = Boolean(spec.locked);
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

// Where a run that plays has come to, for the slider of its steps.
function listenToPlace(self) {
  if (self.follow) return;
  self.follow = ({ detail: { field, value } }) => {
    if (!self.host.isConnected) return removeEventListener('rnn-place', self.follow);
    if (field === self.spec.name && !self.isHeld && !self.isDirty) show(self, [value]);
  };
  addEventListener('rnn-place', self.follow);
}

export default function ({ data, parentElement, setStateValue }) {
  const spec = JSON.parse(data.spec);
  const self = (parentElement.slider ??= build(parentElement, spec));
  self.send = setStateValue;
  listenToPlace(self);
  if (data.time < self.time) return; // an older message that came later
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
