// @ts-check
// What of a figure hangs on how wide its place and the window are: how large words are, where a legend is broken into
// lines, how large characters are that have no room, which ticks are written.

const LARGE = 1700; // pixels of a window that is looked at from the back row,
const LEAST = 16; // and of the words there
const APART = '   '; // between two names in a line of a legend, as `overlay.legend` writes it
const LINE = 22; // pixels of such a line
const BETWEEN_WORDS = /(?<!<span|<\/span>) /; // not within a tag, nor between a mark and what it marks
const MENU = 32; // pixels at its right end, where the menu of a picture is
export const BESIDE = 56; // pixels of an axis and its labels, until Plotly has measured them
const SIDES = 110; // pixels beside a map of characters: its axis and its scale
const MANY = 12; // ticks: fewer are written where the figure has them
const ASPECT = { narrow: 0.62, wide: 1.1 }; // of a letter: of our alphabet, and of any other

/** The size of words that have none of their own. */
export const wordSize = () => (innerWidth >= LARGE ? LEAST : 13);

/**
 * @param {Figure} figure
 * @param {{ width: number, left: number }} place  its pixels; where its legend begins
 * @param {string} family @returns {Figure}
 */
export function fit({ data, layout }, { width, left }, family) {
  const isLarge = innerWidth >= LARGE;
  const fitted = isLarge ? enlarged(layout) : { ...layout };
  if (fitted.annotations) breakLegends(fitted, width - left - MENU, family);
  const share = Math.min(1, width / (layout.meta?.width ?? width));
  if (share < 1) fitted.scene = { ...fitted.scene, aspectratio: scaled(fitted.scene.aspectratio, share) };
  if (!Array.isArray(data)) return { data, layout: fitted };
  const traces = isLarge ? data.map(({ textfont, colorbar, ...trace }) => ({ ...trace, ...enlarged({ textfont, colorbar }) })) : [...data];
  traces.forEach((trace, i) => {
    if (trace.meta === 'characters') traces[i] = withRoom(trace, (width - SIDES) / span(layout.xaxis));
  });
  return { data: traces, layout: fitted };
}

/** @param {Record<string, number>} ratio @param {number} share */
const scaled = (ratio, share) => Object.fromEntries(Object.entries(ratio).map(([axis, size]) => [axis, share * size]));

/** @param {any} axis */
const span = ({ range: [low, high] }) => Math.abs(high - low);

/**
 * The same with no words smaller than the least.
 * @param {any} value @param {string} [name] @returns {any}
 */
function enlarged(value, name = '') {
  if (Array.isArray(value)) return value.map((one) => enlarged(one));
  if (!value || typeof value !== 'object') return value;
  const made = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, enlarged(part, key)]));
  return /font$/i.test(name) && made.size < LEAST ? { ...made, size: LEAST } : made;
}

/**
 * Break legends anew: between names, and within one that is longer than a line.
 * @param {Layout} layout @param {number} room  pixels of a line @param {string} family
 */
function breakLegends(layout, room, family) {
  layout.annotations = layout.annotations.map((/** @type {any} */ note) => {
    if (note.name !== 'legend') return note;
    const size = note.font?.size ?? wordSize();
    const before = note.text.split('<br>');
    const entries = before.flatMap((/** @type {string} */ line) => line.split(APART));
    const lines = filled(entries, APART, (line) => widthOf(line, size, family) < room);
    const more = lines.length * Math.max(LINE, 1.4 * size) - before.length * LINE;
    if (note.y === 1 && layout.margin) layout.margin = { ...layout.margin, t: layout.margin.t + more };
    return { ...note, text: lines.join('<br>') };
  });
}

/**
 * As many parts a line as fit; one that does not fit a line begins one, and is broken between its words.
 * @param {string[]} parts @param {string} gap @param {(line: string) => boolean} fits
 */
function filled(parts, gap, fits) {
  /** @type {string[]} */
  const lines = [];
  for (const part of parts) {
    const longer = lines.length && lines[lines.length - 1] + gap + part;
    if (longer && fits(longer)) lines[lines.length - 1] = longer;
    else if (gap === APART && !fits(part)) lines.push(...filled(part.split(BETWEEN_WORDS), ' ', fits));
    else lines.push(part);
  }
  return lines;
}

/** @type {CanvasRenderingContext2D | null | undefined} */
let brush;

/**
 * @param {string} line  of Plotly's markup, in which a mark before a name has a size of its own
 * @param {number} size @param {string} family
 */
function widthOf(line, size, family) {
  brush ??= document.createElement('canvas').getContext('2d');
  let [width, now] = [0, size];
  for (const part of line.split(/(<[^>]*>)/)) {
    if (part.startsWith('<')) now = Number(part.match(/font-size:(\d+)px/)?.[1] ?? size);
    else if (brush) width += ((brush.font = `${now}px ${family}`), brush.measureText(part).width);
  }
  return width;
}

/**
 * Characters, or marks on them, as large as their columns let them be.
 * @param {Trace} trace @param {number} px @returns {Trace}
 */
function withRoom(trace, px) {
  const isWide = trace.text?.some?.((/** @type {string} */ word) => /[^\x00-\x7f␣]/.test(word));
  const { textfont, marker } = trace;
  return {
    ...trace,
    ...(textfont && { textfont: { ...textfont, size: Math.max(5, Math.min(textfont.size, px / (isWide ? ASPECT.wide : ASPECT.narrow))) } }),
    ...(marker && { marker: { ...marker, size: Math.max(4, Math.min(marker.size, 1.3 * px)) } }),
  };
}

/**
 * Of ticks that a figure has chosen, write as many as there is room for. They stay in the figure: at the pointer each of
 * them is said.
 * @param {HTMLElement & Plotted & { isThinned?: boolean }} host
 */
export function thinTicks(host) {
  const axes = Object.entries(host._fullLayout ?? {}).filter(([name]) => /^[xy]axis\d*$/.test(name));
  for (const [, axis] of axes) {
    const { tickvals, ticktext = [], _id: id, tickfont } = axis;
    if (axis.tickmode !== 'array' || !(tickvals?.length > MANY)) continue;
    const step = Math.abs(axis.d2p(tickvals[tickvals.length - 1]) - axis.d2p(tickvals[0])) / (tickvals.length - 1);
    const letters = Math.max(...[...ticktext].map((word) => (/[^\x00-\x7f␣]/.test(word) ? ASPECT.wide : ASPECT.narrow * word.length)));
    const need = tickfont.size * (id[0] === 'y' ? 1.15 : letters + 0.15);
    const every = Math.max(1, Math.ceil(need / step));
    if (every === 1 && !host.isThinned) continue;
    host.isThinned = true;
    host.querySelectorAll(`.${id}tick text`).forEach((text, i) => {
      /** @type {SVGElement} */ (text).style.visibility = i % every ? 'hidden' : '';
    });
  }
}
