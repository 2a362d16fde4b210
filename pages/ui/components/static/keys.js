// @ts-check
// Keys of a page: a run plays, pauses and steps by them wherever nothing else takes them. What they do stands below its
// buttons.

const OTHERS = 'input, textarea, select, button, a, summary, [contenteditable], [role=slider], [role=menuitem], [role=dialog]';

/**
 * Whether a key is for the page: nothing that takes keys itself has the focus.
 * @param {KeyboardEvent} event
 */
export function isFree(event) {
  const { ctrlKey, metaKey, altKey, defaultPrevented } = event;
  const target = event.composedPath()[0];
  return !(ctrlKey || metaKey || altKey || defaultPrevented || (target instanceof Element && target.closest(OTHERS)));
}

/** @param {string} key @returns {HTMLButtonElement | null} */
const buttonOf = (key) => document.querySelector(`.st-key-${key} button:not(:disabled)`);

/** The slider over the steps, which lies in a shadow of its own. @returns {HTMLInputElement | undefined} */
function sliderOf(key = 'step') {
  const around = document.querySelector(`.st-key-${key}`)?.querySelectorAll('*') ?? [];
  const shadow = [...around].find((one) => one.shadowRoot)?.shadowRoot;
  return /** @type {HTMLInputElement | undefined} */ (shadow?.querySelector('input[type=range]') ?? undefined);
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (!isFree(event)) return;
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === ' ') buttonOf('play_or_pause')?.click();
  else if (event.shiftKey && way === 1) buttonOf('one')?.click();
  else if (way) move(way);
  else return;
  event.preventDefault();
}

/**
 * The step on the screen, back or on.
 * @param {number} way
 */
function move(way) {
  const slider = sliderOf();
  if (!slider) return;
  const before = slider.value;
  if (way < 0) slider.stepDown();
  else slider.stepUp();
  if (slider.value !== before) slider.dispatchEvent(new Event('input', { bubbles: true }));
}

/** @param {Args<{ words: string }>} args */
export default function ({ data, parentElement }) {
  const [play, scrub, step] = JSON.parse(data.words);
  const place = /** @type {HTMLElement} */ (parentElement.querySelector('.keys'));
  const key = (/** @type {string} */ name) => Object.assign(document.createElement('kbd'), { textContent: name });
  place.replaceChildren(key('␣'), ` ${play} · `, key('←'), ' ', key('→'), ` ${scrub} · `, key('⇧ →'), ` ${step}`);
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}
