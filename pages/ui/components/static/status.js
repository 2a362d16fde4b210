// @ts-check
// A bar and a line of words: what the page says, or over it what the live channel says while something runs.

const STYLE = `
.run-status { color: var(--st-text-color); font-family: var(--st-font), sans-serif; font-size: 0.875rem; line-height: 1.5; }
.run-status span { font-variant-numeric: tabular-nums; }
.run-status div { height: 8px; border-radius: 4px; background: var(--st-secondary-background-color); overflow: hidden; }
.run-status i { display: block; height: 100%; background: var(--st-primary-color); }
`;

const pictures = (window.rnnPictures ??= new Map());

function build(parent) {
  const host = parent.querySelector('.run-status');
  host.before(Object.assign(document.createElement('style'), { textContent: STYLE }));
  return host;
}

function write(host) {
  const { share, words } = { ...host.given, ...host.laid };
  const bar = host.querySelector('div');
  host.querySelector('span').textContent = words;
  host.querySelector('i').style.width = `${100 * share}%`;
  bar.setAttribute('aria-valuenow', Math.round(100 * share));
  bar.setAttribute('aria-valuetext', words);
}

export default function ({ data, parentElement }) {
  const host = (parentElement.status ??= build(parentElement));
  if (Number(data.time) < host.time) return;
  host.time = Number(data.time);
  host.given = data;
  const lay = async (content) => {
    host.laid = content;
    write(host);
  };
  pictures.set(data.name, { lay, host });
  write(host);
  return () => setTimeout(() => host.isConnected || (pictures.get(data.name)?.host === host && pictures.delete(data.name)));
}
