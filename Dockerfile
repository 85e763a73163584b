# A release builds with BASE=python:3.12-slim@sha256:… (.github/workflows/release.yml).
ARG BASE=python:3.12-slim
FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /app && /app/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml LICENSE app.yml README.md CHANGELOG.md CONTRIBUTING.md PRIVACY.md SECURITY.md SUPPORT.md ./
COPY docs docs
COPY bot bot
COPY alembic alembic
RUN /app/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=
ARG SOURCE=
# https://github.com/opencontainers/image-spec/blob/main/annotations.md
LABEL org.opencontainers.image.title="GitInsight" \
    org.opencontainers.image.description="Analyzes every push and pull request against the repository's own history" \
    org.opencontainers.image.licenses="Apache-2.0 AND MIT AND BSD-3-Clause" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}" \
    org.opencontainers.image.source="${SOURCE}"
# git reads the repositories; it is the only program from outside that the app needs.
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 gitinsight && useradd --uid 10001 --gid 10001 --create-home gitinsight \
    && install -d -o gitinsight -g gitinsight -m 0700 /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH DATA_DIR=/data HOST=0.0.0.0 LOG_FORMAT=json PYTHONUNBUFFERED=1
# A number, so that Kubernetes can tell that it is not root.
USER 10001:10001
# The rules of the secret scanner are compiled once, here; without it the first change with a suspicious word waits 10 s.
RUN python -c "from bot.scan.secrets import compile_rules; compile_rules()"
# The root may be read-only: all that is written goes to /data and /tmp.
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD python -c "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/healthz', timeout=4)"
# `up` runs everything with an embedded Valkey; with DATABASE_URL and REDIS_URL, run web, worker and scheduler apart.
CMD ["gitinsight", "up"]
