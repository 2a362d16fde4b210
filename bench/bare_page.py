"""The bare page that the channel is measured against: the same figure by the same torch, fetched one after the other.

No Streamlit: a range input, Plotly, and a plain route that computes the states of an untrained network. Run as a
script it serves on the port it is given.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from pages.ui.process import assets
from rnn_core.config import Config
from rnn_core.data.tasks import build_dataset
from rnn_core.data.vocab import visible
from rnn_core.figures.unrolled import unrolled
from rnn_core.training.trainer import first_look

PAGE = """<!doctype html><title>bare</title><script src="plotly.js"></script>
<div class="st-key-hidden_size"><input type="range" min="1" max="128" value="9" style="width:206px"></div>
<div class="st-key-states" style="width:884px"><div class="chart"></div></div>
<script>
const hand = document.querySelector('input'), place = document.querySelector('.chart');
let isBusy = false, next = null;
async function draw(size) {
  const answer = await (await fetch('figure?hidden_size=' + size)).json();
  await Plotly.react(place, answer.data, { ...answer.layout, width: 884 }, { displayModeBar: false });
}
async function follow() {
  if (isBusy) return;
  isBusy = true;
  while (next !== null) {
    const size = next;
    next = null;
    await draw(size);
  }
  isBusy = false;
}
hand.oninput = () => { next = hand.value; follow(); };
draw(9);
</script>"""


def figure(hidden_size: int) -> str:
    """Draw the states of an untrained network."""
    config = Config(hidden_size=hidden_size)
    dataset, trace = build_dataset(config), first_look(config)
    names = [visible(c) for c in dataset.characters]
    window, wanted = ([names[i] for i in row[0]] for row in (dataset.input, dataset.target))
    drawn: str = unrolled(trace.states_of(0), window, target=wanted, span=1.0).to_json()
    return drawn


async def hand_out(request: Request) -> Response:
    """Answer with a figure."""
    size = int(request.query_params["hidden_size"])
    return Response(await run_in_threadpool(figure, size), media_type="application/json")


def main() -> None:
    """Serve the page on a port."""
    torch.set_num_threads(1)
    routes = [
        Route("/", lambda _: HTMLResponse(PAGE)),
        Route("/plotly.js", lambda _: FileResponse(assets.files()[f"{assets.PLOTLY}.js"])),
        Route("/figure", hand_out),
        Route("/_stcore/health", lambda _: Response("ok")),
    ]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[1]), log_level="warning")


if __name__ == "__main__":
    main()
