// Hosts a Plotly figure and updates it in place: the same node, zoom, camera and hover through every change.

let library;

function loadPlotly(source) {
  library ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement('script');
    script.src = source;
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error('no Plotly in ' + source)));
    script.onerror = () => reject(new Error('could not load ' + source));
    document.head.append(script);
  });
  return library;
}

// The app's colours and font, in light and in dark, as Plotly's defaults.
function readTheme(host) {
  const style = getComputedStyle(host);
  const read = (name) => style.getPropertyValue(name).trim();
  const text = read('--st-text-color');
  const axis = { color: text, linecolor: 'rgba(128,128,128,0.4)', tickcolor: 'rgba(128,128,128,0.4)' };
  return {
    layout: {
      font: { color: text, family: read('--st-font') || 'sans-serif', size: 13 },
      hoverlabel: { bgcolor: read('--st-secondary-background-color'), font: { color: text } },
      xaxis: axis,
      yaxis: axis,
      scene: { xaxis: axis, yaxis: axis, zaxis: axis },
    },
  };
}

async function draw(host, data, setStateValue) {
  let Plotly;
  try {
    Plotly = await loadPlotly(data.plotly);
  } catch (error) {
    console.warn(error);
    setStateValue('failed', true); // the server then draws Streamlit's own chart instead
    return;
  }
  while (host.waiting) {
    const next = host.waiting; // the newest figure wins; what came in between is never drawn
    host.waiting = null;
    const template = readTheme(host);
    const wanted = next.figure + JSON.stringify(template);
    if (wanted === host.drawn) continue;
    const figure = JSON.parse(next.figure);
    const layout = { ...figure.layout, template, uirevision: next.name, autosize: true };
    await Plotly.react(host, figure.data, layout, JSON.parse(next.config));
    host.drawn = wanted;
  }
  host.observer ??= (() => {
    const observer = new ResizeObserver(() => host.isConnected && Plotly.Plots.resize(host));
    observer.observe(host);
    return observer;
  })();
}

export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement.querySelector('.chart');
  if (data.time < host.time) return; // while a page loads, Streamlit may hand over the older figure after the newer one
  host.time = data.time;
  host.setAttribute('aria-label', data.alt);
  host.style.minHeight = data.height + 'px'; // nothing below jumps while the library loads
  const isBusy = Boolean(host.waiting);
  host.waiting = data;
  if (!isBusy) {
    host.turn = (host.turn ?? Promise.resolve()).then(() => draw(host, data, setStateValue)).catch(console.error);
  }
}
