# Birdman as an image: `docker build -t birdman .` How to run a manager and workers from it: docs/install.md.

# Any image with Node 24, npm and a shell will do.
ARG BASE=node:24-slim

FROM ${BASE} AS build
# For a registry of your own: --build-arg NPM_CONFIG_REGISTRY=https://…
ARG NPM_CONFIG_REGISTRY
WORKDIR /src
# The dependencies are installed anew only when they change.
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run package -- --files /opt/birdman

FROM ${BASE}
COPY --from=build /opt/birdman /opt/birdman
# The flag: see scripts/package/node-flags.ts.
RUN printf '#!/bin/sh\nexec node --max-semi-space-size=2 /opt/birdman/birdman.js "$@"\n' >/usr/local/bin/birdman \
  && chmod 755 /usr/local/bin/birdman \
  # A volume that is mounted here for the first time is its user's: a manager needs not be root.
  && mkdir -p /var/lib/birdman \
  && chown 1000:1000 /var/lib/birdman \
  && chmod 700 /var/lib/birdman
ENV BIRDMAN_DATA_DIR=/var/lib/birdman
VOLUME /var/lib/birdman
EXPOSE 8080 8081
# It starts as process 1 and ends in good order on SIGTERM.
ENTRYPOINT ["birdman"]
CMD ["--help"]
