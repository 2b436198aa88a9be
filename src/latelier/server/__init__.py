"""The server: REST, event streams, a job queue, and the page, in one process on one port.

It holds no state that is not in the run directories, and imports no torch: training happens in
child processes, and what needs a model is computed in a worker process.
"""
