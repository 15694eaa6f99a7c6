/** Gathers the schemas of others that ours import, from the npm packages that carry them. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { file_buf_validate_validate } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

import { printProto } from "./print-proto.ts";

const target = join(import.meta.dirname, "../../.proto-deps");
const require = createRequire(import.meta.url);

const copied = {
  "grpc/health/v1/health.proto": "grpc-health-check/proto/health/v1/health.proto",
  "grpc/reflection/v1/reflection.proto":
    "@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto",
  "grpc/reflection/v1alpha/reflection.proto":
    "@grpc/reflection/build/proto/grpc/reflection/v1alpha/reflection.proto",
  "google/rpc/error_details.proto": "google-proto-files/google/rpc/error_details.proto",
  "google/rpc/status.proto": "google-proto-files/google/rpc/status.proto",
} as const;

rmSync(target, { recursive: true, force: true });
for (const [path, source] of Object.entries(copied)) {
  mkdirSync(dirname(join(target, path)), { recursive: true });
  copyFileSync(resolveFile(source), join(target, path));
}
mkdirSync(join(target, "buf/validate"), { recursive: true });
writeFileSync(join(target, "buf/validate/validate.proto"), printProto(file_buf_validate_validate));

/** Finds a file of an installed package whose `exports` may not list it. */
function resolveFile(path: string): string {
  const parts = path.split("/");
  const name = path.startsWith("@") ? parts.slice(0, 2).join("/") : parts.slice(0, 1).join("/");
  for (const folder of require.resolve.paths(name) ?? []) {
    const candidate = join(folder, path);
    try {
      require("node:fs").accessSync(candidate);
      return candidate;
    } catch {
      continue;
    }
  }
  throw new Error(`${path} is not installed: run npm ci`);
}
