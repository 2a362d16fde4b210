// @ts-check
// What is told to those who listen to the page instead of looking at it: one place for all, which waits for its turn.

/** @type {HTMLElement | undefined} */
let place;

/** @param {string} words */
export function announce(words) {
  if (!place?.isConnected) {
    place = document.createElement('div');
    place.id = 'announced';
    place.setAttribute('role', 'status');
    place.setAttribute('aria-live', 'polite');
    document.body.append(place);
  }
  place.textContent = words;
}
