// @ts-check
// A button that copies the link of what is on the screen.

import { sheet, wear } from './styles.js';

const style = await sheet('copy_link.css', import.meta.url);
const DONE_MS = 1500;

/** @param {string} words */
async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const area = document.createElement('textarea');
    area.value = words;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

/** @param {Args<{ label: string, done: string, link: string, time: number }>} args */
export default function ({ data, parentElement }) {
  wear(parentElement, style);
  const button = /** @type {HTMLButtonElement & { time?: number }} */ (parentElement.querySelector('button'));
  if (data.time < (button.time ?? 0)) return; // while a page loads, Streamlit may hand over the older link after the newer one
  button.time = data.time;
  button.textContent = data.label;
  button.hidden = false;
  button.onclick = async () => {
    await copy(data.link);
    button.textContent = data.done;
    setTimeout(() => (button.textContent = data.label), DONE_MS);
  };
}
