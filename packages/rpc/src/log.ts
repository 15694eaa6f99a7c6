/** What the server and the client write to their log; a pino logger fits. */
export type RpcLog = {
  readonly debug: LogSentence;
  readonly info: LogSentence;
  readonly warn: LogSentence;
  readonly error: LogSentence;
};

type LogSentence = (fields: object, sentence: string) => void;

/** Says nothing. */
export const silent: RpcLog = { debug: mute, info: mute, warn: mute, error: mute };

function mute(): void {}
