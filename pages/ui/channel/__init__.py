"""The live channel: pictures that follow the hand, past Streamlit's runs of the script.

A *stage* is a part of a page whose pictures follow sliders while they are held: a pure function of a `Look`. The page
draws a stage as anything else; while a slider is held the browser asks for the same pictures over a WebSocket, one a
tab, and Streamlit hears the value once, when it is let go. Without the channel (AppTest, another launcher, a proxy
that lets no WebSocket through) nothing else changes: pictures follow when the slider is let go.

The protocol (`protocol.py`, `static/live.js`), version 1, texts of JSON, each from the browser with "v": 1:

    a slider is held    -> {"n": 7, "stage": "encoding.network", "query": {...}, "seat": "", "hand": ["seq_len", 5]}
                        <- {"n": 7, "stage": "encoding.network", "pictures": {"states": {"figure", "alt", "note"}}}
                        <- {"n": 7, "stage": "encoding.network", "trouble": "what is wrong and what would work"}
    a run plays         -> {"play": ["training.states", "training.course"], "query": {...}, "seat": "..."}
                        <- {"n": 3, "scene": {STAGE: {KEY: {...}}}, "step": 57, "isOver": false, "isWhole": false}
                        -> {"drawn": 3}
    it is seen no more  -> {"stop": true}

A *query* is a link's, whole. A *seat* is the word by which a tab proves that a place in a run is its session's own.

While a slider is held the browser has two questions under way and holds back all but the newest value of each stage, so
the server works at the next picture while the browser draws the last. The server keeps the newest question of each
stage of a tab, and answers those of all viewers in turn. A run goes on in slices between its pictures; the browser says
when it has drawn one, and at most two are ahead of it.

Belongs here what carries pictures outside of runs of the script. Imports `work` and below; what a stage draws
stands with its lesson, which is imported when somebody asks for it.
"""
