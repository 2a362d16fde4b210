// @ts-check
// Hosts a Plotly figure and updates it in place: the same node, zoom, camera and hover through every change.
//
// A figure may say in `layout.meta`:
//   cursor  {x: 'step'} or {y: 't'}: which of its axes shows a quantity that other charts show too; they share a line
//   film    {label, play, pause, back, next, duration, quantity, first}: its frames play and scrub here, without the server. Films of
//           the same quantity run together; one that says `follows` has no controls of its own.
//   width      how wide a scene is drawn: `fit.js` follows it
//   isFilling  whether it is as high as the page's styles make its place
// A trace whose own `meta` is 'characters' becomes smaller where it has no room.

import { BESIDE, fit, thinTicks, wordSize } from './fit.js';
import { isFree } from './keys.js';
import { buildMenu } from './menu.js';
import { offer } from './pictures.js';

/**
 * @typedef {{ name: string, words: string, figure: string, config: string, alt: string, note: string, height: number, plotly: string,
 *   events: string, heard: number, time: number }} Data
 * @typedef {{ frames: Frame[], place: number, asked: string, told?: string, clock?: number }} Film
 *   asked: the frame that the figure began with; told: the one that the page was told of; clock: while it plays
 * @typedef {{ send: Args<Data>['setStateValue'], given: Data, laid?: Content | null, time?: number, sent?: number,
 *   figure: Figure, words?: string, drawn?: string, left?: number, template?: { layout: Layout }, asked?: string, film?: Film | null,
 *   isStale?: boolean, isBusy?: boolean, turn?: Promise<void>, hovered?: { xval: number, yval?: number, subplot: string } | null,
 *   hovering?: number, resting?: number, cursor?: Record<string, any>, line?: HTMLElement }} Own
 * @typedef {HTMLElement & Plotted & Own} Host
 */

/** @param {string} source @returns {Promise<Plotly>} */
export function loadPlotly(source) {
  return (window.rnnPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement('script');
    script.src = source;
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error('no Plotly in ' + source)));
    script.onerror = () => {
      delete window.rnnPlotly; // whoever asks next tries again
      reject(new Error('could not load ' + source));
    };
    document.head.append(script);
  }));
}

/**
 * The app's colours and font, in light and in dark, as Plotly's defaults.
 * @param {Host} host
 */
function readTheme(host) {
  const style = getComputedStyle(host);
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(name).trim();
  const text = read('--st-text-color');
  const axis = { color: text, linecolor: 'rgba(128,128,128,0.4)', tickcolor: 'rgba(128,128,128,0.4)' };
  return {
    layout: {
      font: { color: text, family: read('--st-font') || 'sans-serif', size: wordSize() },
      hoverlabel: { bgcolor: read('--st-secondary-background-color'), font: { color: text } },
      xaxis: axis,
      yaxis: axis,
      scene: { xaxis: axis, yaxis: axis, zaxis: axis },
    },
  };
}

// ---- what is drawn: what the page gave, and over it what the live channel lays there while a slider is held

/** @param {Host} host @returns {Data} */
const shownBy = (host) => (host.laid ? { ...host.given, ...host.laid } : host.given);

/** @param {Host} host @param {Content | null} picture */
function lay(host, picture) {
  host.laid = picture && { ...host.laid, ...picture };
  return request(host);
}

// Its words are written with it, not before: they would tell of another picture than the one on the screen.
/** @param {Host} host */
function dress(host) {
  const { alt, note } = shownBy(host);
  host.setAttribute('aria-label', alt);
  writeNote(beside(host, '.note'), note);
}

// What stands beside it in the component.
/** @param {Host} host @param {string} selector */
const beside = (host, selector) => /** @type {HTMLElement} */ (host.parentElement?.querySelector(selector));

// ---- drawing: one at a time, and what came in between is never drawn

/** @param {Host} host */
function request(host) {
  host.isStale = true;
  if (!host.isBusy) host.turn = drawAll(host).catch(console.error);
  return host.turn;
}

