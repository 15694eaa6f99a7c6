# One image for every service: the command says which one runs.
FROM node:26-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json ./
COPY gen ./gen
COPY packages ./packages
COPY sagas ./sagas
COPY services ./services
COPY tests/package.json ./tests/package.json
# The workspaces must be links into the image: Node refuses to strip types below node_modules.
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
USER node
CMD ["node", "services/order/src/main.ts"]
