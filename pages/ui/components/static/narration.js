// Tables of lines, one for each value of a quantity: the one of the shared cursor is shown, or else that of the film.

const STYLE = `
:host { display: block; }
.narration { color: var(--st-text-color); font-size: 0.875rem; line-height: 1.45; font-variant-numeric: tabular-nums; }
.head { font-family: var(--st-font), sans-serif; font-weight: 600; margin-bottom: 0.35rem; }
table { border-collapse: collapse; width: 100%; font-family: var(--st-code-font), monospace; font-size: 0.8125rem; }
td { padding: 0.15rem 0.75rem 0.15rem 0; vertical-align: top; border-bottom: 1px solid rgba(128, 128, 128, 0.2); }
td:first-child { min-width: 9em; font-weight: 600; } /* a long name wraps, so that the numbers have room */
td:nth-child(2) { overflow-wrap: anywhere; width: 100%; }
td:last-child { white-space: nowrap; text-align: right; padding-right: 0; }
tr.strong td { color: var(--st-primary-color); font-weight: 600; }
@media (min-width: 1700px) { /* a projector: read from the last row */
  .narration, table { font-size: 1.0625rem; }
}
@media (max-width: 640px) {
  .narration { max-height: 24rem; overflow-y: auto; }
  table { font-size: 0.75rem; }
  td:first-child { min-width: 0; }
}
`;

const cell = (text) => Object.assign(document.createElement('td'), { textContent: text });

function show(host) {
  const at = host.pages[host.cursor] ? host.cursor : host.film;
  const page = host.pages[at] ?? host.pages[host.first];
  if (!page || page === host.shown) return;
  host.shown = page;
  host.head.textContent = page.head;
  host.body.replaceChildren(
    ...page.lines.map(([name, numbers, value, isStrong]) => {
      const row = document.createElement('tr');
      row.append(cell(name), cell(numbers), cell(value));
      row.classList.toggle('strong', isStrong);
      return row;
    }),
  );
}

function build(parent) {
  const host = parent.querySelector('.narration');
  const style = Object.assign(document.createElement('style'), { textContent: STYLE });
  const [head, table] = [document.createElement('div'), document.createElement('table')];
  head.className = 'head';
  host.body = table.appendChild(document.createElement('tbody'));
  host.head = head;
  host.replaceChildren(style, head, table);
  host.tabIndex = 0; // where it scrolls, with the keys too
  return host;
}

const pictures = (window.rnnPictures ??= new Map());

// What the page says, or over it what the live channel says while a slider is held.
function read(host) {
  const { pages, at } = { ...host.given, ...host.laid };
  host.pages = JSON.parse(pages);
  if (host.first !== Number(at)) host.film = Number(at);
  host.first = Number(at);
  show(host);
}

export default function ({ data, parentElement }) {
  const host = (parentElement.narration ??= build(parentElement));
  if (!(Number(data.time) < host.time)) {
    host.time = Number(data.time);
    host.given = data;
    host.setAttribute('aria-label', data.label);
    host.setAttribute('role', 'region');
    read(host);
  }
  const lay = async (content) => {
    host.laid = content;
    read(host);
  };
  pictures.set(data.name, { lay, host });
  const point = ({ detail: { quantity, value, film } }) => {
    if (quantity !== data.quantity) return;
    if (film) host.film = value;
    host.cursor = film ? null : value;
    show(host);
  };
  addEventListener('rnn-cursor', point);
  return () => {
    removeEventListener('rnn-cursor', point);
    setTimeout(() => host.isConnected || (pictures.get(data.name)?.host === host && pictures.delete(data.name)));
  };
}
