"""The live channel: pictures that follow the hand, past Streamlit's runs of the script.

A *stage* is a part of a page whose pictures follow sliders while they are held: a pure function of a `Look`. The page
draws a stage as anything else; while a slider is held the browser asks for the same pictures over a WebSocket, one a
tab, and Streamlit hears the value once, when it is let go. Without the channel (AppTest, another launcher, a proxy
that lets no WebSocket through) nothing else changes: pictures follow when the slider is let go.

The protocol (`protocol.py`, `static/live.js`), version 1, texts of JSON:

    browser -> server   {"v": 1, "n": 7, "stage": "encoding.network", "query": {...}, "hand": ["hidden_size", 12]}
    server -> browser   {"n": 7, "stage": "encoding.network", "pictures": {"states": {"figure", "alt", "note"}}}
                        {"n": 7, "stage": "encoding.network", "trouble": "what is wrong and what would work"}

The browser has `WINDOW` questions on their way and holds back but the newest value of each stage, so the server works
at the next picture while the browser draws the last. The server keeps the newest question of each stage of a tab, and
answers those of all viewers in turn.

Belongs here what carries pictures outside of runs of the script. Imports `components` and below; what a stage draws
stands with its lesson, which is imported when somebody asks for it.
"""
