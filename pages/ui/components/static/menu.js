// @ts-check
// What can be done with a picture besides looking: enlarge it, keep it as a file, take its numbers along.

/** @typedef {{ name: string, words: string }} Given  the file's name, and what the entries say, as JSON */

/**
 * @param {HTMLElement} place  where the button goes
 * @param {HTMLElement & Plotted} host  what is drawn
 * @param {() => Given} given
 * @param {(format: string) => Promise<string>} toImage
 * @param {() => void} redraw
 */
export function buildMenu(place, host, given, toImage, redraw) {
  const words = JSON.parse(given().words);
  const button = element('button', { type: 'button', textContent: '⋯', title: words.menu, ariaLabel: words.menu });
  button.setAttribute('aria-haspopup', 'menu');
  const list = element('div', { hidden: true, role: 'menu' });
  const root = /** @type {HTMLElement} */ (place.parentElement);
  /** @type {[string, () => unknown][]} */
  const entries = [
    ...(/** @type {[string, () => unknown][]} */ ('showPopover' in root ? [[words.enlarge, () => enlarge(root, redraw, words.close)]] : [])),
    ['PNG', async () => save(await toImage('png'), `${given().name}.png`)],
    ['SVG', async () => save(await toImage('svg'), `${given().name}.svg`)],
    ['CSV', () => save('data:text/csv;charset=utf-8,' + encodeURIComponent('\ufeff' + tableOf(host)), `${given().name}.csv`)],
  ];
  const show = (/** @type {boolean} */ isOpen) => {
    list.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) /** @type {HTMLElement} */ (list.firstChild).focus();
  };
  for (const [name, act] of entries) {
    const entry = element('button', { type: 'button', role: 'menuitem', textContent: name });
    if (/^[A-Z]{3}$/.test(name)) entry.ariaLabel = words.save + ' ' + name;
    entry.onclick = () => (show(false), button.focus(), Promise.resolve(act()).catch(console.warn));
    list.append(entry);
  }
  button.onclick = () => show(list.hidden);
  place.onkeydown = ({ key, target }) => {
    const known = /** @type {HTMLElement[]} */ ([...list.children]);
    const at = known.indexOf(/** @type {HTMLElement} */ (target));
    if (key === 'Escape' && !list.hidden) (show(false), button.focus());
    else if (at >= 0 && /^Arrow(Down|Right)$/.test(key)) known[(at + 1) % known.length].focus();
    else if (at >= 0 && /^Arrow(Up|Left)$/.test(key)) known[(at + known.length - 1) % known.length].focus();
    else return;
    event?.preventDefault();
    event?.stopPropagation();
  };
  place.addEventListener('focusout', ({ relatedTarget: to }) => place.contains(/** @type {Node | null} */ (to)) || show(false));
  show(false);
  place.replaceChildren(button, list);
}

/** @param {string} tag @param {Record<string, unknown>} properties */
const element = (tag, properties) => Object.assign(document.createElement(tag), properties);

const ENLARGED = '#enlarged'; // Streamlit does nothing about an address that differs in such a mark alone

/**
 * Over the whole window, where it goes on to live. The cross, Escape, the browser's Back or the same entry bring it back.
 * @param {HTMLElement} root @param {() => void} redraw @param {string} closing  what the cross is called
 */
function enlarge(root, redraw, closing) {
  if (root.popover) return root.hidePopover();
  const cross = element('button', { type: 'button', className: 'close', textContent: '✕', title: closing, ariaLabel: closing });
  cross.onclick = () => root.hidePopover();
  const goBack = (/** @type {Event} */ event) => {
    removeEventListener('popstate', goBack, true);
    if (!root.isConnected) return; // another page was chosen meanwhile
    if (location.hash !== ENLARGED) event.stopImmediatePropagation(); // it is the same page
    root.hidePopover();
  };
  root.addEventListener('toggle', function close(event) {
    if (/** @type {any} */ (event).newState !== 'closed') return;
    root.removeEventListener('toggle', close);
    removeEventListener('popstate', goBack, true);
    root.classList.remove('enlarged');
    root.removeAttribute('popover');
    cross.remove();
    redraw();
    if (location.hash !== ENLARGED) return;
    addEventListener('popstate', (back) => back.stopImmediatePropagation(), { capture: true, once: true });
    history.back();
  });
  root.popover = 'auto';
  root.classList.add('enlarged');
  root.prepend(cross);
  history.pushState(history.state, '', ENLARGED);
  addEventListener('popstate', goBack, true);
  root.showPopover();
  redraw();
}

