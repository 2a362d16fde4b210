// @ts-check
// What a component says is said again until the server has heard it. A message is lost where the connection breaks, and
// where the server has just drawn the part of the page that says it in another place and knows the old one no more. The
// server hears each number once, so nothing is done twice.

const AGAIN_MS = 2000;
const MOST = 3; // times: not everything that is said is listened to

/**
 * @typedef {{ heard: number, send: (name: string, message: unknown) => void, timer?: number }} Post
 * @typedef {Args<{ heard?: number }, { post?: Post }>} Registered
 */

/** @param {Registered} args @returns {Registered} */
export function registered(args) {
  const { data, parentElement, setStateValue } = args;
  const post = (parentElement.post ??= { heard: 0, send: setStateValue });
  post.send = setStateValue;
  post.heard = Math.max(post.heard, data.heard ?? 0);
  /** @param {string} name @param {any} message */
  const say = (name, message) => {
    setStateValue(name, message);
    if (name === 'value' || name === 'event') watch(parentElement, post, name, message); // not a drag: the next one comes
  };
  return { ...args, setStateValue: say };
}

/** @param {Node} parent @param {Post} post @param {string} name @param {{ n: number }} message */
function watch(parent, post, name, message, times = 0) {
  clearTimeout(post.timer);
  if (times === MOST) return;
  post.timer = setTimeout(() => {
    if (post.heard >= message.n || !parent.isConnected) return;
    const app = /** @type {HTMLElement | null} */ (document.querySelector('[data-testid=stApp]'));
    const { testConnectionState: connection, testScriptState: script } = app?.dataset ?? {};
    const isFree = connection === 'CONNECTED' && script !== 'running';
    if (isFree) post.send(name, message);
    watch(parent, post, name, message, times + Number(isFree));
  }, AGAIN_MS);
}
