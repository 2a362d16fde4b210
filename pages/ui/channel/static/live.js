// @ts-check
// The browser's end of the live channel: one WebSocket a tab. While a slider is held it asks for the pictures of the
// stages that follow it, the newest value only, and lays them over those that Streamlit has drawn. What is said and
// answered stands in `pages/ui/channel/__init__.py`.

const VERSION = 1;
const WINDOW = 2; // questions on their way: the server works at the next picture while this one is drawn
const LOST_MS = 4000; // a question that is not answered by then was lost; so is a value that no page follows by then
const CALM_MS = 50; // between two looks whether a script still runs
const AGAIN_MS = [250, 1000, 4000, 15000]; // between attempts to connect

/**
 * @typedef {Record<string, string>} Picture  what a component takes in place of what the page gave it, or of a part of it
 * @typedef {{ lay: (picture: Picture | null) => Promise<void>, lift: (time: number) => void }} Chart  what a component registers under its key
 * @typedef {{ name: string, fields: string[], query: Record<string, string>, keys: Record<string, number>, seat: string, isPlaying: boolean }} Spec
 *   keys: of its pictures, with the time at which what the page gives each of them last changed
 * @typedef {{ spec: Spec, next: [string, number] | null,
 *   last: [string, number] | null, isLaid: boolean, isHeld: boolean, settled: number, said?: string,
 *   tell: (name: string, value: unknown) => void }} Stage
 * @typedef {{ stage: Stage, since: number }} Flight
 */

/** @type {Map<string, Chart>} */
const charts = (window.rnnPictures ??= new Map());

export class Channel {
  /** @param {string} address */
  constructor(address) {
    this.address = address;
    /** @type {Set<Stage>} */
    this.stages = new Set();
    /** @type {Map<number, Flight>} */
    this.flights = new Map();
    this.n = 0;
    this.attempt = 0;
    this.committed = 0; // the number of the last value that a slider was let go at
    this.turn = Promise.resolve();
    this.connect();
    addEventListener('rnn-drag', (event) => this.follow(/** @type {CustomEvent} */ (event).detail));
  }

