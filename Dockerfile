# An image of Asof, without root and without a shell at work: docs/deployment.md says how to use it. It copies files and
# runs scripts; test/deploy does the same without a Docker engine, as an unprivileged user in an empty folder.

# Debian, since the gateway's query planner is built for glibc only.
FROM node:22-bookworm-slim AS build
USER node
WORKDIR /home/node
# First what changes seldom, so that its layer is kept.
COPY --chown=node:node package.json package-lock.json ./
COPY --chown=node:node deploy/image ./deploy/image
RUN sh deploy/image/install.sh
COPY --chown=node:node tsconfig.json tsconfig.build.json README.md LICENSE ./
COPY --chown=node:node core ./core
COPY --chown=node:node adapters ./adapters
COPY --chown=node:node runtime ./runtime
COPY --chown=node:node pipelines ./pipelines
COPY --chown=node:node subgraphs ./subgraphs
COPY --chown=node:node gateway ./gateway
COPY --chown=node:node codegen ./codegen
COPY --chown=node:node schema ./schema
COPY --chown=node:node cli ./cli
RUN sh deploy/image/build.sh

FROM node:22-bookworm-slim
WORKDIR /asof
# The program belongs to root, and the process cannot change it.
COPY --from=build --chown=0:0 /home/node/image ./
# Two empty folders that the process may write; volumes that are mounted there begin with the same owner.
COPY --from=build --chown=1000:1000 /home/node/volumes /var/lib/asof
# By number, so that Kubernetes can tell that it is not root.
USER 1000:1000
ENV NODE_ENV=production
ENV HOST=0.0.0.0
ENV PORT=4000
ENV ASOF_DATA_DIR=/var/lib/asof/data
ENV OFFLINE_URL=/var/lib/asof/history
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "/asof/healthcheck.js"]
ENTRYPOINT ["node", "/asof/dist/cli/main.js"]
CMD ["serve"]