/** @param {number} [ms] */
const pause = (ms) => new Promise((/** @type {(_: void) => void} */ done) => setTimeout(done, ms));

/** @param {Host} host */
async function drawAll(host) {
  host.isBusy = true;
  try {
    const Plotly = await loadPlotly(host.given.plotly);
    while (host.isStale) {
      if (!host.laid) await pause();
      await inTurn(host, () => {
        host.isStale = false;
        return draw(Plotly, host);
      });
    }
  } catch (error) {
    console.warn(error);
    host.send('failed', true); // the server then draws Streamlit's own chart instead
  } finally {
    host.isBusy = false;
  }
}

// Each chart is begun in a frame of its own: the first one of a page is on the screen before the next one keeps the
// browser busy. Nobody waits for what a chart does after that, as gliding does, and none waits for itself.
/** @type {Promise<unknown>} */
let turn = Promise.resolve();
/** @type {Host | undefined} */
let last;

/** @param {Host} host @param {() => Promise<void>} begin */
function inTurn(host, begin) {
  const begun = (host === last ? Promise.resolve() : turn).then(() => ({ isDrawn: begin() }));
  last = host;
  turn = begun.then(nextFrame, nextFrame);
  return begun.then(({ isDrawn }) => isDrawn);
}

function nextFrame() {
  return new Promise((done) => {
    const timer = setTimeout(done, 100); // a tab that is not seen has no frames
    requestAnimationFrame(() => (clearTimeout(timer), setTimeout(done)));
  });
}

/** @param {Plotly} Plotly @param {Host} host */
async function draw(Plotly, host) {
  if (!host.isConnected) return; // the page was left: there labels have no width, and titles no place
  if (!host.laid || !host.template) host.template = readTheme(host); // under the hand nobody changes the theme
  const { template } = host;
  dress(host);
  const { figure: words, name, config } = shownBy(host);
  const isOther = host.words !== words;
  if (isOther) {
    host.words = words;
    host.figure = JSON.parse(words);
    prepareFilm(host);
  }
  const height = roomOf(host);
  host.left ??= BESIDE;
  const wanted = [words, JSON.stringify(template), host.film?.place, host.clientWidth, height.height, host.left].join(' ');
  if (wanted === host.drawn) return;
  const { data, layout } = fit(frameOf(host), { width: host.clientWidth, left: host.left }, template.layout.font.family);
  // Only frames glide: asked for any transition, even one of no time, Plotly does not measure the labels of another figure
  // anew, draws it beside its axes, or scales its texts by no number.
  const isWider = host.clientWidth !== host._fullLayout?.width;
  const motion = isOther || isWider ? {} : motionOf(host);
  // Plotly need not look for a width that is known: that makes a browser lay out the whole page once more.
  const width = layout.width ?? (host.clientWidth || undefined);
  const whole = { ...layout, ...height, width, ...motion, ...camerasOf(host, layout), template, uirevision: name, autosize: true };
  await Plotly.react(host, data, whole, JSON.parse(config));
  if (!host.drawn) begin(Plotly, host);
  host.drawn = wanted;
  thinTicks(host);
  placeCursor(host);
  if (host.hovered) Plotly.Fx.hover(host, host.hovered, host.hovered.subplot); // the words at the pointer stay, and follow
  const left = host._fullLayout?._size?.l ?? 0; // how wide labels are beside an axis Plotly alone knows
  if (left <= host.left || !layout.annotations?.some((/** @type {any} */ { name }) => name === 'legend')) return;
  Object.assign(host, { left, isStale: true });
}

/**
 * How high it is where that is not for the figure to say: where it has the window to itself, or fills its place.
 * @param {Host} host
 * @returns {{ height?: number }}
 */
function roomOf(host) {
  const root = host.parentElement;
  if (!root?.classList.contains('enlarged')) return host.figure?.layout.meta?.isFilling ? { height: host.clientHeight } : {};
  const others = [...root.children].filter((one) => one !== host).reduce((sum, one) => sum + /** @type {HTMLElement} */ (one).offsetHeight, 0);
  return { height: Math.max(host.figure?.layout.height ?? 0, innerHeight - others - 48) };
}

