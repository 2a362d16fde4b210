"""The app's entry: Streamlit's server imports it once, and runs it for every request of a viewer."""

if __name__ == "__main__":
    from pages.ui import entry

    entry.answer()
elif __name__ == "streamlit_app":  # a process that this one starts imports the file too, under another name
    import sys

    from streamlit import App

    from pages.ui.channel import socket
    from pages.ui.process import server, upkeep

    upkeep.keep_memory_together()
    sys.setswitchinterval(0.0005)  # s; in Python's own 0.005 what only passes something on waits for what computes
    app = App(
        __file__, routes=[*server.routes(), *socket.routes()], middleware=server.middleware(), lifespan=server.lifespan
    )
