// @ts-check
// The stylesheets of components that Streamlit keeps in a shadow of their own: each lies beside its script, is fetched
// once, before the script draws anything, and is worn by all that are drawn.

/** @param {string} name @param {string} script  the address of the script beside which it lies */
export async function sheet(name, script) {
  const answer = await fetch(new URL(name + new URL(script).search, script));
  if (!answer.ok) throw new Error(`could not load ${name}`);
  return new CSSStyleSheet().replace(await answer.text());
}

/** @param {Node} place @param {CSSStyleSheet} style */
export function wear(place, style) {
  const root = /** @type {Document | ShadowRoot} */ (place.getRootNode());
  if (!root.adoptedStyleSheets.includes(style)) root.adoptedStyleSheets.push(style);
}
