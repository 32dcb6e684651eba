# Builds the product from a clean checkout and runs it as an unprivileged user on a
# read-only root; /var/lib/dropscope is the only place it writes to.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json turbo.json tsconfig.json ./
COPY packages ./packages
COPY proto ./proto
COPY scripts ./scripts
# No run-time package needs an install script.
RUN npm ci --ignore-scripts --no-audit --no-fund \
 && npm run build \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
RUN groupadd --gid 10001 dropscope \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/dropscope --shell /usr/sbin/nologin dropscope \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/dropscope
WORKDIR /opt/dropscope
COPY --from=build --chown=0:0 /src/package.json ./package.json
COPY --from=build --chown=0:0 /src/node_modules ./node_modules
COPY --from=build --chown=0:0 /src/packages ./packages
COPY LICENSE ./LICENSE
# Memory: the reasons are in scripts/memory.mjs.
ENV MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=65536
# A container of `correlate` alone is better off with an empty NODE_OPTIONS.
ENV NODE_OPTIONS=--max-semi-space-size=2
ENV NODE_ENV=production DROPSCOPE_DATA=/var/lib/dropscope DROPSCOPE_LOG_FORMAT=json
USER 10001:10001
VOLUME /var/lib/dropscope
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--disallow-code-generation-from-strings", "packages/cli/bin/dropscope.mjs"]
CMD ["up"]
