# An edge, for an external PostgreSQL: `docker run -e WEIR_DATABASE_URL=postgres://… -p 443:443 -p 80:80 weir`.
# The embedded PostgreSQL and the Node that npm brings are left out; the base image has the Node that weir is tested on.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
# Of the same Debian: what it builds runs on the other one's C library.
ARG BUILD_IMAGE=node:24.21.0-bookworm

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /opt/weir
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

# Needs a C compiler, which the slim image has not.
FROM ${BUILD_IMAGE} AS addon
WORKDIR /opt/weir
COPY --from=dependencies /opt/weir/node_modules/node-api-headers node_modules/node-api-headers
COPY edge/engine/splice edge/engine/splice
RUN node edge/engine/splice/build.mjs

FROM ${NODE_IMAGE}
# Nothing installs packages in here: what could is gone.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /opt/yarn-* /usr/local/bin/yarn /usr/local/bin/yarnpkg \
    && install -d -o node -g node -m 0750 /var/lib/weir \
    && ln -s /opt/weir/edge/cli/weir.js /usr/local/bin/weir
WORKDIR /opt/weir
COPY --from=dependencies /opt/weir/node_modules node_modules
COPY package.json LICENSE ./
COPY config config
COPY routing routing
COPY edge edge
COPY --from=addon /opt/weir/edge/engine/splice/build edge/engine/splice/build

ENV NODE_ENV=production \
    WEIR_STATE_DIR=/var/lib/weir \
    NODE_COMPILE_CACHE=/var/lib/weir/compile-cache
VOLUME /var/lib/weir

# By number, so that an orchestrator can see that it is not root. Ports below 1024: Docker lets every user of a container
# bind them; elsewhere add the capability NET_BIND_SERVICE or lower net.ipv4.ip_unprivileged_port_start.
USER 1000:1000
EXPOSE 443 80

# Ready: the table is loaded and every listener is open. The admin server listens on loopback unless told otherwise.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "const port = (process.env.WEIR_ADMIN_ADDRESS || ':9901').split(':').pop(); fetch(`http://localhost:${port}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

STOPSIGNAL SIGTERM
ENTRYPOINT ["weir"]
CMD ["up"]
