import { Client, credentials } from "@grpc/grpc-js";

/** Opens a channel of one connection to `http://host:port` or, with TLS, `https://host:port`. */
export function openChannel(baseUrl: string, maxResponseBytes: number): Client {
  const { protocol, hostname, port } = new URL(baseUrl);
  const isSecure = protocol === "https:";
  return new Client(
    `dns:${hostname}:${port === "" ? (isSecure ? 443 : 80) : port}`,
    isSecure ? credentials.createSsl() : credentials.createInsecure(),
    {
      "grpc.max_receive_message_length": maxResponseBytes,
      // A peer that was restarted is found within a second.
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 1000,
      "grpc.dns_min_time_between_resolutions_ms": 1000,
      // A peer that is gone without a word is noticed.
      "grpc.keepalive_time_ms": 10_000,
      "grpc.keepalive_timeout_ms": 5000,
      "grpc.keepalive_permit_without_calls": 1,
      "grpc.use_local_subchannel_pool": 1,
      "grpc.service_config_disable_resolution": 1,
      "grpc.enable_http_proxy": 0,
      "grpc.enable_channelz": 0,
    },
  );
}
