"""ONNX Runtime sessions, all opened in one way: on the CPU and quiet."""

from pathlib import Path

import onnxruntime

from lineament.errors import BadInputError
from lineament.runtime.onnx_graph import quickened


def open_session(path: Path, threads: int | None = None) -> onnxruntime.InferenceSession:
    """Open the network in `path` for inference on `threads` threads (as many as cores when None).

    Raises BadInputError when the file is missing or is no ONNX model.
    """
    if not path.is_file():
        raise BadInputError(f"{path} is missing; install lineament again or name another model folder")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if threads is not None:
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
    given = path.read_bytes()
    model = quickened(given)
    try:
        # Unchanged files are opened where they lie: some name others beside them.
        source = str(path) if model is given else model
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own exceptions share no public base class
        raise BadInputError(f"{path} cannot be read as an ONNX model; install or fetch it again") from error
