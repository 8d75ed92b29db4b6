# One image for everything: the web server by default, any other command of manage.py as the container's.
#
#     docker build -t desk .
#     docker run --rm -p 127.0.0.1:8000:8000 -v desk:/data desk up --host 0.0.0.0
#
# tries it, with its own database and a sample brief. docs/compose.yaml has the parts for production, docs/production.md
# says why. Nothing but /data and /tmp is written to, by account 10001. One port for pages, files and streams; put what
# speaks TLS in front.
ARG PYTHON=3.11
FROM python:${PYTHON}-slim-trixie

# As process 1, Python would not be ended by a SIGTERM that it has no handler for, nor reap orphans.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --home-dir /data --no-create-home desk \
    && install --directory --owner desk --group desk /data

WORKDIR /app
COPY requirements.lock .
# Built packages only: a build from source would fetch tools that no hash is known of.
RUN pip install --no-cache-dir --root-user-action ignore --require-hashes --only-binary :all: -r requirements.lock

# Static files belong to the code, not to the data: an older volume would hide those of a newer image.
ENV DATA_DIR=/data STATIC_DIR=/app/built/static PYTHONUNBUFFERED=1
COPY . .
# The key is for this step alone, and makes nothing. Every file may be read, however it was checked out.
RUN SECRET_KEY=only-for-this-step python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q . \
    && chmod -R a+rX .

USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=120s --timeout=5s CMD ["python", "-m", "contentpipeline.container_health"]
ENTRYPOINT ["tini", "--", "python", "manage.py"]
CMD ["serve", "--host", "0.0.0.0"]
