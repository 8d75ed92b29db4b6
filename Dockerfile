# The web server by default; `manage.py qcluster` as the command makes a worker of the same image.
# Set DATABASE_URL and SECRET_KEY (or SECRET_KEY_FILE); run `manage.py migrate` once for each release, and give that
# container alone MIGRATION_DATABASE_URL (or …_FILE), the owner of the tables: see docs/production.md.
# One port for pages, files and streams; put what speaks TLS in front, and have it set X-Forwarded-Proto.
# Not built in CI: treat it as a starting point.
FROM python:3.11-slim

RUN useradd --create-home --uid 10001 desk && mkdir /data && chown desk /data
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
# Built with a key and a data directory for this one step; nothing of them stays.
RUN SECRET_KEY=only-for-this-step DATA_DIR=/app/.data python manage.py collectstatic --no-input --verbosity 0 \
    && rm -f .data/secret_key && mv .data/static /data/static && rm -rf .data && chown -R desk /data

USER desk
ENV DATA_DIR=/data PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live/', timeout=3)"]
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0"]
