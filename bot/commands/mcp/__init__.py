"""`gitinsight mcp`: answers questions on a local clone over the Model Context Protocol."""
