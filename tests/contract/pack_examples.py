"""Pack the published webhook examples small.

    python tests/contract/pack_examples.py PATH/TO/api.github.com/index.json

PATH lies in the npm package `@octokit/webhooks-examples`; NOTICE tells which version is here.
"""

import json
import lzma
import sys
from pathlib import Path

EXAMPLES = Path(__file__).with_name("webhook-examples.json.xz")


def main() -> None:
    """Write a list of [event, payload], in the order of the source."""
    source = json.loads(Path(sys.argv[1]).read_text())
    pairs = [[event["name"], payload] for event in source for payload in event["examples"]]
    EXAMPLES.write_bytes(lzma.compress(json.dumps(pairs, separators=(",", ":")).encode(), preset=9))
    print(f"{EXAMPLES.name}: {len(pairs)} payloads, {EXAMPLES.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
