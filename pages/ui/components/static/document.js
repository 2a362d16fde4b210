// @ts-check
// What no component of a page's own can do: the language of the document, landmarks and names for what Streamlit draws
// without, keys that lead to the lessons before and after, and the list of lessons folded where there is no room for it.

const KEYS = { PageUp: '.st-key-page_before a', PageDown: '.st-key-page_after a' };

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector));

// On a phone held upright the side panel is a sheet over the page (`page.css`), and Streamlit remembers that it is open.
const SHEET = matchMedia('(max-width: 767.98px) and (orientation: portrait)');

function closeSheet() {
  if (SHEET.matches) find('[data-testid=stSidebar][data-collapsed=false] [data-testid=stSidebarCollapseButton] button')?.click();
}

let quiet = ''; // the page, if nothing in the panel acts on it
let isToClose = false; // once, when such a page has come: who opens the panel there has it open

addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.defaultPrevented) closeSheet();
  const way = event.altKey && !event.ctrlKey && !event.shiftKey && !event.metaKey && KEYS[/** @type {'PageUp'} */ (event.key)];
  if (!way) return;
  event.preventDefault();
  find(way)?.click();
});

let lessons = ''; // what their list is called
/** @type {Record<string, string>} */
let names = {}; // of Streamlit's buttons, which it names in English alone

function nameButtons() {
  for (const [place, name] of Object.entries(names)) {
    find(`button[data-testid=${place}], [data-testid=${place}] button`)?.setAttribute('aria-label', name);
  }
}

function nameLessons() {
  const strip = find('.st-key-navigation');
  if (!strip) return;
  strip.setAttribute('role', 'navigation');
  strip.setAttribute('aria-label', lessons);
  for (const link of strip.querySelectorAll('a')) {
    if (link.querySelector('strong')) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

// What scrolls can be scrolled with keys too; and what can be reached with them is more than a decoration.
const SCROLLS = '[data-testid=stCode] pre, [data-testid=stMarkdownContainer], [data-testid=stHtml]';

function mend() {
  nameLessons();
  nameButtons();
  if (isToClose && find('[data-testid=stSidebar]')) {
    isToClose = false;
    closeSheet();
  }
  for (const zone of document.querySelectorAll('section[role=presentation][tabindex]')) zone.removeAttribute('role');
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(SCROLLS))) {
    if (place.scrollWidth > place.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(place).overflowX)) place.tabIndex = 0;
  }
}

const LATER_MS = 300; // once for all that changes meanwhile
let waiting = 0;
const mendLater = () => {
  waiting ||= setTimeout(() => {
    waiting = 0;
    mend();
  }, LATER_MS);
};
new MutationObserver(mendLater).observe(document.body, { childList: true, subtree: true });
addEventListener('resize', mendLater);

/** @param {HTMLButtonElement} button @param {boolean} isOpen */
function fold(button, isOpen) {
  button.setAttribute('aria-expanded', String(isOpen));
  document.documentElement.classList.toggle('lessons-open', isOpen);
}

/** @param {Args<{ lang: string, lessons: string, page: string, names: string, quiet: string }>} args */
export default function ({ data, parentElement }) {
  const button = /** @type {HTMLButtonElement} */ (parentElement.querySelector('button'));
  document.documentElement.lang = data.lang;
  button.hidden = false;
  button.textContent = `☰ ${data.page}`;
  button.title = data.lessons;
  button.setAttribute('aria-label', `${data.lessons}: ${data.page}`);
  button.onclick = () => fold(button, button.getAttribute('aria-expanded') !== 'true');
  fold(button, false); // a page was chosen
  lessons = data.lessons;
  names = JSON.parse(data.names);
  isToClose ||= Boolean(data.quiet) && data.quiet !== quiet;
  quiet = data.quiet;
  mend();
}
