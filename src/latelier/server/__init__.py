"""The server: files in, REST and SSE out. It imports no torch."""
