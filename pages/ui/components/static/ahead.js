// @ts-check
// Loads plotly.js as soon as a page's first words are on the screen, so that it is ready by the time its first chart is.
// Streamlit begins a component only when it has nothing else to draw: by then the whole page has come.

import { loadPlotly } from './chart.js';

const source = new URL('plotly.min.js', import.meta.url).href;
const load = () => (document.querySelector('h1') ? loadPlotly(source).catch(() => {}) : setTimeout(load, 30)); // a chart asks again
load();
