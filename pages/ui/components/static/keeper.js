// @ts-check
// Keeps texts in this browser under their content's hash, for links that are too short for them, and finds them again.
// Tabs share them; the newest stay. Where a browser keeps nothing (a private window), nothing is found.

const MOST = 24;
const MOST_CHARACTERS = 8_000_000; // of all together

/** @typedef {{ hash: string, content: string, at: number }} Kept */

/** @returns {Promise<IDBDatabase>} */
const open = () =>
  new Promise((resolve, reject) => {
    const asked = indexedDB.open('rnn-explorer', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('kept', { keyPath: 'hash' });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

/**
 * Do something with what is kept, in one go.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(kept: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>}
 */
async function inStore(mode, act) {
  const base = await open();
  try {
    return await new Promise((resolve, reject) => {
      const turn = base.transaction('kept', mode);
      const asked = act(turn.objectStore('kept'));
      turn.oncomplete = () => resolve(asked.result);
      turn.onabort = turn.onerror = () => reject(turn.error);
    });
  } finally {
    base.close();
  }
}

/** @param {Record<string, string>} texts */
export async function keep(texts) {
  await inStore('readwrite', (kept) => {
    for (const [hash, content] of Object.entries(texts)) kept.put({ hash, content, at: Date.now() });
    const all = kept.getAll();
    all.onsuccess = () => {
      let characters = 0;
      const newest = /** @type {Kept[]} */ (all.result).sort((one, other) => other.at - one.at);
      for (const [place, { hash, content }] of newest.entries()) {
        characters += content.length;
        if (place >= MOST || characters > MOST_CHARACTERS) kept.delete(hash);
      }
    };
    return all;
  });
}

/** @param {string[]} hashes @returns {Promise<string[]>} */
export async function find(hashes) {
  const found = await Promise.all(hashes.map((hash) => inStore('readonly', (kept) => kept.get(hash))));
  return found.filter(Boolean).map(({ content }) => content);
}

/** @param {Args<{ kept: string, wanted: string, heard: number }, { did?: string }>} args */
export default function ({ data, parentElement, setStateValue }) {
  const { kept, wanted, heard } = data;
  if (parentElement.did === kept + wanted) return;
  parentElement.did = kept + wanted;
  const texts = JSON.parse(kept);
  const hashes = JSON.parse(wanted);
  if (Object.keys(texts).length) keep(texts).catch((error) => console.warn(error));
  if (!hashes.length) return;
  find(hashes)
    .catch((error) => (console.warn(error), /** @type {string[]} */ ([])))
    .then((found) => setStateValue('value', { texts: found, n: heard + 1 }));
}