/**
 * The picture as a file that stands by itself: on the page's own ground, as the viewer has turned it.
 * @param {Plotly} Plotly @param {Host} host @param {string} format */
function imageOf(Plotly, host, format) {
  const layout = { ...host.layout, ...camerasOf(host, host.layout ?? {}) };
  layout.paper_bgcolor = getComputedStyle(host).getPropertyValue('--st-background-color').trim();
  const { clientWidth: width, clientHeight: height, data } = host;
  return Plotly.toImage({ data, layout }, { format, width, height, scale: 2 });
}

/**
 * From frame to frame of a film lines and points glide (Plotly can move those only), unless the viewer wants no motion.
 * @param {Host} host
 */
function motionOf({ film, figure }) {
  if (!film || matchMedia('(prefers-reduced-motion: reduce)').matches) return {};
  return { transition: { duration: Math.min(150, 0.8 * (figure.layout.meta?.film?.duration ?? 150)), easing: 'linear' } };
}

/**
 * The scenes with the cameras as the viewer turned them; Plotly itself forgets them once it has resized a chart. A figure
 * that asks for another camera than before gets it.
 * @param {Host} host @param {Layout} layout
 */
function camerasOf(host, layout) {
  const scenes = Object.keys(layout).filter((name) => /^scene\d*$/.test(name));
  const asked = JSON.stringify(scenes.map((name) => layout[name].camera));
  const isKept = asked === host.asked;
  host.asked = asked;
  /** @param {string} name */
  const turned = (name) => (isKept ? host._fullLayout?.[name]?._scene?.getCamera() : null);
  return Object.fromEntries(
    scenes.map((name) => [name, { ...layout[name], camera: turned(name) ?? layout[name].camera }]),
  );
}

/** @param {Plotly} Plotly @param {Host} host */
function begin(Plotly, host) {
  // The sidebar was hidden, the window resized, the phone turned: the same figure, as wide as its place is now.
  const isOther = () => host.isConnected && host.clientWidth > 0
    && (host.clientWidth !== host._fullLayout?.width || (roomOf(host).height ?? host._fullLayout.height) !== host._fullLayout.height);
  new ResizeObserver(() => isOther() && request(host)).observe(host);
  const place = beside(host, '.menu');
  if (place) buildMenu(place, host, () => host.given, (format) => imageOf(Plotly, host, format), () => request(host));
  host.on?.('plotly_click', ({ points: [point] }) => report(host, 'click', point));
  host.on?.('plotly_hover', ({ points: [point], xvals, yvals }) => {
    host.hovered = xvals && { xval: xvals[0], yval: yvals?.[0], subplot: `${point.xaxis?._id}${point.yaxis?._id}` };
    const axes = Object.entries(host.figure.layout.meta?.cursor ?? {});
    for (const [letter, quantity] of axes) share(quantity, letter === 'x' ? point.x : point.y);
    clearTimeout(host.hovering);
    host.hovering = setTimeout(() => report(host, 'hover', point), 120);
  });
  host.on?.('plotly_unhover', () => {
    host.hovered = null;
    for (const quantity of Object.values(host.figure.layout.meta?.cursor ?? {})) share(quantity, null);
    clearTimeout(host.hovering);
  });
  host.on?.('plotly_selected', (event) => event && report(host, 'select', event.points[0], event.points));
}

// ---- events back to the server, for those that the page asked for

/** @param {Host} host @param {string} kind @param {Partial<Point>} [point] @param {Point[]} [points] */
function report(host, kind, point, points) {
  if (!point || !host.given.events.split(' ').includes(kind)) return;
  /** @param {Partial<Point>} point */
  const where = ({ curveNumber, pointNumber, x, y, z }) => ({ trace: curveNumber, point: pointNumber, x, y, z });
  host.sent = Math.max(Date.now(), (host.sent ?? 0) + 1);
  host.send('event', { kind, ...where(point), points: points?.slice(0, 200).map(where), n: host.sent });
}

