FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /app && /app/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE app.yml ./
COPY bot bot
COPY alembic alembic
RUN /app/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
# git reads the repositories; it is the only program from outside that the app needs.
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home gitinsight && install -d -o gitinsight /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH DATA_DIR=/data HOST=0.0.0.0 LOG_FORMAT=json PYTHONUNBUFFERED=1
USER gitinsight
# The rules of the secret scanner are compiled once, here; without it the first change with a suspicious word waits 10 s.
RUN python -c "from bot.scan.secrets import compile_rules; compile_rules()"
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD python -c "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/healthz', timeout=4)"
# `up` runs everything with an embedded Valkey; with DATABASE_URL and REDIS_URL, run web, worker and scheduler apart.
CMD ["gitinsight", "up"]
