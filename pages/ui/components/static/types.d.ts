// What our scripts share with each other, and what they use of Streamlit and of Plotly; for `tsc` alone, no browser reads it.

/** What Streamlit hands to a component each time that its data change; `Own` is what the script keeps at its place. */
interface Args<Data, Own = {}> {
  data: Data;
  parentElement: (HTMLElement | ShadowRoot) & Own;
  setStateValue: (name: string, value: unknown) => void;
}

/** What a component takes in place of what the page gave it, or of a part of it; null lifts what was laid over. */
type Content = Record<string, string>;
type Lay = (content: Content | null) => Promise<void> | undefined;

/** A slider is held at a value, or was let go. */
interface Drag {
  field: string;
  value?: number | number[];
  isDone?: boolean;
}

/** Where the cursor is that charts of a quantity share; `film` is the chart whose film shows it. */
interface Cursor {
  quantity: string;
  value: unknown;
  film?: HTMLElement;
}

interface WindowEventMap {
  'rnn-drag': CustomEvent<Drag>;
  'rnn-cursor': CustomEvent<Cursor>;
  'rnn-place': CustomEvent<{ field: string; value: number }>;
}

interface Window {
  Plotly?: Plotly;
  rnnPlotly?: Promise<Plotly>;
  rnnPictures?: Map<string, { lay: Lay; lift: (time: number) => void; host: HTMLElement }>;
  rnnChannel?: import('../../channel/static/live.js').Channel;
}

interface HTMLElement {
  popover: string | null;
  showPopover(): void;
  hidePopover(): void;
}

interface Array<T> {
  findLastIndex(is: (item: T) => boolean): number;
}

// ---- Plotly

type Trace = Record<string, any>;
type Layout = Record<string, any>;

interface Frame {
  name: string;
  data: Trace[];
  layout?: Layout;
  traces?: number[];
}

interface Figure {
  data: Trace[];
  layout: Layout;
  frames?: Frame[];
}

interface Point {
  curveNumber: number;
  pointNumber: number;
  x: any;
  y: any;
  z?: any;
  xaxis?: Axis;
  yaxis?: Axis;
}

interface Axis {
  _id: string;
  _offset: number;
  _length: number;
  d2p?: (value: any) => number;
}

interface Pointed {
  points: Point[];
  xvals?: number[];
  yvals?: number[];
}

/** What Plotly makes of the element that it draws in. */
interface Plotted {
  data?: Trace[];
  layout?: Layout;
  on?: (event: string, hear: (said: Pointed) => void) => void;
  _fullData?: Trace[];
  _fullLayout?: Layout;
}

interface Plotly {
  react: (host: HTMLElement, data: Trace[], layout: Layout, config: object) => Promise<unknown>;
  toImage: (figure: { data?: Trace[]; layout: Layout }, options: object) => Promise<string>;
  purge?: (host: HTMLElement) => void;
  Fx: { hover: (host: HTMLElement, at: object, subplot: string) => void };
}