// ---- one cursor for all charts that show the same quantity

/** @param {string} quantity @param {unknown} value @param {Host} [film] */
const share = (quantity, value, film) =>
  dispatchEvent(new CustomEvent('rnn-cursor', { detail: { quantity, value, film } }));

/** @param {Host} host */
function listen(host) {
  /** @param {{ detail: Cursor }} event */
  const point = ({ detail: { quantity, value, film } }) => {
    if (film && film !== host) follow(host, quantity, value);
    const isFilmed = film && host.film && host.figure.layout.meta?.film?.quantity === quantity; // its frame shows where
    host.cursor = { ...host.cursor, [quantity]: isFilmed ? null : value };
    placeCursor(host);
  };
  // A slider of the same quantity moves the cursor too.
  /** @param {{ detail: Drag }} event */
  const drag = ({ detail: { field, value, isDone } }) => {
    if (!isDone) follow(host, field, value);
    point({ detail: { quantity: field, value: isDone ? null : value } });
  };
  /**
   * The first film of a page goes by keys wherever nothing else takes them.
   * @param {KeyboardEvent} event
   */
  const press = (event) => {
    const first = document.querySelector('.film:not([hidden]):not(:empty)');
    if (isFree(event) && host.film && first === beside(host, '.film')) pressFilm(host, event);
  };
  addEventListener('keydown', press);
  addEventListener('rnn-cursor', point);
  addEventListener('rnn-drag', drag);
  return () => {
    removeEventListener('keydown', press);
    removeEventListener('rnn-cursor', point);
    removeEventListener('rnn-drag', drag);
  };
}

/** @param {Host} host */
function placeCursor(host) {
  const [letter, quantity] = Object.entries(host.figure?.layout.meta?.cursor ?? {})[0] ?? [];
  const value = quantity && host.cursor?.[quantity];
  const { xaxis, yaxis, _size: size } = host._fullLayout ?? {};
  const axis = letter === 'y' ? yaxis : xaxis;
  const along = value === null || value === undefined || !axis?.d2p ? NaN : axis.d2p(value);
  const isShown = along >= 0 && along <= axis?._length;
  if (!isShown) {
    host.line?.style.setProperty('display', 'none'); // also of a chart that is gone, whose axes are too
    return;
  }
  host.line ??= host.appendChild(document.createElement('div'));
  host.line.className = letter === 'y' ? 'cursor across' : 'cursor down';
  const box =
    letter === 'y'
      ? { left: size.l, top: axis._offset + along, width: size.w, height: 0 }
      : { left: axis._offset + along, top: size.t, width: 0, height: size.h };
  host.line.style.display = 'block';
  for (const [side, px] of Object.entries(box)) host.line.style.setProperty(side, `${px}px`);
}

// ---- a film: frames that play and scrub in the browser

/** @type {Map<string, number>} */
const leading = new Map(); // where the film of each quantity is that others follow

/** @param {Host} host */
function prepareFilm(host) {
  const { frames = [], layout } = host.figure;
  const place = beside(host, '.film');
  if (frames.length < 2) {
    clearInterval(host.film?.clock);
    host.film = null;
    place.replaceChildren();
    return;
  }
  // The same frame stays on the screen if the new film has it.
  const before = host.film && host.film.frames[host.film.place]?.name;
  const kept = frames.findIndex(({ name }) => name === before);
  const words = layout.meta?.film ?? {};
  const { clock, asked, told } = host.film ?? {};
  // A figure that asks for another first frame than before gets it, unless the viewer moves the film, or has moved it and
  // the page does not know yet.
  const first = Math.min(words.first ?? frames.length - 1, frames.length - 1);
  const wanted = frames[first].name; // its place may be that of another frame by now
  const isHeld = clock || host.resting || host.given.heard < (host.sent ?? 0);
  const isMoved = host.film && wanted !== asked && !isHeld;
  const led = words.follows ? frames.findLastIndex(({ name }) => numberOf(name) <= (leading.get(words.quantity) ?? -1)) : -1;
  host.film = { clock, told, frames, asked: wanted, place: led >= 0 ? led : kept >= 0 && !isMoved ? kept : first };
  if (!place.firstChild) buildFilm(host, place);
  place.hidden = Boolean(words.follows);
  const { play, back, next, range } = controls(place);
  range.max = String(frames.length - 1);
  range.setAttribute('aria-label', words.label ?? '');
  play.dataset.play = words.play ?? '▶';
  play.dataset.pause = words.pause ?? '⏸';
  back.title = back.ariaLabel = words.back ?? '';
  next.title = next.ariaLabel = words.next ?? '';
  showFilm(host, !words.follows);
}

