// What a stage hears of sliders that are being dragged. In the whole session one message is under way at a time; while
// it is, each stage remembers only the newest value, and that one is sent next. Nor is any sent between a slider's being
// let go and the page that follows from it: a run of the stage alone would throw away what of that page is still to be
// delivered, and the browser would take the stage's charts for gone and make new ones.

const LOST_MS = 3000; // a message that is not answered by then was lost: the server was restarted, or drew the stage anew

const wires = new Set();
const flight = (window.rnnFlight ??= {
  wire: null,
  committed: 0, // the number of the last value that a slider was let go at
  settled: 0, // the number of the last one that the page follows
  answer: null, // fulfilled once what was sent last is answered
  isBusy: () => flight.wire && Date.now() - flight.wire.sent < LOST_MS,
});

function pump() {
  clearTimeout(flight.again);
  const since = Math.max(flight.settled < flight.committed ? flight.committed : 0, flight.wire?.sent ?? 0);
  const left = since + LOST_MS - Date.now();
  if (left > 0) {
    flight.again = setTimeout(pump, left); // an answer comes before, or never
    return;
  }
  if (flight.wire) flight.wire.next ??= flight.wire.last; // said again while the slider is held and rests
  const wire = [...wires].find(({ next }) => next);
  flight.wire = wire ?? null;
  if (!wire) return;
  wires.delete(wire); // to the end of the queue
  wires.add(wire);
  wire.sent = Math.max(Date.now(), wire.sent + 1);
  wire.send('drag', { ...wire.next, n: wire.sent });
  const answer = new Promise((done) => (wire.answered = done));
  setTimeout(() => (flight.answer = answer)); // now Streamlit sends it: a picture that came before is none of its answer
  [wire.last, wire.next] = [wire.next, null];
  flight.again = setTimeout(pump, LOST_MS);
}

export default function ({ data, parentElement, setStateValue }) {
  const wire = (parentElement.wire ??= { sent: 0, next: null, last: null });
  wire.send = setStateValue;
  wires.add(wire);
  flight.settled = Math.max(flight.settled, data.settled);
  const { answered } = wire;
  const isAnswer = flight.wire === wire && data.heard >= wire.sent;
  if (isAnswer) flight.wire = null;
  const fields = data.fields.split(' ');
  const listen = ({ detail: { field, value, isDone } }) => {
    if (!fields.includes(field)) return;
    if (!isDone && value === wire.asked) return;
    wire.asked = isDone ? undefined : value;
    wire.next = isDone ? null : { field, value };
    if (isDone) wire.last = null;
    pump();
  };
  addEventListener('rnn-drag', listen);
  pump();
  if (isAnswer) answered();
  return () => {
    removeEventListener('rnn-drag', listen);
    setTimeout(() => parentElement.isConnected || wires.delete(wire));
  };
}
