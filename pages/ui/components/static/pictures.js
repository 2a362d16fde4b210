// @ts-check
// What components show, by name: the live channel finds it here, to show something newer in its place.

export const pictures = (window.rnnPictures ??= new Map());

/**
 * Let something be found. What is returned forgets it, unless Streamlit has put it somewhere else by then.
 *
 * What was laid over it is lifted when the page's own is there that is meant: an older one below would be seen for a
 * moment.
 * @param {string} name
 * @param {HTMLElement & { time?: number, meant?: number }} host
 * @param {Lay} draw
 */
export function offer(name, host, draw) {
  /** @type {Lay} */
  const lay = (content) => (delete host.meant, draw(content));
  /** @param {number} time  when what the page gives it last changed */
  const lift = (time) => void (Number(host.time ?? 0) < time ? (host.meant = time) : lay(null));
  pictures.set(name, { lay, lift, host });
  if (host.meant) lift(host.meant);
  return () => {
    setTimeout(() => host.isConnected || (pictures.get(name)?.host === host && pictures.delete(name)));
  };
}