/** @param {HTMLElement} place */
function controls(place) {
  const [play, back, next] = place.querySelectorAll('button');
  const [range, output] = [/** @type {HTMLInputElement} */ (place.querySelector('input')), place.querySelector('output')];
  return { play, back, next, range, output: /** @type {HTMLOutputElement} */ (output) };
}

/** @param {Host} host @param {HTMLElement} place */
function buildFilm(host, place) {
  place.innerHTML = '<button type="button"></button>'.repeat(3) + '<input type="range" min="0" step="1"><output></output>'
    + '<span class="keys" aria-hidden="true"><kbd>␣</kbd> <kbd>←</kbd> <kbd>→</kbd></span>';
  const { play, back, next, range } = controls(place);
  play.onclick = () => playFilm(host, !host.film?.clock);
  Object.assign(back, { textContent: '‹', onclick: () => scrub(host, (host.film?.place ?? 0) - 1) });
  Object.assign(next, { textContent: '›', onclick: () => scrub(host, (host.film?.place ?? 0) + 1) });
  range.oninput = () => scrub(host, Number(range.value));
  host.tabIndex = 0;
  for (const one of [host, range]) one.onkeydown = (event) => pressFilm(host, event);
}

/** @param {Host} host @param {KeyboardEvent} event */
function pressFilm(host, event) {
  const { film } = host;
  if (!film || event.defaultPrevented) return;
  /** @type {Record<string, number>} */
  const ways = { ArrowLeft: film.place - 1, ArrowRight: film.place + 1, Home: 0, End: Infinity };
  const to = ways[event.key];
  if (event.key === ' ') playFilm(host, !film.clock);
  else if (to !== undefined) scrub(host, to);
  else return;
  event.preventDefault();
}

/**
 * To a frame by hand: nothing plays any more.
 * @param {Host} host @param {number} place
 */
function scrub(host, place) {
  playFilm(host, false);
  if (host.film) go(host, Math.min(host.film.frames.length - 1, Math.max(0, place)));
}

/** @param {Host} host @param {boolean} isPlaying */
function playFilm(host, isPlaying) {
  const { film } = host;
  if (!film) return;
  clearInterval(film.clock);
  film.clock = undefined;
  if (isPlaying) {
    if (film.place === film.frames.length - 1) go(host, 0);
    const next = () => {
      const { film: now } = host;
      if (!host.isConnected || !now || now.place >= now.frames.length - 1) playFilm(host, false);
      else if (!host.isBusy) go(host, now.place + 1);
    };
    film.clock = setInterval(next, host.figure.layout.meta?.film?.duration ?? 150);
  }
  showFilm(host);
  rest(host);
}

/** @param {Host} host @param {number} place */
function go(host, place) {
  if (host.film) host.film.place = place;
  showFilm(host);
  request(host);
  rest(host);
}

/**
 * Another film of the same quantity has moved, or a slider of it: the newest frame up to there is shown.
 * @param {Host} host @param {string} quantity @param {any} value
 */
