// @ts-check
// What components show, by name: the live channel finds it here, to show something newer in its place.

export const pictures = (window.rnnPictures ??= new Map());

/**
 * Let something be found. What is returned forgets it, unless Streamlit has put it somewhere else by then.
 * @param {string} name
 * @param {HTMLElement} host
 * @param {Lay} lay
 */
export function offer(name, host, lay) {
  pictures.set(name, { lay, host });
  return () => {
    setTimeout(() => host.isConnected || (pictures.get(name)?.host === host && pictures.delete(name)));
  };
}
