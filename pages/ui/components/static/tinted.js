// A text, once for each network, its characters tinted by how much each of them matters to the chosen one. The pointer
// and the arrow keys choose here, in the browser: the whole matrix is there. Everything is text nodes, never HTML.

const STYLE = `
:host { display: block; }
.tinted { color: var(--st-text-color); font-family: var(--st-font), sans-serif; outline-offset: 4px; }
.chooser { display: flex; flex-wrap: wrap; align-items: center; gap: 0.75rem; margin-bottom: 0.75rem; }
.chooser input { flex: 1; min-width: 8rem; accent-color: var(--st-primary-color); min-height: 2rem; }
.chooser output { font-variant-numeric: tabular-nums; min-width: 6rem; }
.panels { display: grid; gap: 1rem 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); }
section { border: 1px solid var(--st-border-color, rgba(128, 128, 128, 0.4)); padding: 0.75rem 0.9rem;
  border-radius: var(--st-base-radius, 0.5rem); min-width: 0; }
h4 { margin: 0 0 0.5rem; font-size: 1rem; }
h4 small { font-weight: 400; opacity: 0.75; }
.text { font-family: var(--st-code-font), monospace; line-height: 1; cursor: pointer; touch-action: manipulation; }
.text span { display: inline-flex; flex-direction: column; align-items: center; gap: 0.2rem; min-width: 0.8em;
  padding: 0.22rem 0.1rem; font-size: 1.3rem; border-radius: 0.2rem; border: 2px solid transparent; }
.text i { font-style: normal; font-size: 0.8rem; }
.text i.right { color: var(--st-green-text-color, #087a55); }
.text i.wrong { color: var(--st-red-text-color, #b3261e); text-decoration: underline; text-underline-offset: 2px; }
.text .chosen { border-color: #D55E00; }
p { margin: 0.6rem 0 0.3rem; font-size: 0.875rem; }
.bar { display: grid; grid-template-columns: 2rem 1fr 3.5rem; gap: 0.5rem; align-items: center; font-size: 0.875rem;
  font-variant-numeric: tabular-nums; margin: 0.15rem 0; }
.bar b { font-family: var(--st-code-font), monospace; text-align: center; }
.bar u { display: block; height: 0.7rem; border-radius: 0.2rem; background: rgba(127, 127, 213, 0.85); min-width: 1px; }
.bar em { font-style: normal; text-align: right; }
`;
const TINT = '46, 134, 209';
const REST_MS = 400;
const LOST_MS = 4000; // after that long without an answer, what the server says is believed again

const pictures = (window.rnnPictures ??= new Map());

function element(tag, className, text) {
  return Object.assign(document.createElement(tag), { className, textContent: text ?? '' });
}

function build(parent) {
  const host = parent.querySelector('.tinted');
  host.tabIndex = 0;
  host.range = Object.assign(document.createElement('input'), { type: 'range', min: 0, step: 1 });
  host.output = document.createElement('output');
  host.label = element('label', '');
  host.note = element('p', 'note');
  host.note.hidden = true;
  host.panels = element('div', 'panels');
  const chooser = element('div', 'chooser');
  chooser.append(host.label, host.range, host.output);
  host.replaceChildren(element('style', '', STYLE), chooser, host.note, host.panels);
  host.range.oninput = () => choose(host, Number(host.range.value));
  host.addEventListener('keydown', (event) => {
    const last = host.spec.characters.length - 1;
    const to = { ArrowLeft: host.at - 1, ArrowRight: host.at + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(host, to);
  });
  // Of a pointer only what it does itself: a browser reports `pointerover` also where the page moves under one at rest.
  let before;
  const point = (event) => {
    const span = event.target.closest?.('[data-t]');
    if (span && (span !== before || event.type === 'click')) choose(host, Number(span.dataset.t));
    before = span;
  };
  host.panels.addEventListener('pointermove', point);
  host.panels.addEventListener('click', point);
  return host;
}

function panel(spec, cell) {
  const made = document.createElement('section');
  const head = element('h4', '', `${cell.name} `);
  head.append(element('small', '', cell.about));
  const text = element('div', 'text');
  made.spans = spec.characters.map((character, t) => {
    const span = element('span', '', character);
    span.dataset.t = t;
    const guess = cell.top[t][0]?.[0] ?? '';
    span.append(element('i', guess === spec.target[t] ? 'right' : 'wrong', guess));
    return span;
  });
  text.append(...made.spans);
  made.strongest = element('p', '');
  made.expected = element('p', '');
  made.bars = document.createElement('div');
  made.append(head, text, made.strongest, made.expected, made.bars);
  return made;
}

function bar([character, probability]) {
  const made = element('div', 'bar');
  const [track, fill] = [document.createElement('div'), document.createElement('u')];
  fill.style.width = `${100 * probability}%`;
  track.append(fill);
  made.append(element('b', '', character), track, element('em', '', `${(100 * probability).toFixed(1)} %`));
  return made;
}

function choose(host, t, isTold = true) {
  const { characters, cells } = host.spec;
  const at = Math.min(characters.length - 1, Math.max(0, t));
  if (at === host.at && isTold) return;
  host.at = at;
  host.range.value = at;
  host.output.textContent = `t = ${at} «${characters[at]}»`;
  host.range.setAttribute('aria-valuetext', host.output.textContent);
  cells.forEach((cell, i) => tint(host.spec, cell, host.panels.children[i], at));
  dispatchEvent(new CustomEvent('rnn-cursor', { detail: { quantity: 't', value: at } }));
  if (isTold) tell(host);
}

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

// Where the choice comes to rest is told once, for the link.
function tell(host) {
  clearTimeout(host.resting);
  host.resting = setTimeout(() => {
    host.resting = null;
    if (!host.isConnected || host.at === host.told) return;
    host.told = host.at;
    host.sent = Math.max(Date.now(), (host.sent ?? 0) + 1);
    host.send('value', { value: host.at, n: host.sent });
  }, REST_MS);
}

// Draw what the page says, or over it what the live channel says while a slider is held.
function write(host) {
  host.note.textContent = (host.laid?.note ?? '').replace(/\\(.)/g, '$1'); // escapes are for Markdown
  host.note.hidden = !host.laid?.note;
  const spec = host.laid?.spec ?? host.given;
  if (spec === host.drawn) return;
  host.drawn = spec;
  host.spec = JSON.parse(spec);
  host.range.max = host.spec.characters.length - 1;
  host.label.textContent = host.spec.words.choose;
  host.range.setAttribute('aria-label', host.spec.words.choose);
  host.panels.replaceChildren(...host.spec.cells.map((cell) => panel(host.spec, cell)));
}

export default function ({ data, parentElement, setStateValue }) {
  const host = (parentElement.tinted ??= build(parentElement));
  host.send = setStateValue;
  if (data.time < host.time) return undefined; // an older message that came later
  host.time = data.time;
  host.given = data.spec;
  const lay = async (content) => {
    host.laid = content && { spec: host.laid?.spec, ...content };
    write(host);
    choose(host, host.at, false);
  };
  pictures.set(data.name, { lay, host });
  write(host);
  // What the server asks for is taken only if nothing of the viewer's is under way, and if it is new.
  const isUnheard = data.heard < host.sent && Date.now() - host.sent < LOST_MS;
  const isAsked = data.at !== host.asked && data.at !== host.told && !host.resting && !isUnheard;
  host.asked = data.at;
  if (isAsked) host.told = data.at;
  choose(host, host.at === undefined || isAsked ? data.at : host.at, false);
  return () => setTimeout(() => host.isConnected || (pictures.get(data.name)?.host === host && pictures.delete(data.name)));
}