function follow(host, quantity, value) {
  const { film } = host;
  if (!film || host.figure.layout.meta?.film?.quantity !== quantity) return;
  const place = film.frames.findLastIndex(({ name }) => numberOf(name) <= value);
  if (place < 0 || place === film.place) return;
  film.place = place;
  showFilm(host, false);
  request(host);
}

/**
 * Where a film comes to rest is told once, to a page that asked for it.
 * @param {Host} host
 */
function rest(host) {
  if (!host.given.events.split(' ').includes('film')) return;
  clearTimeout(host.resting);
  host.resting = setTimeout(() => {
    host.resting = undefined;
    const { film } = host;
    if (!film || film.clock || !host.isConnected) return;
    const { name } = film.frames[film.place];
    if (name === (film.told ?? film.asked)) return;
    film.told = name;
    report(host, 'film', { curveNumber: 0, x: numberOf(name), y: film.place });
  }, 800);
}

/** @param {string} name */
const numberOf = (name) => Number(name.match(/-?\d+/)?.[0]);

/** @param {Host} host */
function showFilm(host, isLeading = true) {
  const { film } = host;
  if (!film) return;
  const { play, range, output } = controls(beside(host, '.film'));
  play.textContent = (film.clock ? play.dataset.pause : play.dataset.play) ?? '';
  range.value = String(film.place);
  const { name } = film.frames[film.place];
  output.textContent = name;
  range.setAttribute('aria-valuetext', name);
  const quantity = host.figure.layout.meta?.film?.quantity;
  if (!quantity || !isLeading) return;
  leading.set(quantity, numberOf(name));
  share(quantity, numberOf(name), host);
}

/**
 * What a frame changes, laid over the figure.
 * @param {Host} host @returns {Figure}
 */
function frameOf({ figure, film }) {
  const frame = film?.frames[film.place];
  if (!frame) return figure;
  const data = [...figure.data];
  (frame.traces ?? frame.data.map((_, place) => place)).forEach((place, i) => {
    data[place] = { ...data[place], ...frame.data[i] };
  });
  return { data, layout: { ...figure.layout, ...frame.layout } };
}

/**
 * Lines of words with `code` and **bold** in them, as text nodes: nothing of it is ever HTML.
 * @param {HTMLElement & { words?: string }} place @param {string} words
 */
function writeNote(place, words) {
  if (place.words === words) return;
  place.words = words;
  place.hidden = !words;
  place.replaceChildren(
    ...words.split(/(:\w+\[\*\*.+?\*\*\]|\*\*.+?\*\*|`.+?`)/).map((part) => {
      const [, color, inside] = part.match(/^:(\w+)\[(.+)\]$/) ?? ['', '', part];
      part = inside;
      const tag = part.startsWith('**') ? 'strong' : part.startsWith('`') ? 'code' : null;
      const plain = part.replace(/\\(.)/g, '$1'); // escapes are for Markdown
      if (!tag) return plain;
      const size = tag === 'strong' ? 2 : 1;
      const made = Object.assign(document.createElement(tag), { textContent: plain.slice(size, -size) });
      if (color) made.style.color = `var(--st-${color}-text-color, ${color})`; // as Streamlit's own Markdown has it
      return made;
    }),
  );
}

/** @param {Args<Data>} args */
export default function ({ data, parentElement, setStateValue }) {
  const host = /** @type {Host} */ (parentElement.querySelector('.chart'));
  host.send = setStateValue;
  const end = listen(host);
  const clean = () => {
    end();
    setTimeout(() => {
      if (host.isConnected) return;
      clearInterval(host.film?.clock);
      window.Plotly?.purge?.(host);
    });
  };
  if (data.time < (host.time ?? 0)) return clean; // while a page loads, Streamlit may hand over the older figure after the newer one
  host.time = data.time;
  host.given = data;
  const forget = offer(data.name, host, (picture) => lay(host, picture));
  if (!host.drawn) dress(host); // there is nothing yet that they could belie
  host.style.minHeight = data.height + 'px'; // nothing below jumps while the library loads
  request(host);
  return () => (clean(), forget());
}