  connect() {
    const at = new URL(this.address, document.baseURI);
    at.protocol = at.protocol.replace('http', 'ws');
    const socket = (this.socket = new WebSocket(at));
    socket.onopen = () => {
      this.attempt = 0;
      for (const stage of this.stages) if (stage.isHeld) stage.next ??= stage.last; // its picture was lost
      this.pump();
      this.play();
    };
    socket.onmessage = ({ data }) => {
      const said = JSON.parse(data);
      if (said.scene) this.see(said);
      else this.hear(said);
    };
    socket.onclose = () => {
      this.flights.clear();
      setTimeout(() => this.connect(), AGAIN_MS[Math.min(this.attempt++, AGAIN_MS.length - 1)]);
    };
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** @param {Record<string, unknown>} message */
  say(message) {
    if (this.isOpen) this.socket?.send(JSON.stringify({ v: VERSION, ...message }));
  }

  // ---- work that goes on: the server does it for as long as this tab shows it

  // All stages of a page are there, or gone, before the server is told.
  replay() {
    clearTimeout(this.replaying);
    this.replaying = setTimeout(() => this.play());
  }

  play() {
    clearTimeout(this.giving);
    const playing = [...this.stages].filter(({ spec }) => spec.isPlaying);
    if (playing.length || this.isShowing) this.say({ play: parts(playing) });
    this.isShowing = playing.length > 0;
    // Without a connection the page itself goes on with it.
    if (this.isShowing && !this.isOpen) this.giving = setTimeout(() => this.isOpen || playing[0].tell('failed', true), LOST_MS);
  }

  /** @param {{ n: number, scene: Record<string, Record<string, Picture>>, cursors: Record<string, number>, isOver: boolean, isDone: boolean }} said */
  see({ n, scene, cursors, isOver, isDone }) {
    this.turn = this.turn
      .then(async () => {
        const shown = [...this.stages].filter(({ spec }) => spec.isPlaying && scene[spec.name]);
        const laid = shown.filter((stage) => this.isFree(stage)).flatMap((stage) => {
          stage.isLaid = true;
          return Object.entries(scene[stage.spec.name]).map(([key, picture]) => charts.get(key)?.lay(picture));
        });
        for (const [field, value] of Object.entries(cursors)) dispatchEvent(new CustomEvent('rnn-place', { detail: { field, value } }));
        await Promise.all(laid);
        if (isOver && isDone && shown.length) this.end(shown[0]);
      })
      .catch(console.warn)
      .then(() => this.say({ drawn: n }));
  }

  // Work is done: the rest of the page follows. Not while a script runs: it may be on its way to another page, and what
  // is told from this one would take that back.
  /** @param {Stage} stage */
  end(stage) {
    if (!this.stages.has(stage) || !stage.spec.isPlaying) return;
    const app = /** @type {HTMLElement | null} */ (document.querySelector('[data-testid=stApp]'));
    if (app?.dataset.testScriptState === 'notRunning') stage.tell('over', Date.now());
    else setTimeout(() => this.end(stage), CALM_MS);
  }

  // ---- a slider that is held

  // It is held at a value, or was let go.
  /** @param {{ field: string, value?: number, isDone?: boolean }} said */
  follow({ field, value, isDone }) {
    for (const stage of this.stages) {
      if (!stage.spec.fields.includes(field)) continue;
      stage.isHeld = !isDone; // what plays meanwhile does not take the picture away from under the hand
      if (isDone) continue; // the last value is still worth its picture
      if (typeof value === 'number') stage.next = stage.last = [field, value];
    }
    this.pump();
  }

  pump() {
    const now = Date.now();
    for (const [n, { since }] of this.flights) if (now - since > LOST_MS) this.flights.delete(n);
    while (this.isOpen && this.flights.size < WINDOW) {
      const stage = [...this.stages].find(({ next }) => next);
      if (!stage?.next) return;
      this.stages.delete(stage); // to the end of the queue
      this.stages.add(stage);
      const { name, query } = stage.spec;
      this.flights.set(++this.n, { stage, since: now });
      this.say({ n: this.n, stage: name, query, seat: stage.spec.seat, hand: stage.next });
      stage.next = null;
    }
  }

  // An answer's pictures are drawn one answer after the other; the next question leaves before they are.
  /** @param {{ n: number, pictures?: Record<string, Picture>, trouble?: string }} answer */
  hear({ n, pictures, trouble }) {
    const flight = this.flights.get(n);
    if (!flight) return;
    const { stage } = flight;
    const seen = stage.settled;
    this.turn = this.turn
      .then(async () => {
        const isOld = stage.settled !== seen && stage.settled >= this.committed; // the page has followed since
        if (!isOld && this.stages.has(stage)) {
          stage.isLaid = true;
          if (pictures) await Promise.all(Object.entries(pictures).map(([key, picture]) => charts.get(key)?.lay(picture)));
          else if (trouble) await charts.get(Object.keys(stage.spec.keys)[0])?.lay({ note: trouble }); // above the last picture that could be
        }
      })
      .catch(console.warn)
      .then(() => {
        this.flights.delete(n);
        this.pump();
      });
  }

  // Whether no hand is at one of its sliders, and the page has followed the last that was.
  /** @param {Stage} stage */
  isFree = (stage) => !stage.isHeld && stage.settled >= this.committed;

  // The page follows all that was let go: what Streamlit has drawn is what there is.
  /** @param {Stage} stage */
  settle(stage) {
    if (!this.isFree(stage)) return;
    stage.next = stage.last = null;
    if (!stage.isLaid) return;
    stage.isLaid = false;
    for (const [key, time] of Object.entries(stage.spec.keys)) charts.get(key)?.lift(time);
  }
}

// What is asked of the server to show stages that play: a part for each work, which all its stages show together.
/** @param {Stage[]} playing */
function parts(playing) {
  /** @type {Map<string, { stages: string[], query: Record<string, string>, seat: string }>} */
  const found = new Map();
  for (const { spec: { name, query, seat } } of playing) {
    if (!found.has(seat)) found.set(seat, { stages: [], query, seat });
    found.get(seat)?.stages.push(name);
  }
  return [...found.values()];
}

/** @param {string} address @returns {Channel} */
const channelAt = (address) => (window.rnnChannel ??= new Channel(address));

/**
 * @param {{ data: { spec: string, channel: string, settled: number }, parentElement: HTMLElement & { stage?: Stage },
 *   setStateValue: (name: string, value: unknown) => void }} args
 */
export default function ({ data, parentElement, setStateValue }) {
  /** @type {Spec} */
  const spec = JSON.parse(data.spec);
  const channel = channelAt(data.channel);
  const stage = (parentElement.stage ??= { spec, next: null, last: null, isLaid: false, isHeld: false, settled: 0, tell: setStateValue });
  const isSaidAgain = stage.said === data.spec && stage.settled === data.settled; // Streamlit draws what it has drawn
  Object.assign(stage, { spec, said: data.spec, settled: data.settled, tell: setStateValue });
  channel.stages.add(stage);
  if (!isSaidAgain) channel.settle(stage);
  channel.replay();
  return () =>
    setTimeout(() => {
      if (parentElement.isConnected) return;
      channel.stages.delete(stage);
      channel.replay();
    });
}