/** @param {string} address @param {string} name */
function save(address, name) {
  element('a', { href: address, download: name }).click();
}

/**
 * The numbers of all that can be pointed at, a line each; columns that no trace has are left out.
 * @param {HTMLElement & Plotted} host
 */
export function tableOf({ data = [], _fullData: whole = data, _fullLayout: layout = {} }) {
  // In the whole data arrays that were sent as bytes are unpacked.
  const rows = data.flatMap(({ name, hoverinfo }, i) => (hoverinfo === 'skip' ? [] : rowsOf(whole[i], name ?? String(i + 1), layout)));
  const names = ['trace', 'x', 'x label', 'y', 'y label', 'z', 'value', 'text', 'about'];
  const columns = names.filter((name) => rows.some((row) => row[name] !== undefined));
  const lines = rows.map((row) => columns.map((name) => cell(row[name])).join(','));
  return [columns.join(','), ...lines].join('\r\n') + '\r\n';
}

/** @param {Trace} trace @param {string} name @param {Layout} layout @returns {Record<string, any>[]} */
function rowsOf(trace, name, layout) {
  const [across, up] = [axisOf(layout, trace.xaxis ?? 'x'), axisOf(layout, trace.yaxis ?? 'y')];
  if (trace.type === 'heatmap') {
    return [...trace.z].flatMap((row, r) =>
      [...row].map((value, c) => {
        const [x, y] = [trace.x?.[c] ?? (trace.x0 ?? 0) + c * (trace.dx ?? 1), trace.y?.[r] ?? (trace.y0 ?? 0) + r * (trace.dy ?? 1)];
        return { trace: name, x, 'x label': across(x), y, 'y label': up(y), value, text: trace.text?.[r]?.[c], about: about(trace.customdata?.[r]?.[c]) };
      }),
    );
  }
  if (trace.type === 'mesh3d') {
    // Each cell has four corners, which all say the same.
    return [...(trace.customdata ?? [])].filter((_, i) => i % 4 === 0).map(([value, ...index]) => ({ trace: name, value, about: about(index) }));
  }
  const count = Math.max(trace.x?.length ?? 0, trace.y?.length ?? 0);
  return Array.from({ length: count }, (_, i) => {
    const [x, y] = [trace.x?.[i] ?? i, trace.y?.[i]];
    const text = typeof trace.text === 'string' ? undefined : trace.text?.[i];
    return { trace: name, x, 'x label': across(x), y, 'y label': up(y), z: trace.z?.[i], text, about: about(trace.customdata?.[i]) };
  }).filter(({ x, y }) => x !== null && y !== null);
}

/**
 * What an axis writes at a place, where that is no number.
 * @param {Layout} layout @param {string} id
 */
function axisOf(layout, id) {
  /** @type {{ tickvals?: any[], ticktext?: string[] }} */
  const { tickvals = [], ticktext = [] } = layout[id[0] + 'axis' + id.slice(1)] ?? {};
  const known = new Map([...tickvals].map((/** @type {any} */ value, /** @type {number} */ i) => [value, ticktext[i]]));
  return (/** @type {any} */ value) => {
    const label = known.get(value);
    return label === undefined || label === String(value) ? undefined : label;
  };
}

/** @param {any} said */
const about = (said) => (said === undefined || said === null ? undefined : typeof said === 'object' ? [...said].join(' ') : said);

/**
 * A number with all its digits, and words so that no table program takes them for a formula.
 * @param {any} value
 */
function cell(value) {
  if (value === undefined || value === null || Number.isNaN(value)) return '';
  if (typeof value === 'number') return String(value);
  const word = String(value).replace(/<[^>]*>/g, '').replace(/^[=+\-@\t\r](?=.)/, "'$&");
  return /[",\r\n]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word;
}
