"""The wire to model servers: requests, streams in many dialects, and what their errors mean."""
