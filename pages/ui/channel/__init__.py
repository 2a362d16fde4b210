"""The live channel: pictures that follow the hand, past Streamlit's runs of the script.

A *stage* is a part of a page whose pictures follow sliders while they are held, or work that goes on: a pure function
of a `Look`, and of the work. The page draws a stage as anything else; while a slider is held the browser asks for the
same pictures over a WebSocket, one a tab, and Streamlit hears the value once, when it is let go. Without the channel
(AppTest, another launcher, a proxy that lets no WebSocket through) pictures follow when the slider is let go, and while
work goes on the page is drawn anew twice a second.

The protocol (`protocol.py`, `static/live.js`), version 1, texts of JSON, each from the browser with "v": 1:

    a slider is held    -> {"n": 7, "stage": "encoding.network", "query": {...}, "seat": "", "hand": ["seq_len", 5]}
                        <- {"n": 7, "stage": "encoding.network", "pictures": {"states": {"figure", "alt", "note"}}}
                        <- {"n": 7, "stage": "encoding.network", "trouble": "what is wrong and what would work"}
    work goes on        -> {"play": [{"stages": ["training.states", "training.course"], "query": {...}, "seat": "..."}]}
                        <- {"n": 3, "scene": {STAGE: {KEY: {...}}}, "cursors": {"step": 57}, "isOver": false,
                            "isDone": false}
                        -> {"drawn": 3}
    it is seen no more  -> {"play": []}

A *query* is a link's, whole. A *seat* is the word by which a tab proves that a work is its session's own: its place in
a run, a sweep, a comparison.

While a slider is held the browser has two questions under way and holds back all but the newest value of each stage, so
the server works at the next picture while the browser draws the last. The server keeps the newest question of each
stage of a tab, and answers those of all viewers in turn. A work goes on in slices between its pictures, which take an
eighth of the time of one that uses all of it; the browser says when it has drawn one, and at most two are ahead of it.
When a work has come to its end the page is told, once, and drawn with it.

Belongs here what carries pictures outside of runs of the script. Imports `work` and below; what a stage draws
stands with its lesson, which is imported when somebody asks for it.
"""
